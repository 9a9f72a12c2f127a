// SPDX-License-Identifier: EUPL-1.2
#include "agreements/price.h"

#include "agreements/dates.h"
#include "agreements/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace fernamt::agreements {

namespace {

constexpr Names<Payer, 3> kPayers{{{Payer::municipality, "municipality"},
                                   {Payer::third_party, "third_party"},
                                   {Payer::levy, "levy"}}};

bool in_range(Price price) {
    return price >= Price{0} && price <= kHighestPrice;
}
bool in_range(Money money) {
    return money >= Money{0} && money <= kHighestAmount;
}

bool rising(const std::vector<PriceStep> &steps) {
    if (steps.empty() || steps.front().contract_year != 1) return false;
    for (std::size_t i = 1; i < steps.size(); ++i) {
        if (steps[i].contract_year <= steps[i - 1].contract_year) return false;
    }
    return std::ranges::all_of(steps, [](const PriceStep &step) { return in_range(step.price); });
}

// What is wrong within one model: the name of its field.
struct FieldCheck {
    std::string_view operator()(const MinutePrice &model) const {
        if (!rising(model.steps)) return "steps";
        if (model.minimum_seconds < 0 || model.minimum_seconds > 3600) return "minimum_seconds";
        if (model.minimum_seconds > 0 && model.level == Level::on_sum) return "minimum_seconds";
        return {};
    }
    std::string_view operator()(const CallPrice &model) const {
        return rising(model.steps) ? "" : "steps";
    }
    std::string_view operator()(const Package &model) const {
        if (!in_range(model.per_year)) return "per_year";
        if (model.included_minutes < 0 || model.included_minutes > 1'000'000'000) {
            return "included_minutes";
        }
        return in_range(model.overage_per_minute) ? "" : "overage_per_minute";
    }
    std::string_view operator()(const NotCharged &) const { return {}; }
    std::string_view operator()(const InhabitantBase &model) const {
        return in_range(model.per_year) ? "" : "per_year";
    }
    std::string_view operator()(const FixedBase &model) const {
        return in_range(model.per_year) ? "" : "per_year";
    }
    std::string_view operator()(const LevyShare &model) const {
        if (!in_range(model.carried_per_year)) return "carried_per_year";
        std::set<MunicipalityId> seen;
        std::int64_t sum = 0;
        for (const KeyShare &share : model.key) {
            if (share.weight < 0 || share.weight > 1'000'000'000'000) return "key";
            if (!seen.insert(share.municipality).second) return "key";
            sum += share.weight;
        }
        return sum > 0 ? "" : "key";
    }
    std::string_view operator()(const SecondmentCredit &model) const {
        if (model.post_hundredths < 0 || model.post_hundredths > 1'000'000) {
            return "post_hundredths";
        }
        return in_range(model.per_post_and_year) ? "" : "per_post_and_year";
    }
    std::string_view operator()(const InhabitantCap &model) const {
        return rising(model.per_inhabitant) ? "" : "per_inhabitant";
    }
    std::string_view operator()(const Minimum &model) const {
        return in_range(model.per_year) ? "" : "per_year";
    }
};

std::string place_of(std::size_t index, std::string_view field = {}) {
    return fmt::format("prices[{}]{}{}", index, field.empty() ? "" : ".", field);
}

Problem invalid_price(std::string place, std::string remedy = "correct_value") {
    return {ProblemKind::invalid_input,
            "agreement.price_invalid",
            {{"place", std::move(place)}, {"remedy", std::move(remedy)}}};
}

bool needs_population(const PriceModel &model) {
    return std::holds_alternative<InhabitantBase>(model) ||
           std::holds_alternative<InhabitantCap>(model);
}

LocalDate end_of(const PriceList &prices, const PriceClause &clause) {
    const LocalDate open{2999, 12, 31};
    return std::min(clause.to.value_or(open), prices.ends.value_or(open));
}

bool names_class(const PriceClause &clause, std::int64_t price_class) {
    return clause.price_classes &&
           std::ranges::find(*clause.price_classes, price_class) != clause.price_classes->end();
}

bool classes_possible(const PriceClause &clause) {
    if (!clause.price_classes) return true;
    return is_use(clause.model) && !clause.price_classes->empty() &&
           std::ranges::all_of(*clause.price_classes, [](std::int64_t each) {
               return each >= 0 && each <= kHighestPriceClass;
           });
}

// A clause that names classes takes them from one that names none.
bool share_classes(const PriceClause &a, const PriceClause &b) {
    if (!a.price_classes || !b.price_classes) return !a.price_classes && !b.price_classes;
    return std::ranges::any_of(*a.price_classes,
                               [&](std::int64_t each) { return names_class(b, each); });
}

void check_clause(const PriceList &prices, std::size_t index, std::vector<Problem> &found) {
    const PriceClause &clause = prices.clauses[index];
    if (clause.name.empty()) found.push_back(invalid_price(place_of(index, "name"), "give_a_name"));
    if (!exists(clause.from)) found.push_back(invalid_price(place_of(index, "from")));
    if (clause.to && (!exists(*clause.to) || *clause.to < clause.from)) {
        found.push_back(invalid_price(place_of(index, "to"), "set_end_after_begin"));
    }
    if (clause.from < prices.contract_begins) {
        found.push_back(invalid_price(place_of(index, "from"), "begin_with_the_agreement"));
    }
    if (is_use(clause.model) && (clause.kinds.bits == 0 || clause.kinds.bits >> kBilledKinds)) {
        found.push_back(invalid_price(place_of(index, "kinds"), "name_kinds_of_calls"));
    }
    if (!classes_possible(clause)) found.push_back(invalid_price(place_of(index, "price_classes")));
    if (clause.payer == Payer::third_party && clause.payer_name.empty()) {
        found.push_back(invalid_price(place_of(index, "payer_name"), "name_the_payer"));
    }
    if (const auto field = std::visit(FieldCheck{}, clause.model); !field.empty()) {
        found.push_back(invalid_price(place_of(index, field)));
    }
    if (needs_population(clause.model) && exists(clause.from) &&
        !population_on(prices, clause.from)) {
        found.push_back({ProblemKind::invalid_input,
                         "agreement.population_missing",
                         {{"place", place_of(index)},
                          {"from", to_string(clause.from)},
                          {"remedy", "add_population_with_key_date_and_source"}}});
    }
}

// Two clauses of one model for the same calls, or two limits of one kind, on the same days.
bool collide(const PriceClause &a, const PriceClause &b) {
    if (a.model.index() != b.model.index()) return false;
    if (is_use(a.model)) return (a.kinds.bits & b.kinds.bits) != 0 && share_classes(a, b);
    return std::holds_alternative<InhabitantCap>(a.model) ||
           std::holds_alternative<Minimum>(a.model);
}

void check_overlaps(const PriceList &prices, std::vector<Problem> &found) {
    for (std::size_t later = 1; later < prices.clauses.size(); ++later) {
        for (std::size_t earlier = 0; earlier < later; ++earlier) {
            const PriceClause &a = prices.clauses[earlier];
            const PriceClause &b = prices.clauses[later];
            const LocalDate from = std::max(a.from, b.from);
            const LocalDate to = std::min(end_of(prices, a), end_of(prices, b));
            if (from > to || !collide(a, b)) continue;
            found.push_back({ProblemKind::conflict,
                             "agreement.price_overlap",
                             {{"place", place_of(later)},
                              {"other", place_of(earlier)},
                              {"from", to_string(from)},
                              {"to", to.year == 2999 ? "" : to_string(to)},
                              {"remedy", "end_the_earlier_one"}}});
        }
    }
}

void check_populations(const PriceList &prices, std::vector<Problem> &found) {
    for (std::size_t i = 0; i < prices.populations.size(); ++i) {
        const Population &each = prices.populations[i];
        const std::string place = fmt::format("populations[{}]", i);
        if (each.inhabitants < 0 || each.inhabitants > kMostInhabitants) {
            found.push_back(invalid_price(place + ".inhabitants"));
        }
        if (!exists(each.from) || !exists(each.key_date)) found.push_back(invalid_price(place));
        if (each.source.empty())
            found.push_back(invalid_price(place + ".source", "name_the_source"));
        if (i > 0 && each.from <= prices.populations[i - 1].from) {
            found.push_back(invalid_price(place + ".from", "sort_by_date"));
        }
    }
}

} // namespace

