// SPDX-License-Identifier: EUPL-1.2
// The standard model of a Zweckvereinbarung as the admin page keeps it: minutes of
// talk, with or without after-call work, times a price per minute that is valid from-to, with the
// rounding named in a clause; one price model of agreements/price.h, rated by that engine alone. A
// municipality with a whole agreement (agreement_book.h) does not need it. Only its end may be set
// later; a new price is a new row. Its table is called "agreement" since the first days (whole
// agreements: "agreement_record"); standard_price_version keeps it as it stood after each change.
#pragma once

#include "agreements/price.h"
#include "base/calendar.h"
#include "base/id.h"
#include "base/money.h"
#include "base/problem.h"
#include "billing/change.h"
#include "storage/database.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fernamt::billing {

using agreements::kHighestPrice;
using agreements::Level;
using agreements::Unit;

struct StandardPrice {
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

    friend bool operator==(const StandardPrice &, const StandardPrice &) = default;
};

// Problem "agreement.invalid" with the argument "field".
[[nodiscard]] Expected<void> check(const StandardPrice &price);
// Problem "agreement.price_overlap" with from and to, the days that two of them cover.
[[nodiscard]] Expected<void> check_overlap(const std::vector<StandardPrice> &prices);

struct Gap { // days between two prices that none covers
    LocalDate from;
    LocalDate to; // included
    friend bool operator==(const Gap &, const Gap &) = default;
};
// By date. Before the first and after the last there is no gap: there was none yet, or no more.
[[nodiscard]] std::vector<Gap> gaps(const std::vector<StandardPrice> &prices);

// What the clause of the standard model says in German for these settings.
[[nodiscard]] std::string standard_clause(const StandardPrice &price);

// One clause per price, in their order. Its contract years begin with a month, so that no month is
// divided: nothing of the standard model counts by the year.
[[nodiscard]] agreements::PriceList to_price_list(MunicipalityId municipality,
                                                  const std::vector<StandardPrice> &prices);

// ---- stored --------------------------------------------------------------------------------
// By valid_from.
[[nodiscard]] Expected<std::vector<StandardPrice>> standard_prices(storage::Database &database,
                                                                   MunicipalityId municipality);
struct StandardPriceVersion {
    std::vector<StandardPrice> prices; // by valid_from
    std::int64_t version = 0;          // grows with every change of the municipality's prices
};
[[nodiscard]] Expected<StandardPriceVersion> standard_prices_now(storage::Database &database,
                                                                 MunicipalityId municipality);
// As they stood with that version.
[[nodiscard]] Expected<std::vector<StandardPrice>>
standard_prices_as_of(storage::Database &database, MunicipalityId municipality,
                      std::int64_t version);
// Gives the price its id if it has none; refuses what check or check_overlap refuses.
[[nodiscard]] Expected<std::int64_t> add_price(storage::Database &database, StandardPrice price,
                                               const Alongside &also = {});
// The last day of a price without one: it is the only thing that may be set later.
// "agreement.not_found", "agreement.ended", "agreement.invalid".
[[nodiscard]] Expected<void> end_price(storage::Database &database, std::int64_t id,
                                       const LocalDate &last_day, const Alongside &also = {});
// Takes back what was entered by mistake, as long as no call has to be billed by it:
// "agreement.not_found", "agreement.billed" {calls}.
[[nodiscard]] Expected<void> withdraw_price(storage::Database &database, std::int64_t id,
                                            const Alongside &also = {});

// 0.95 EUR per minute of talk and after-call work, by the second, per call, half up, from
// 2026-01-01 with open end, for each municipality that has no price yet. Returns how many it
// added: a second run adds none.
[[nodiscard]] Expected<std::int64_t>
seed_demo_prices(storage::Database &database, const std::vector<MunicipalityId> &municipalities);

} // namespace fernamt::billing
