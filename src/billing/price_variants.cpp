// SPDX-License-Identifier: EUPL-1.2
#include "billing/price_variants.h"

#include "agreements/dates.h"
#include "agreements/distribution.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fernamt::billing {

namespace {

using namespace agreements;

constexpr std::array kModels{FinancingModel::minutes, FinancingModel::levy,
                             FinancingModel::inhabitants, FinancingModel::calls};
constexpr Price kWholeCent{10'000};

struct Burden {
    Money pays;
    Money by_levy;
    std::int64_t calls = 0;
    std::int64_t seconds = 0;
};

tl::unexpected<Problem> invalid(std::string place) {
    return fail(ProblemKind::invalid_input, "variant.invalid", {{"place", std::move(place)}});
}

PriceClause clause(std::string name, const LocalDate &from, PriceModel model) {
    PriceClause made;
    made.name = std::move(name);
    made.from = from;
    made.model = std::move(model);
    if (std::holds_alternative<LevyShare>(made.model)) made.payer = Payer::levy;
    return made;
}

PriceList list_of(const VariantTown &town, std::vector<PriceClause> clauses) {
    PriceList list;
    list.municipality = town.municipality;
    list.contract_begins = town.calls.first();
    if (town.inhabitants > 0) {
        list.populations = {
            {town.calls.first(), town.calls.first(), town.inhabitants, "Stammdaten der Kommune"}};
    }
    list.clauses = std::move(clauses);
    // A Kreis has no inhabitants of its own: nothing to multiply a base with.
    if (town.inhabitants == 0) {
        std::erase_if(list.clauses, [](const PriceClause &each) {
            return std::holds_alternative<InhabitantBase>(each.model);
        });
    }
    return list;
}

MinutePrice per_minute(Price price) {
    MinutePrice model;
    model.steps = {{1, price}};
    return model;
}

Expected<Burden> burden_of(const PriceList &prices, const Calls &calls) {
    const auto months = rate(prices, calls);
    if (!months) return tl::unexpected(months.error());
    Burden burden;
    for (const MonthStatement &month : *months) {
        burden.pays = burden.pays + month.total;
        burden.by_levy = burden.by_levy + month.levy;
        burden.calls += month.calls;
        for (const Charge &charge : month.charges)
            burden.seconds += charge.billed_seconds;
    }
    return burden;
}

// A yearly amount from what the span should bring; months of the span are whole.
std::int64_t months_of(const LocalDate &first, const LocalDate &last) {
    return (last.year - first.year) * 12 + last.month - first.month + 1;
}

Price scaled(Price price, std::int64_t percent) {
    return {mul_div(price.micro_euro, percent, 100, Rounding::half_up)};
}

// The prices of one model for all towns, from what the price per minute brings.
struct Setting {
    Money reference; // of all towns
    std::int64_t inhabitants = 0;
    std::int64_t calls = 0;
    std::int64_t months = 12;
    std::vector<KeyShare> key;
};

struct ModelPrices {
    std::string words;
    std::vector<PriceClause> clauses;
};

ModelPrices prices_of(FinancingModel model, const Setting &setting, const VariantPrices &given,
                      const LocalDate &first) {
    const Price rest = scaled(given.per_minute, 100 - given.share_percent);
    const Money carried{
        mul_div(setting.reference.cents, given.share_percent, 100, Rounding::half_up)};
    const Money carried_per_year{mul_div(carried.cents, 12, setting.months, Rounding::half_up)};
    const auto minutes = [&](Price price) {
        return clause("Gesprächsminuten", first, per_minute(price));
    };
    switch (model) {
    case FinancingModel::minutes:
        return {fmt::format("{} je Minute mit Nachbereitung", to_german(given.per_minute)),
                {minutes(given.per_minute)}};
    case FinancingModel::levy:
        return {
            fmt::format("{} im Jahr über die Umlage, verteilt nach Einwohnern, und {} je Minute",
                        to_german(carried_per_year), to_german(rest)),
            {minutes(rest),
             clause("Anteil an der Umlage", first, LevyShare{carried_per_year, setting.key})}};
    case FinancingModel::inhabitants: {
        const Price base{mul_div(carried_per_year.cents * 10'000, 1,
                                 std::max<std::int64_t>(setting.inhabitants, 1),
                                 Rounding::half_up)};
        return {fmt::format("{} je Einwohnerin und Einwohner im Jahr und {} je Minute",
                            to_german(base), to_german(rest)),
                {minutes(rest), clause("Grundbetrag je Einwohner", first, InhabitantBase{base})}};
    }
    case FinancingModel::calls: {
        const std::int64_t cents =
            mul_div(setting.reference.cents, 1, std::max<std::int64_t>(setting.calls, 1),
                    Rounding::half_up);
        const Price price{cents * kWholeCent.micro_euro};
        return {fmt::format("{} je angenommenen Anruf", to_german(price)),
                {clause("Angenommene Anrufe", first, CallPrice{{{1, price}}})}};
    }
    }
    return {};
}

VariantCell cell_of(const Burden &burden, Money reference, std::int64_t inhabitants) {
    VariantCell cell{burden.pays, burden.by_levy, burden.pays + burden.by_levy - reference, 0};
    if (inhabitants > 0) {
        cell.cents_per_1000_inhabitants =
            mul_div((burden.pays + burden.by_levy).cents, 1'000, inhabitants, Rounding::half_up);
    }
    return cell;
}

Expected<void> check(const std::vector<VariantTown> &towns, const VariantPrices &prices) {
    if (towns.empty()) return invalid("towns");
    if (prices.share_percent < 1 || prices.share_percent > 99) return invalid("share_percent");
    if (prices.per_minute.micro_euro <= 0 || prices.per_minute > kHighestPrice)
        return invalid("per_minute");
    const LocalDate first = towns.front().calls.first(), last = towns.front().calls.last();
    if (first.day != 1 || last.day != days_in_month(last.year, last.month)) return invalid("span");
    for (const VariantTown &town : towns) {
        if (town.calls.first() != first || town.calls.last() != last) return invalid("span");
        if (town.inhabitants < 0 || town.inhabitants > kMostInhabitants)
            return invalid("inhabitants");
    }
    return {};
}

} // namespace

std::string_view to_string(FinancingModel model) {
    switch (model) {
    case FinancingModel::minutes:
        return "minutes";
    case FinancingModel::levy:
        return "levy";
    case FinancingModel::inhabitants:
        return "inhabitants";
    case FinancingModel::calls:
        return "calls";
    }
    return {};
}

std::string_view german_name(FinancingModel model) {
    switch (model) {
    case FinancingModel::minutes:
        return "Minutenpreis";
    case FinancingModel::levy:
        return "Umlage und Minuten";
    case FinancingModel::inhabitants:
        return "Einwohner und Minuten";
    case FinancingModel::calls:
        return "Preis je Anruf";
    }
    return {};
}

Expected<VariantComparison> compare_models(const std::vector<VariantTown> &towns,
                                           const VariantPrices &prices) {
    if (auto valid = check(towns, prices); !valid) return tl::unexpected(valid.error());
    VariantComparison comparison;
    comparison.first = towns.front().calls.first();
    comparison.last = towns.front().calls.last();
    Setting setting;
    setting.months = months_of(comparison.first, comparison.last);
    std::vector<Money> reference;
    for (const VariantTown &town : towns) {
        setting.inhabitants += town.inhabitants;
        setting.key.push_back({town.municipality, town.inhabitants});
    }
    for (const FinancingModel model : kModels) {
        const bool needs_inhabitants =
            model == FinancingModel::levy || model == FinancingModel::inhabitants;
        if (needs_inhabitants && setting.inhabitants == 0) continue;
        const ModelPrices made = prices_of(model, setting, prices, comparison.first);
        VariantColumn column{.model = model, .words = made.words, .towns = {}, .total = {}};
        for (std::size_t i = 0; i < towns.size(); ++i) {
            const auto burden = burden_of(list_of(towns[i], made.clauses), towns[i].calls);
            if (!burden) return tl::unexpected(burden.error());
            if (model == FinancingModel::minutes) {
                reference.push_back(burden->pays);
                setting.reference = setting.reference + burden->pays;
                setting.calls += burden->calls;
                comparison.calls.push_back(burden->calls);
                comparison.seconds.push_back(burden->seconds);
            }
            const VariantCell cell = cell_of(*burden, reference[i], towns[i].inhabitants);
            column.total = column.total + cell.pays + cell.by_levy;
            column.gaining += cell.difference < Money{} ? 1 : 0;
            column.paying_more += cell.difference > Money{} ? 1 : 0;
            column.towns.push_back(cell);
        }
        comparison.columns.push_back(std::move(column));
    }
    return comparison;
}

Expected<Calls> expected_calls(int year, std::int64_t calls_per_year,
                               std::int64_t seconds_per_call) {
    constexpr std::int64_t kMost = 5'000'000;
    if (calls_per_year < 0 || calls_per_year > kMost) return invalid("calls_per_year");
    if (seconds_per_call < 0 || seconds_per_call > 7'200) return invalid("seconds_per_call");
    const LocalDate first{year, 1, 1}, last{year, 12, 31};
    Calls calls(first, last);
    calls.reserve(static_cast<std::size_t>(calls_per_year));
    const std::int64_t days = calls.days();
    for (std::int64_t i = 0; i < calls_per_year; ++i) {
        const auto day = static_cast<int>(i * days / calls_per_year);
        const auto added =
            calls.add(CallId{i + 1}, to_instant(add_days(first, day), 10 * 3600),
                      CallKind::own_number, std::chrono::seconds{seconds_per_call}, Duration{});
        if (!added) return tl::unexpected(added.error());
    }
    return calls;
}

} // namespace fernamt::billing
