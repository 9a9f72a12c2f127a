// SPDX-License-Identifier: EUPL-1.2
#include "agreements/variants.h"

namespace fernamt::agreements {

namespace {

Expected<TownResult> evaluate(const Town &town, const PriceList &prices) {
    const auto months = rate(prices, *town.calls);
    if (!months) return tl::unexpected(months.error());
    TownResult result;
    for (const MonthStatement &month : *months) {
        result.total = result.total + month.total;
        result.third_party = result.third_party + month.third_party;
        result.levy = result.levy + month.levy;
    }
    if (town.inhabitants > 0) {
        result.cents_per_1000_inhabitants =
            mul_div(result.total.cents, 1'000, town.inhabitants, Rounding::half_up);
    }
    return result;
}

Expected<VariantResult> evaluate(const std::vector<Town> &towns, const Variant &variant) {
    if (variant.prices.size() != towns.size()) {
        return fail(ProblemKind::invalid_input, "variant.invalid",
                    {{"place", variant.name}, {"remedy", "give_one_price_list_per_town"}});
    }
    VariantResult result;
    result.name = variant.name;
    for (std::size_t i = 0; i < towns.size(); ++i) {
        auto town = evaluate(towns[i], variant.prices[i]);
        if (!town) {
            Problem problem = town.error();
            problem.arguments.emplace_back("variant", variant.name);
            problem.arguments.emplace_back("municipality", to_ars(towns[i].municipality));
            return tl::unexpected(std::move(problem));
        }
        result.total = result.total + town->total;
        result.towns.push_back(*town);
    }
    return result;
}

void compare_with(const VariantResult &first, VariantResult &other) {
    for (std::size_t i = 0; i < other.towns.size(); ++i) {
        TownResult &town = other.towns[i];
        town.difference = town.total - first.towns[i].total;
        other.gaining += town.difference < Money{} ? 1 : 0;
        other.paying_more += town.difference > Money{} ? 1 : 0;
    }
}

} // namespace

Expected<std::vector<VariantResult>> compare(const std::vector<Town> &towns,
                                             const std::vector<Variant> &variants) {
    std::vector<VariantResult> results;
    for (const Variant &variant : variants) {
        auto result = evaluate(towns, variant);
        if (!result) return tl::unexpected(result.error());
        results.push_back(std::move(*result));
        compare_with(results.front(), results.back());
    }
    return results;
}

} // namespace fernamt::agreements
