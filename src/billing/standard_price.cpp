// SPDX-License-Identifier: EUPL-1.2
#include "billing/standard_price.h"

#include "agreements/dates.h"
#include "agreements/month.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace fernamt::billing {

namespace {

using agreements::exists;

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

Expected<void> check(const StandardPrice &price) {
    const auto invalid = [](std::string field) {
        return fail(ProblemKind::invalid_input, "agreement.invalid", {{"field", std::move(field)}});
    };
    if (price.municipality.value <= 0) return invalid("municipality");
    if (!exists(price.valid_from)) return invalid("valid_from");
    if (price.valid_to && !exists(*price.valid_to)) return invalid("valid_to");
    if (price.valid_to && *price.valid_to < price.valid_from) return invalid("valid_to");
    if (price.price_per_minute < Price{0} || price.price_per_minute > kHighestPrice) {
        return invalid("price_per_minute");
    }
    if (price.clause.empty()) return invalid("clause");
    return {};
}

Expected<void> check_overlap(const std::vector<StandardPrice> &prices) {
    std::vector<const StandardPrice *> sorted;
    for (const StandardPrice &price : prices)
        sorted.push_back(&price);
    std::ranges::sort(sorted, {},
                      [](const StandardPrice *a) { return std::pair{a->valid_from, a->id}; });
    for (std::size_t i = 1; i < sorted.size(); ++i) {
        // The one that reaches furthest need not be the one just before.
        for (std::size_t j = 0; j < i; ++j) {
            const StandardPrice &earlier = *sorted[j];
            const StandardPrice &later = *sorted[i];
            if (earlier.valid_to && *earlier.valid_to < later.valid_from) continue;
            std::optional<LocalDate> to = earlier.valid_to;
            if (later.valid_to && (!to || *later.valid_to < *to)) to = later.valid_to;
            return fail(ProblemKind::conflict, "agreement.price_overlap",
                        {{"from", to_string(later.valid_from)}, {"to", to ? to_string(*to) : ""}});
        }
    }
    return {};
}

std::vector<Gap> gaps(const std::vector<StandardPrice> &prices) {
    std::vector<const StandardPrice *> sorted;
    for (const StandardPrice &price : prices)
        sorted.push_back(&price);
    std::ranges::sort(sorted, {}, [](const StandardPrice *a) { return a->valid_from; });
    std::vector<Gap> found;
    std::optional<LocalDate> covered; // up to and including
    for (const StandardPrice *price : sorted) {
        if (covered && add_days(*covered, 1) < price->valid_from)
            found.push_back({add_days(*covered, 1), add_days(price->valid_from, -1)});
        if (!price->valid_to) break;
        if (!covered || *covered < *price->valid_to) covered = price->valid_to;
    }
    return found;
}

std::string standard_clause(const StandardPrice &price) {
    const std::string_view what =
        price.counts_after_call_work
            ? "Abgerechnet werden Gesprächszeit und Nachbereitungszeit der angenommenen Anrufe"
            : "Abgerechnet wird die Gesprächszeit der angenommenen Anrufe";
    const std::string amount = to_german(price.price_per_minute);
    if (price.level == Level::per_call) {
        return fmt::format(
            "{} zum Preis von {} je Minute. Die Zeit wird je Anruf auf {} aufgerundet; "
            "der Betrag wird je Anruf {}.",
            what, amount, unit_words(price.unit), rounding_words(price.rounding));
    }
    return fmt::format("{} zum Preis von {} je Minute. Die Zeiten eines Monats werden ungerundet "
                       "zusammengezählt; die Summe wird auf {} aufgerundet; der Betrag wird {}.",
                       what, amount, unit_words(price.unit), rounding_words(price.rounding));
}

agreements::PriceList to_price_list(MunicipalityId municipality,
                                    const std::vector<StandardPrice> &prices) {
    agreements::PriceList list;
    list.municipality = municipality;
    for (const StandardPrice &price : prices) {
        agreements::MinutePrice model;
        model.steps = {{1, price.price_per_minute}};
        model.counts_after_call_work = price.counts_after_call_work;
        model.unit = price.unit;
        model.level = price.level;
        model.rounding = price.rounding;
        agreements::PriceClause clause;
        clause.name = fmt::format("Gesprächsminuten ab {}", to_string(price.valid_from));
        clause.from = price.valid_from;
        clause.to = price.valid_to;
        clause.words = price.clause;
        clause.model = model;
        const LocalDate begins = first_day(agreements::month_of(price.valid_from));
        list.contract_begins =
            list.clauses.empty() ? begins : std::min(list.contract_begins, begins);
        list.clauses.push_back(std::move(clause));
    }
    return list;
}

} // namespace fernamt::billing