std::string_view to_string(Payer payer) {
    return name_in(kPayers, payer);
}

bool is_use(const PriceModel &model) {
    return std::holds_alternative<MinutePrice>(model) || std::holds_alternative<CallPrice>(model) ||
           std::holds_alternative<Package>(model) || std::holds_alternative<NotCharged>(model);
}

bool prices_kind(const PriceList &prices, CallKind kind) {
    return std::ranges::any_of(prices.clauses, [&](const PriceClause &clause) {
        return is_use(clause.model) && clause.kinds.has(kind);
    });
}

bool takes_class(const PriceList &prices, const PriceClause &clause, std::int64_t price_class) {
    if (clause.price_classes) return names_class(clause, price_class);
    return std::ranges::none_of(prices.clauses, [&](const PriceClause &other) {
        return is_use(other.model) && (other.kinds.bits & clause.kinds.bits) != 0 &&
               names_class(other, price_class);
    });
}

bool covers(const PriceClause &clause, const LocalDate &date) {
    return clause.from <= date && (!clause.to || date <= *clause.to);
}

const PriceStep *step_of(const std::vector<PriceStep> &steps, int contract_year) {
    const PriceStep *found = nullptr;
    for (const PriceStep &step : steps) {
        if (step.contract_year <= contract_year) found = &step;
    }
    return found;
}

