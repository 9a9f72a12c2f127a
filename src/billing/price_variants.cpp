// SPDX-License-Identifier: EUPL-1.2
#include "billing/price_variants.h"

#include "agreements/dates.h"
#include "agreements/distribution.h"
#include "agreements/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fernamt::billing {

namespace {

using namespace agreements;

constexpr std::array kModels{FinancingModel::minutes, FinancingModel::levy,
                             FinancingModel::inhabitants, FinancingModel::calls};
constexpr Price kWholeCent{10'000};

constexpr Names<FinancingModel, 10> kNames{
    {{FinancingModel::agreed, "agreed"},
     {FinancingModel::minutes, "minutes"},
     {FinancingModel::levy, "levy"},
     {FinancingModel::inhabitants, "inhabitants"},
     {FinancingModel::calls, "calls"},
     {FinancingModel::template_minute_price, "template_minute_price"},
     {FinancingModel::template_levy_and_minutes, "template_levy_and_minutes"},
     {FinancingModel::template_inhabitants_and_minutes, "template_inhabitants_and_minutes"},
     {FinancingModel::template_package, "template_package"},
     {FinancingModel::template_per_call, "template_per_call"}}};
constexpr Names<FinancingModel, 10> kGermanNames{
    {{FinancingModel::agreed, "Heute vereinbart"},
     {FinancingModel::minutes, "Minutenpreis"},
     {FinancingModel::levy, "Umlage und Minuten"},
     {FinancingModel::inhabitants, "Einwohner und Minuten"},
     {FinancingModel::calls, "Preis je Anruf"},
     {FinancingModel::template_minute_price, "Vorlage: Minutenpreis"},
     {FinancingModel::template_levy_and_minutes, "Vorlage: Umlage und Minuten"},
     {FinancingModel::template_inhabitants_and_minutes, "Vorlage: Einwohner und Minuten"},
     {FinancingModel::template_package, "Vorlage: Pauschale"},
     {FinancingModel::template_per_call, "Vorlage: Preis je Anruf"}}};

struct Rated {
    Burden burden;
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
    // A Kreis has no inhabitants of its own: nothing to multiply a base or a cap with.
    if (town.inhabitants == 0) {
        std::erase_if(list.clauses, [](const PriceClause &each) {
            return std::holds_alternative<InhabitantBase>(each.model) ||
                   std::holds_alternative<InhabitantCap>(each.model);
        });
    }
    return list;
}

MinutePrice per_minute(Price price) {
    MinutePrice model;
    model.steps = {{1, price}};
    return model;
}

Expected<Rated> rated(const PriceList &prices, const Calls &calls) {
    const auto months = rate(prices, calls);
    if (!months) return tl::unexpected(months.error());
    Rated made;
    for (const MonthStatement &month : *months) {
        made.burden.pays = made.burden.pays + month.total;
        made.burden.by_levy = made.burden.by_levy + month.levy;
        made.calls += month.calls;
        for (const Charge &charge : month.charges)
            made.seconds += charge.billed_seconds;
    }
    return made;
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
    default: // what is agreed and the templates bring their own prices
        return {};
    }
}

std::int64_t per_1000(Money amount, std::int64_t inhabitants) {
    if (inhabitants == 0) return 0;
    return mul_div(amount.cents, 1'000, inhabitants, Rounding::half_up);
}

VariantCell cell_of(const Burden &burden, const std::optional<Burden> &reference,
                    std::int64_t inhabitants) {
    const Money bears = burden.pays + burden.by_levy;
    VariantCell cell{.pays = burden.pays, .by_levy = burden.by_levy, .difference = std::nullopt};
    cell.cents_per_1000_inhabitants = per_1000(bears, inhabitants);
    if (!reference) return cell;
    cell.difference = bears - (reference->pays + reference->by_levy);
    cell.difference_per_1000_inhabitants = per_1000(*cell.difference, inhabitants);
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

// One column after the other; the price per minute first, because the others are set by it.
class Comparing {
  public:
    Comparing(const std::vector<VariantTown> &towns, const VariantPrices &prices)
        : towns_(towns), prices_(prices), first_(towns.front().calls.first()) {
        made_.first = first_;
        made_.last = towns.front().calls.last();
        made_.reference = prices.from_agreed ? FinancingModel::agreed : FinancingModel::minutes;
        setting_.months = months_of(made_.first, made_.last);
        for (const VariantTown &town : towns) {
            setting_.inhabitants += town.inhabitants;
            setting_.key.push_back({town.municipality, town.inhabitants});
            reference_.push_back(prices.from_agreed ? town.agreed : std::nullopt);
        }
    }

    Expected<VariantComparison> run() {
        if (prices_.from_agreed) add_agreed();
        for (const FinancingModel model : kModels) {
            const bool needs_inhabitants =
                model == FinancingModel::levy || model == FinancingModel::inhabitants;
            if (needs_inhabitants && setting_.inhabitants == 0) continue;
            const ModelPrices made = prices_of(model, setting_, prices_, first_);
            const auto same = [&](const VariantTown &) { return made.clauses; };
            if (auto added = add(model, made.words, same); !added) {
                return tl::unexpected(added.error());
            }
        }
        for (const Template model : prices_.templates) {
            const auto own = [&](const VariantTown &town) { return drafted(model, town); };
            if (auto added = add(model_of(model), template_words(model), own); !added) {
                return tl::unexpected(added.error());
            }
        }
        return std::move(made_);
    }

  private:
    [[nodiscard]] std::vector<PriceClause> drafted(Template model, const VariantTown &town) const {
        TemplateTown in_draft;
        in_draft.municipality = town.municipality;
        in_draft.name = town.name;
        return from_template(model, in_draft, first_).prices;
    }

    // The words of its clauses, as they stand in the draft.
    [[nodiscard]] std::string template_words(Template model) const {
        std::string words;
        for (const PriceClause &each : drafted(model, towns_.front()))
            words += (words.empty() ? "" : " ") + each.words;
        if (words.ends_with('.')) words.pop_back(); // whoever prints it ends the sentence
        return words;
    }

    void add_agreed() {
        VariantColumn column{.model = FinancingModel::agreed,
                             .words = "Was heute je Kommune vereinbart ist",
                             .towns = {},
                             .total = {}};
        for (const VariantTown &town : towns_)
            put(column, town.agreed.value_or(Burden{}), column.towns.size());
        made_.columns.push_back(std::move(column));
    }

    template <class Clauses>
    Expected<void> add(FinancingModel model, const std::string &words, const Clauses &clauses_of) {
        VariantColumn column{.model = model, .words = words, .towns = {}, .total = {}};
        for (std::size_t i = 0; i < towns_.size(); ++i) {
            const auto done = rated(list_of(towns_[i], clauses_of(towns_[i])), towns_[i].calls);
            if (!done) return tl::unexpected(done.error());
            if (model == FinancingModel::minutes) take_as_measure(*done, i);
            put(column, done->burden, i);
        }
        made_.columns.push_back(std::move(column));
        return {};
    }

    void take_as_measure(const Rated &minutes, std::size_t town) {
        setting_.reference = setting_.reference + minutes.burden.pays;
        setting_.calls += minutes.calls;
        made_.calls.push_back(minutes.calls);
        made_.seconds.push_back(minutes.seconds);
        if (!prices_.from_agreed) reference_[town] = minutes.burden;
    }

    void put(VariantColumn &column, const Burden &burden, std::size_t town) {
        const VariantCell cell = cell_of(burden, reference_[town], towns_[town].inhabitants);
        column.total = column.total + cell.pays + cell.by_levy;
        column.gaining += cell.difference && *cell.difference < Money{} ? 1 : 0;
        column.paying_more += cell.difference && *cell.difference > Money{} ? 1 : 0;
        column.towns.push_back(cell);
    }

    const std::vector<VariantTown> &towns_;
    const VariantPrices &prices_;
    LocalDate first_;
    Setting setting_;
    std::vector<std::optional<Burden>> reference_;
    VariantComparison made_;
};

} // namespace

std::string_view to_string(FinancingModel model) {
    return name_in(kNames, model);
}

std::string_view german_name(FinancingModel model) {
    return name_in(kGermanNames, model);
}

FinancingModel model_of(Template model) {
    switch (model) {
    case Template::minute_price:
        return FinancingModel::template_minute_price;
    case Template::levy_and_minutes:
        return FinancingModel::template_levy_and_minutes;
    case Template::inhabitants_and_minutes:
        return FinancingModel::template_inhabitants_and_minutes;
    case Template::package:
        return FinancingModel::template_package;
    case Template::per_call:
        return FinancingModel::template_per_call;
    }
    return FinancingModel::template_minute_price;
}

Expected<VariantComparison> compare_models(const std::vector<VariantTown> &towns,
                                           const VariantPrices &prices) {
    if (auto valid = check(towns, prices); !valid) return tl::unexpected(valid.error());
    return Comparing(towns, prices).run();
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
