// SPDX-License-Identifier: EUPL-1.2
// What finance has to be told by itself: budgets that will not last and agreements whose
// notice period comes near. Shown on finance's first page until it is over, and sent by mail
// once per threshold, to the addresses of the billing details. Names no person.
#pragma once

#include "agreements/early_warning.h"
#include "base/calendar.h"
#include "base/id.h"
#include "storage/database.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace fernamt::billing {

struct BudgetNotice {
    MunicipalityId municipality;
    int year = 0;
    int month = 0; // known up to its end
    agreements::Alarm alarm = agreements::Alarm::none;
    Money budget;
    Money forecast;
    std::optional<int> exhausted_in;
    friend bool operator==(const BudgetNotice &, const BudgetNotice &) = default;
};

struct AgreementNotice {
    std::int64_t agreement = 0;
    MunicipalityId municipality;
    std::string title;
    LocalDate remind_on; // the reminder that is due
    LocalDate notice_until;
    LocalDate last_day;
    friend bool operator==(const AgreementNotice &, const AgreementNotice &) = default;
};

struct FinanceNotices {
    std::vector<BudgetNotice> budgets;       // of the running year, without those that are fine
    std::vector<AgreementNotice> agreements; // the nearest first
    friend bool operator==(const FinanceNotices &, const FinanceNotices &) = default;
};
[[nodiscard]] Expected<FinanceNotices>
finance_notices(storage::Database &database, std::optional<MunicipalityId> only, Instant now);

// Looks at every municipality with a budget once a day, and when another month is over. A
// municipality whose year cannot be rated keeps its last figure; how many those are is returned.
[[nodiscard]] Expected<int> watch_budgets(storage::Database &database, Instant now);

using SendMail = std::function<Expected<void>(const std::string &to, const std::string &subject,
                                              const std::string &text)>;
struct NoticesSent {
    int sent = 0;
    int failed = 0; // tried again next time
};
// One mail per threshold (warning, exceeded) and reminder, to the centre and to the municipality.
// `address`: where the office is reached, for the link; may be empty.
[[nodiscard]] Expected<NoticesSent> send_notices(storage::Database &database, Instant now,
                                                 const SendMail &send, const std::string &address);

} // namespace fernamt::billing
