// SPDX-License-Identifier: EUPL-1.2
// Stores how municipalities join (agreements/onboarding.h), with every version; writes
// questionnaire and checklist as CSV and JSON. No rights are checked here; web does.
#pragma once

#include "agreements/onboarding.h"
#include "billing/change.h"
#include "storage/database.h"

#include <functional>
#include <string>
#include <vector>

namespace fernamt::billing {

struct StoredOnboarding {
    agreements::Onboarding onboarding;
    std::int64_t version = 1;
    friend bool operator==(const StoredOnboarding &, const StoredOnboarding &) = default;
};

class OnboardingBook {
  public:
    explicit OnboardingBook(storage::Database &database) : database_(database) {}

    // "onboarding.exists".
    [[nodiscard]] Expected<StoredOnboarding> begin(MunicipalityId municipality, Land land,
                                                   const LocalDate &go_live, const Change &change);
    [[nodiscard]] Expected<StoredOnboarding> find(MunicipalityId municipality); // "onboarding.none"
    [[nodiscard]] Expected<std::vector<StoredOnboarding>> list();               // by go-live day
    // What `edit` makes of it; its problems, and "onboarding.stale" (version).
    using Edit = std::function<Expected<void>(agreements::Onboarding &)>;
    [[nodiscard]] Expected<StoredOnboarding> change(MunicipalityId municipality,
                                                    std::int64_t expected_version, const Edit &edit,
                                                    const Change &change);

  private:
    storage::Database &database_;
};

[[nodiscard]] std::string to_document(const agreements::Onboarding &onboarding);
[[nodiscard]] Expected<agreements::Onboarding> onboarding_from(std::string_view document);
// Semicolons, CRLF, RFC 4180; first the questions with their answers, then the tasks.
[[nodiscard]] std::string to_csv(const agreements::Onboarding &onboarding);

} // namespace fernamt::billing
