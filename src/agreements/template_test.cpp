// SPDX-License-Identifier: EUPL-1.2
#include "agreements/agreement_samples.h"
#include "agreements/template.h"

#include <gtest/gtest.h>

namespace fernamt::agreements {
namespace {

constexpr std::array kAll{Template::minute_price, Template::levy_and_minutes,
                          Template::inhabitants_and_minutes, Template::package, Template::per_call};

TemplateTown town() {
    return {.municipality = samples::kTown,
            .name = "Stadt Musterstedt",
            .inhabitants = 30'000,
            .key_date = {2025, 12, 31},
            .source = "register of the test",
            .numbers = {PhoneNumber{"+4951112340"}},
            .hours = {{0, 8 * 3600, 18 * 3600}}};
}

TEST(Template, EveryDraftCouldBeResolvedAsItIs) {
    for (const Template model : kAll) {
        const Agreement draft = from_template(model, town(), {2027, 1, 1});
        EXPECT_EQ(parse_template(to_string(model)), model);
        for (const Problem &problem : check(draft))
            ADD_FAILURE() << to_string(model) << ": " << describe(problem);
        EXPECT_TRUE(
            rate(prices_of(draft),
                 samples::columns(samples::spread(50, {2027, 1, 1}, 31, std::chrono::minutes{3}),
                                  {2027, 1, 1}, {2027, 1, 31})));
    }
    EXPECT_FALSE(parse_template("nothing"));
}

TEST(Template, WithoutInhabitantsTheModelsThatNeedThemSaySo) {
    TemplateTown unknown = town();
    unknown.inhabitants = 0;
    EXPECT_TRUE(check(from_template(Template::minute_price, unknown, {2027, 1, 1})).empty());
    for (const Template model : {Template::inhabitants_and_minutes, Template::per_call}) {
        const auto problems = check(from_template(model, unknown, {2027, 1, 1}));
        ASSERT_FALSE(problems.empty());
        EXPECT_EQ(problems.front().code, "agreement.population_missing");
    }
}

} // namespace
} // namespace fernamt::agreements
