// SPDX-License-Identifier: EUPL-1.2
#include "billing/agreement.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace fernamt::billing {

namespace {

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

std::vector<Gap> gaps(const std::vector<Agreement> &agreements) {
    std::vector<const Agreement *> sorted;
    for (const Agreement &agreement : agreements)
        sorted.push_back(&agreement);
    std::ranges::sort(sorted, {}, [](const Agreement *a) { return a->valid_from; });
    std::vector<Gap> found;
    std::optional<LocalDate> covered; // up to and including
    for (const Agreement *agreement : sorted) {
        if (covered && add_days(*covered, 1) < agreement->valid_from)
            found.push_back({add_days(*covered, 1), add_days(agreement->valid_from, -1)});
        if (!agreement->valid_to) break;
        if (!covered || *covered < *agreement->valid_to) covered = agreement->valid_to;
    }
    return found;
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
