// SPDX-License-Identifier: EUPL-1.2
// Cost cover and the yearly recalculation (R-53, R-54; Soest: "jeweils jährlich eine
// Kostenkalkulation auf Basis der Kosten des Vorjahres", "einvernehmlich"): the price that would
// have covered last year, the surplus or shortage by a key, and the record of who agreed when.
#pragma once

#include "agreements/distribution.h"
#include "base/calendar.h"
#include "base/id.h"
#include "base/money.h"
#include "base/problem.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::agreements {

struct CostCover {
    Money cost;
    Money income;              // what all agreements brought, levies and third parties included
    Money surplus;             // negative: shortage
    std::vector<Money> shares; // of the surplus, per key
};
// "agreement.key_empty".
[[nodiscard]] Expected<CostCover> cost_cover(Money cost, Money income,
                                             const std::vector<std::int64_t> &key);

struct PreviousYear {
    int year = 0;
    Money cost;                        // the whole cost of the centre
    Money fixed_income;                // bases, levies: what does not depend on minutes
    std::int64_t billable_seconds = 0; // of all municipalities, after the cadence
};
// cost less fixed income, by billable minutes, rounded to 1/`steps_per_euro` of a euro (100: whole
// cents) by `rounding`. Never negative. "recalculation.no_minutes" (remedy).
[[nodiscard]] Expected<Price> cost_covering_price(const PreviousYear &year,
                                                  std::int64_t steps_per_euro = 100,
                                                  Rounding rounding = Rounding::half_up);

// A proposal becomes a price only when both sides have agreed, and only from its day on.
enum class ProposalState { proposed, agreed_by_one, agreed, rejected };
[[nodiscard]] std::string_view to_string(ProposalState state);

enum class Side { centre, municipality };

struct Consent {
    Side side = Side::centre;
    bool agrees = true;
    UserId by;
    LocalDate on;
    std::string note; // "Ratsbeschluss 2026/112"
    friend bool operator==(const Consent &, const Consent &) = default;
};

struct Proposal {
    MunicipalityId municipality;
    std::string clause; // PriceClause::name it changes
    Price old_price;
    Price new_price;
    LocalDate effective;
    LocalDate proposed_on;
    UserId proposed_by;
    std::vector<Consent> consents; // in order; nothing is taken back
    friend bool operator==(const Proposal &, const Proposal &) = default;
};
[[nodiscard]] ProposalState state_of(const Proposal &proposal);
// "recalculation.decided" once it is agreed or rejected; "recalculation.twice" for a side that has
// spoken; "recalculation.too_late" (effective) after the day from which it should count.
[[nodiscard]] Expected<void> consent(Proposal &proposal, const Consent &consent);

} // namespace fernamt::agreements