const Population *population_on(const PriceList &prices, const LocalDate &date) {
    const Population *found = nullptr;
    for (const Population &each : prices.populations) {
        if (each.from <= date) found = &each;
    }
    return found;
}

std::vector<Problem> check(const PriceList &prices) {
    std::vector<Problem> found;
    if (prices.municipality.value <= 0) found.push_back(invalid_price("municipality"));
    if (!exists(prices.contract_begins)) found.push_back(invalid_price("contract_begins"));
    if (prices.ends && *prices.ends < prices.contract_begins) {
        found.push_back(invalid_price("ends", "set_end_after_begin"));
    }
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < prices.clauses.size(); ++i) {
        check_clause(prices, i, found);
        if (!names.insert(prices.clauses[i].name).second) {
            found.push_back(invalid_price(place_of(i, "name"), "give_another_name"));
        }
    }
    check_populations(prices, found);
    check_overlaps(prices, found);
    return found;
}

std::vector<Problem> price_gaps(const PriceList &prices, const LocalDate &from,
                                const LocalDate &to) {
    std::vector<Problem> gaps;
    for (int k = 0; k < kBilledKinds; ++k) {
        const auto kind = static_cast<CallKind>(k);
        const auto priced = [&](const PriceClause &clause) {
            return is_use(clause.model) && clause.kinds.has(kind);
        };
        if (std::ranges::none_of(prices.clauses, priced)) continue;
        std::optional<LocalDate> begun;
        for (LocalDate day = from; day <= add_days(to, 1); day = add_days(day, 1)) {
            const bool open = day <= to && std::ranges::none_of(prices.clauses, [&](const auto &c) {
                                  return priced(c) && covers(c, day);
                              });
            if (open && !begun) begun = day;
            if (open || !begun) continue;
            gaps.push_back({ProblemKind::conflict,
                            "agreement.price_gap",
                            {{"place", "prices"},
                             {"kind", std::string{to_string(kind)}},
                             {"from", to_string(*begun)},
                             {"to", to_string(add_days(day, -1))},
                             {"remedy", "add_a_price_for_these_days"}}});
            begun.reset();
        }
    }
    return gaps;
}

} // namespace fernamt::agreements
