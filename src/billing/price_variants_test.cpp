// SPDX-License-Identifier: EUPL-1.2
#include "billing/price_variants.h"

#include <gtest/gtest.h>

namespace fernamt::billing {
namespace {

const MunicipalityId kSmall{32'410'010'010}, kLarge{32'410'019'019};

// The small town calls often and long, the large one seldom.
std::vector<VariantTown> two_towns() {
    std::vector<VariantTown> towns;
    towns.push_back({kSmall, "Klein", 10'000, expected_calls(2026, 1'200, 120).value()});
    towns.push_back({kLarge, "Groß", 30'000, expected_calls(2026, 600, 60).value()});
    return towns;
}

TEST(PriceVariants, BringTheSameAndDivideItOtherwise) {
    const auto result = compare_models(two_towns(), {Price{1'000'000}, 50});
    ASSERT_TRUE(result) << describe(result.error());
    ASSERT_EQ(result->columns.size(), 4u);
    EXPECT_EQ(result->calls, (std::vector<std::int64_t>{1'200, 600}));
    const auto &minutes = result->columns[0], &levy = result->columns[1],
               &inhabitants = result->columns[2], &calls = result->columns[3];
    EXPECT_EQ(minutes.towns[0].pays, Money{240'000}); // 1,200 x 2 min x 1.00
    EXPECT_EQ(minutes.towns[1].pays, Money{60'000});
    EXPECT_EQ(minutes.total, Money{300'000});
    EXPECT_EQ(minutes.gaining + minutes.paying_more, 0);
    // Half of 3,000.00 by the levy: 1:3 by inhabitants, 375.00 and 1,125.00; half the minutes.
    EXPECT_EQ(levy.towns[0].pays, Money{120'000});
    EXPECT_EQ(levy.towns[0].by_levy, Money{37'500});
    EXPECT_EQ(levy.towns[1].by_levy, Money{112'500});
    EXPECT_EQ(levy.total, Money{300'000});
    EXPECT_EQ(levy.towns[0].difference, Money{-82'500});
    EXPECT_EQ(levy.gaining, 1);
    EXPECT_EQ(levy.paying_more, 1);
    // 1,500.00 by 40,000 inhabitants: 0.0375 each.
    EXPECT_EQ(inhabitants.towns[0].pays, Money{157'500});
    EXPECT_EQ(inhabitants.total, Money{300'000});
    // 3,000.00 by 1,800 calls: 1.67, rounded to whole cents.
    EXPECT_EQ(calls.towns[0].pays, Money{200'400});
    EXPECT_EQ(calls.total, Money{300'600});
    EXPECT_EQ(minutes.towns[0].cents_per_1000_inhabitants, 24'000);
}

// The small town pays a package of 2,000.00, the large one by the minute at 2.00: 600 x 1 min. The
// district has no agreement.
std::vector<VariantTown> three_towns() {
    auto towns = two_towns();
    towns[0].agreed = Burden{Money{200'000}, Money{}};
    towns[1].agreed = Burden{Money{100'000}, Money{20'000}};
    towns.push_back(
        {MunicipalityId{32'410'000'000}, "Region", 0, expected_calls(2026, 600, 60).value()});
    return towns;
}

TEST(PriceVariants, MeasureFromWhatIsAgreedWhoGainsAndWhoPays) {
    const auto result =
        compare_models(three_towns(), {.per_minute = Price{1'000'000}, .from_agreed = true});
    ASSERT_TRUE(result) << describe(result.error());
    EXPECT_EQ(result->reference, FinancingModel::agreed);
    ASSERT_EQ(result->columns.size(), 5u);
    const auto &agreed = result->columns[0], &minutes = result->columns[1];
    EXPECT_EQ(agreed.model, FinancingModel::agreed);
    EXPECT_EQ(agreed.total, Money{320'000});
    EXPECT_EQ(agreed.towns[1].by_levy, Money{20'000});
    EXPECT_EQ(agreed.towns[0].difference, Money{});
    EXPECT_EQ(agreed.gaining + agreed.paying_more, 0);
    // 2,400.00 instead of 2,000.00, by 10,000 inhabitants: 40.00 for each thousand.
    EXPECT_EQ(minutes.towns[0].difference, Money{40'000});
    EXPECT_EQ(minutes.towns[0].difference_per_1000_inhabitants, 4'000);
    // 600.00 instead of 1,200.00 with the levy, by 30,000: 20.00 less.
    EXPECT_EQ(minutes.towns[1].difference, Money{-60'000});
    EXPECT_EQ(minutes.towns[1].difference_per_1000_inhabitants, -2'000);
    EXPECT_EQ(minutes.towns[2].pays, Money{60'000});
    EXPECT_EQ(minutes.towns[2].difference, std::nullopt);
    EXPECT_EQ(minutes.gaining, 1);
    EXPECT_EQ(minutes.paying_more, 1);
}

TEST(PriceVariants, TemplatesStandAtTheirOwnPrices) {
    using agreements::Template;
    VariantPrices prices{.per_minute = Price{1'000'000}};
    prices.templates = {Template::minute_price, Template::levy_and_minutes,
                        Template::inhabitants_and_minutes, Template::package, Template::per_call};
    const auto result = compare_models(three_towns(), prices);
    ASSERT_TRUE(result) << describe(result.error());
    ASSERT_EQ(result->columns.size(), 9u);
    const auto pays = [&](std::size_t column, std::size_t town) {
        return result->columns[column].towns[town].pays;
    };
    // 1,200 calls x 2 min x 0.95 = 1.90; 600 x 0.95.
    EXPECT_EQ(pays(4, 0), Money{228'000});
    EXPECT_EQ(pays(4, 1), Money{57'000});
    // 100,000.00 of levy each; the seconded post (53,600.00) is credited.
    EXPECT_EQ(result->columns[5].towns[0].by_levy, Money{10'000'000});
    EXPECT_EQ(pays(5, 0), Money{228'000 - 5'360'000});
    // 0.50 for each of 10,000 and 30,000 inhabitants; the district has none.
    EXPECT_EQ(pays(6, 0), Money{228'000 + 500'000});
    EXPECT_EQ(pays(6, 1), Money{57'000 + 1'500'000});
    EXPECT_EQ(pays(6, 2), Money{57'000});
    // 95,000.00 for up to 60,000 minutes.
    EXPECT_EQ(pays(7, 0), Money{9'500'000});
    // 3.00 a call, at most 0.04 per inhabitant: 400.00 and 1,200.00; no cap without inhabitants.
    EXPECT_EQ(pays(8, 0), Money{40'000});
    EXPECT_EQ(pays(8, 1), Money{120'000});
    EXPECT_EQ(pays(8, 2), Money{180'000});
    EXPECT_EQ(result->columns[8].model, FinancingModel::template_per_call);
    EXPECT_EQ(result->columns[8].towns[0].difference, Money{40'000 - 240'000});
    EXPECT_NE(result->columns[7].words.find("60.000 Minuten"), std::string::npos);
}

TEST(PriceVariants, WithoutInhabitantsOnlyUseCanBePriced) {
    auto towns = two_towns();
    for (VariantTown &town : towns)
        town.inhabitants = 0;
    const auto result = compare_models(towns, {});
    ASSERT_TRUE(result);
    ASSERT_EQ(result->columns.size(), 2u);
    EXPECT_EQ(result->columns[1].model, FinancingModel::calls);
}

TEST(PriceVariants, ADistrictWithoutInhabitantsOfItsOwnPaysForItsCalls) {
    auto towns = two_towns();
    towns.push_back(
        {MunicipalityId{32'410'000'000}, "Region", 0, expected_calls(2026, 600, 60).value()});
    const auto result = compare_models(towns, {Price{1'000'000}, 50});
    ASSERT_TRUE(result) << describe(result.error());
    ASSERT_EQ(result->columns.size(), 4u);
    EXPECT_EQ(result->columns[0].towns[2].pays, Money{60'000});
    for (const std::size_t model : {1U, 2U}) {
        EXPECT_EQ(result->columns[model].towns[2].pays, Money{30'000}) << model;
        EXPECT_EQ(result->columns[model].towns[2].by_levy, Money{}) << model;
        EXPECT_EQ(result->columns[model].towns[2].cents_per_1000_inhabitants, 0) << model;
    }
}

TEST(PriceVariants, AYearWithoutCallsIsAYearOfZeros) {
    std::vector<VariantTown> towns;
    towns.push_back({kSmall, "Klein", 10'000, expected_calls(2026, 0, 0).value()});
    const auto result = compare_models(towns, {});
    ASSERT_TRUE(result) << describe(result.error());
    for (const VariantColumn &column : result->columns)
        EXPECT_EQ(column.total, Money{}) << to_string(column.model);
}

TEST(PriceVariants, RefusesWhatCannotBe) {
    const auto place = [](const std::vector<VariantTown> &towns, VariantPrices prices) {
        const auto result = compare_models(towns, prices);
        return result ? std::string{} : result.error().arguments.at(0).second;
    };
    EXPECT_EQ(place({}, {}), "towns");
    EXPECT_EQ(place(two_towns(), {Price{950'000}, 100}), "share_percent");
    EXPECT_EQ(place(two_towns(), {Price{0}, 50}), "per_minute");
    auto towns = two_towns();
    towns[1].calls = agreements::Calls({2026, 1, 1}, {2026, 11, 30});
    EXPECT_EQ(place(towns, {}), "span");
    EXPECT_FALSE(expected_calls(2026, -1, 60));
    EXPECT_FALSE(expected_calls(2026, 10, 100'000));
}

} // namespace
} // namespace fernamt::billing
