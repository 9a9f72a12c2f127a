// SPDX-License-Identifier: EUPL-1.2
#include "billing/agreement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace fernamt::billing {

namespace {

constexpr std::array kUnits{
    std::pair{Unit::second, std::string_view{"second"}},
    std::pair{Unit::started_six_seconds, std::string_view{"started_six_seconds"}},
    std::pair{Unit::started_minute, std::string_view{"started_minute"}}};
constexpr std::array kLevels{std::pair{Level::per_call, std::string_view{"per_call"}},
                             std::pair{Level::on_sum, std::string_view{"on_sum"}}};
constexpr std::array kRoundings{std::pair{Rounding::half_up, std::string_view{"half_up"}},
                                std::pair{Rounding::half_even, std::string_view{"half_even"}},
                                std::pair{Rounding::up, std::string_view{"up"}},
                                std::pair{Rounding::down, std::string_view{"down"}}};

template <class Table, class Value>
std::string_view name_of(const Table &table, Value value) {
    for (const auto &[each, name] : table) {
        if (each == value) return name;
    }
    return "";
}

template <class Value, class Table>
std::optional<Value> value_of(const Table &table, std::string_view text) {
    for (const auto &[value, name] : table) {
        if (name == text) return value;
    }
    return std::nullopt;
}

bool exists(const LocalDate &date) {
    const auto same = parse_date(to_string(date));
    return same && *same == date;
}

std::string_view unit_words(Unit unit) {
    switch (unit) {
    case Unit::second:
        return "volle Sekunden (Takt 1/1)";
    case Unit::started_six_seconds:
        return "angefangene sechs Sekunden (Takt 6/6)";
    case Unit::started_minute:
        return "angefangene Minuten (Takt 60/60)";
    }
    return "";
}

std::string_view rounding_words(Rounding rounding) {
    switch (rounding) {
    case Rounding::half_up:
        return "kaufmännisch auf volle Cent gerundet";
    case Rounding::half_even:
        return "auf volle Cent gerundet, ein halber Cent zur geraden Zahl";
    case Rounding::up:
        return "auf volle Cent aufgerundet";
    case Rounding::down:
        return "auf volle Cent abgerundet";
    }
    return "";
}

} // namespace

std::string_view to_string(Unit unit) {
    return name_of(kUnits, unit);
}
std::string_view to_string(Level level) {
    return name_of(kLevels, level);
}
std::string_view to_string(Rounding rounding) {
    return name_of(kRoundings, rounding);
}
std::optional<Unit> parse_unit(std::string_view text) {
    return value_of<Unit>(kUnits, text);
}
std::optional<Level> parse_level(std::string_view text) {
    return value_of<Level>(kLevels, text);
}
std::optional<Rounding> parse_rounding(std::string_view text) {
    return value_of<Rounding>(kRoundings, text);
}

std::int64_t seconds_in(Unit unit) {
    switch (unit) {
    case Unit::second:
        return 1;
    case Unit::started_six_seconds:
        return 6;
    case Unit::started_minute:
        return 60;
    }
    return 1;
}

bool covers(const Agreement &agreement, const LocalDate &date) {
    return agreement.valid_from <= date && (!agreement.valid_to || date <= *agreement.valid_to);
}

Expected<void> check(const Agreement &agreement) {
    const auto invalid = [](std::string field) {
        return fail(ProblemKind::invalid_input, "agreement.invalid", {{"field", std::move(field)}});
    };
    if (agreement.municipality.value <= 0) return invalid("municipality");
    if (!exists(agreement.valid_from)) return invalid("valid_from");
    if (agreement.valid_to && !exists(*agreement.valid_to)) return invalid("valid_to");
    if (agreement.valid_to && *agreement.valid_to < agreement.valid_from)
        return invalid("valid_to");
    if (agreement.price_per_minute < Price{0} || agreement.price_per_minute > kHighestPrice) {
        return invalid("price_per_minute");
    }
    if (agreement.clause.empty()) return invalid("clause");
    return {};
}

Expected<void> check_overlap(const std::vector<Agreement> &agreements) {
    std::vector<const Agreement *> sorted;
    for (const Agreement &agreement : agreements)
        sorted.push_back(&agreement);
    std::ranges::sort(sorted, {},
                      [](const Agreement *a) { return std::pair{a->valid_from, a->id}; });
    for (std::size_t i = 1; i < sorted.size(); ++i) {
        // The one that reaches furthest need not be the one just before.
        for (std::size_t j = 0; j < i; ++j) {
            const Agreement &earlier = *sorted[j];
            const Agreement &later = *sorted[i];
            if (earlier.valid_to && *earlier.valid_to < later.valid_from) continue;
            std::optional<LocalDate> to = earlier.valid_to;
            if (later.valid_to && (!to || *later.valid_to < *to)) to = later.valid_to;
            return fail(ProblemKind::conflict, "agreement.price_overlap",
                        {{"from", to_string(later.valid_from)}, {"to", to ? to_string(*to) : ""}});
        }
    }
    return {};
}

std::string standard_clause(const Agreement &agreement) {
    const std::string_view what =
        agreement.counts_after_call_work
            ? "Abgerechnet werden Gesprächszeit und Nachbereitungszeit der angenommenen Anrufe"
            : "Abgerechnet wird die Gesprächszeit der angenommenen Anrufe";
    const std::string price = to_german(agreement.price_per_minute);
    if (agreement.level == Level::per_call) {
        return fmt::format(
            "{} zum Preis von {} je Minute. Die Zeit wird je Anruf auf {} aufgerundet; "
            "der Betrag wird je Anruf {}.",
            what, price, unit_words(agreement.unit), rounding_words(agreement.rounding));
    }
    return fmt::format("{} zum Preis von {} je Minute. Die Zeiten eines Monats werden ungerundet "
                       "zusammengezählt; die Summe wird auf {} aufgerundet; der Betrag wird {}.",
                       what, price, unit_words(agreement.unit), rounding_words(agreement.rounding));
}

} // namespace fernamt::billing
