// SPDX-License-Identifier: EUPL-1.2
// The account with a partner centre: what we took for it and what it took for us in a month,
// each by its own price per minute, and what remains to be paid to whom. A statement for both sides
// to check, not an invoice: it has no number, and VAT is left to the agreement between the centres.
#pragma once

#include "base/money.h"
#include "billing/change.h"
#include "billing/month.h"
#include "routing/rules.h"

#include <map>
#include <string>
#include <vector>

namespace fernamt::billing {

struct PartnerPrice {
    routing::PartnerId partner;
    Month from;
    Price
        taken_for;  // per minute, the partner pays us; on the month's sum, started seconds, half up
    Price taken_by; // per minute, we pay the partner
    bool counts_after_call_work = true; // of what we took
    std::string words;                  // of the agreement between both
    friend bool operator==(const PartnerPrice &, const PartnerPrice &) = default;
};

struct PartnerSums { // of one month
    std::int64_t taken_for = 0;
    Duration talk{};
    Duration after_call_work{};
    std::int64_t taken_by = 0;
    Duration transferred{};
};

struct PartnerStatement {
    std::int64_t seconds_taken_for = 0;
    std::int64_t seconds_taken_by = 0;
    Money owed_to_us;
    Money owed_by_us;
    Money balance; // positive: the partner pays
    friend bool operator==(const PartnerStatement &, const PartnerStatement &) = default;
};
[[nodiscard]] PartnerStatement statement_of(const PartnerPrice &price, const PartnerSums &sums);

class PartnerPrices {
  public:
    explicit PartnerPrices(storage::Database &database) : database_(database) {}
    // Said again for the same month, the later one holds. "partner.price_past": the month before
    // the running one and earlier ones are settled.
    [[nodiscard]] Expected<void> set(const PartnerPrice &price, const Change &change);
    // What holds in the month; partners without a price are left out.
    [[nodiscard]] Expected<std::map<routing::PartnerId, PartnerPrice>> in(const Month &month);

  private:
    storage::Database &database_;
};

struct PartnerLine {
    std::string name;
    PartnerSums sums;
    std::optional<PartnerPrice> price;
};
// Semicolons, decimal comma, CRLF, as docs/reference/billing.md says.
[[nodiscard]] std::string partner_csv(const Month &month, const std::vector<PartnerLine> &lines);

} // namespace fernamt::billing
