// SPDX-License-Identifier: EUPL-1.2
// The standard model of a Zweckvereinbarung: minutes of talk, with or without
// after-call work, times a price per minute that is valid from-to, with the rounding named in a
// clause. An agreement is never changed once it is in force; a new price is a new agreement with a
// new period. The functions at the end store and read agreements.
#pragma once

#include "agreements/clause.h"
#include "base/calendar.h"
#include "base/id.h"
#include "base/money.h"
#include "base/problem.h"
#include "storage/database.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::billing {

using agreements::Level;
using agreements::parse_level;
using agreements::parse_rounding;
using agreements::parse_unit;
using agreements::round_up_to;
using agreements::seconds_in;
using agreements::to_string;
using agreements::Unit;

struct Agreement {
    std::int64_t id = 0;
    MunicipalityId municipality;
    LocalDate valid_from;
    std::optional<LocalDate> valid_to; // the last day, included; empty: open end
    Price price_per_minute;
    bool counts_after_call_work = true; // "Minutenpreis incl. Nachbereitung"
    Unit unit = Unit::second;
    Level level = Level::per_call;
    Rounding rounding = Rounding::half_up; // to cents
    std::string clause;                    // the agreement's words that say all this

    friend bool operator==(const Agreement &, const Agreement &) = default;
};

inline constexpr Price kHighestPrice{1'000'000'000}; // 1,000 EUR per minute: a typing error

[[nodiscard]] bool covers(const Agreement &agreement, const LocalDate &date);

// Problem "agreement.invalid" with the argument "field".
[[nodiscard]] Expected<void> check(const Agreement &agreement);
// Problem "agreement.price_overlap" with from and to, the days that two of them cover.
[[nodiscard]] Expected<void> check_overlap(const std::vector<Agreement> &agreements);

struct Gap { // days between two agreements that none covers
    LocalDate from;
    LocalDate to; // included
    friend bool operator==(const Gap &, const Gap &) = default;
};
// By date. Before the first and after the last there is no gap: there was none yet, or no more.
[[nodiscard]] std::vector<Gap> gaps(const std::vector<Agreement> &agreements);

// What the clause of the standard model says in German for these settings.
[[nodiscard]] std::string standard_clause(const Agreement &agreement);

// ---- stored --------------------------------------------------------------------------------
// What must stand or fall with a change (its entry in the audit): called within the transaction.
using Alongside = std::function<Expected<void>(storage::Connection &)>;

// By valid_from.
[[nodiscard]] Expected<std::vector<Agreement>> agreements_of(storage::Database &database,
                                                             MunicipalityId municipality);
[[nodiscard]] Expected<std::vector<Agreement>> all_agreements(storage::Database &database);
// Gives the agreement its id if it has none; refuses what check or check_overlap refuses.
[[nodiscard]] Expected<std::int64_t> add_agreement(storage::Database &database, Agreement agreement,
                                                   const Alongside &also = {});
// The last day of an agreement without one: it is the only thing that may be set later.
// "agreement.not_found", "agreement.ended", "agreement.invalid".
[[nodiscard]] Expected<void> end_agreement(storage::Database &database, std::int64_t id,
                                           const LocalDate &last_day, const Alongside &also = {});
// Takes back what was entered by mistake, as long as no call has to be billed by it:
// "agreement.not_found", "agreement.billed" {calls}.
[[nodiscard]] Expected<void> withdraw_agreement(storage::Database &database, std::int64_t id,
                                                const Alongside &also = {});

// 0.95 EUR per minute of talk and after-call work, by the second, per call, half up, from
// 2026-01-01 with open end, for each municipality that has no agreement yet. Returns how many it
// added: a second run adds none.
[[nodiscard]] Expected<std::int64_t>
seed_demo_agreements(storage::Database &database,
                     const std::vector<MunicipalityId> &municipalities);

} // namespace fernamt::billing
