// SPDX-License-Identifier: EUPL-1.2
#include "agreements/agreement_samples.h"
#include "agreements/offboarding.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fernamt::agreements {
namespace {

using namespace samples;

StateChange to(State state, const LocalDate &on) {
    return {state, on, UserId{9}, Instant{5}, "note"};
}

std::string moved(Agreement &agreement, State state, const LocalDate &on) {
    const auto done = change_state(agreement, to(state, on));
    return done ? std::string{to_string(state_of(agreement))} : describe(done.error());
}

TEST(AgreementStates, GoFromDraftToEndWithWhoAndWhen) {
    Agreement made = agreement();
    EXPECT_EQ(moved(made, State::resolved, {2025, 9, 1}), "resolved");
    EXPECT_EQ(moved(made, State::signed_, {2025, 10, 1}), "signed");
    EXPECT_EQ(state_on(made, {2025, 12, 31}), State::signed_);
    EXPECT_EQ(state_on(made, {2026, 1, 1}), State::active); // by itself
    EXPECT_EQ(moved(made, State::active, {2026, 1, 1}), "active");
    EXPECT_EQ(moved(made, State::notice_given, {2027, 6, 30}), "notice_given");
    EXPECT_EQ(made.ends, (LocalDate{2027, 12, 31}));
    EXPECT_EQ(state_on(made, {2027, 12, 31}), State::notice_given);
    EXPECT_EQ(state_on(made, {2028, 1, 1}), State::ended);
    EXPECT_EQ(moved(made, State::ended, {2027, 12, 31}), "ended");
    EXPECT_EQ(made.ends, (LocalDate{2027, 12, 31}));
    EXPECT_EQ(made.history.back().by, UserId{9});
}

TEST(AgreementStates, ALateNoticeCountsForTheNextYear) {
    Agreement made = in_force();
    EXPECT_EQ(moved(made, State::notice_given, {2027, 7, 1}), "notice_given");
    EXPECT_EQ(made.ends, (LocalDate{2028, 12, 31}));
    EXPECT_EQ(moved(made, State::active, {2027, 8, 1}), "active"); // taken back by both
    EXPECT_EQ(made.ends, std::nullopt);
}

TEST(AgreementStates, RefuseEveryOtherWay) {
    const State all[] = {State::draft,  State::resolved,     State::signed_,
                         State::active, State::notice_given, State::ended};
    int possible = 0;
    for (const State from : all) {
        for (const State next : all) {
            Agreement made = agreement();
            if (from != State::draft) {
                made.history.push_back({from, {2026, 1, 1}, UserId{3}, Instant{2}, ""});
            }
            const auto done = change_state(made, to(next, {2026, 2, 1}));
            possible += done ? 1 : 0;
            if (!done) {
                EXPECT_EQ(done.error().code, "agreement.transition_forbidden");
            }
        }
    }
    EXPECT_EQ(possible, 11); // 6 steps on and back, 5 to the end
}

TEST(AgreementStates, RefuseADayBeforeTheLastOne) {
    Agreement made = in_force();
    EXPECT_EQ(moved(made, State::notice_given, {2025, 12, 31}),
              "agreement.transition_date earliest=2026-01-01 remedy=choose_a_later_day");
}

TEST(AgreementStates, OnlyACompleteDraftIsResolved) {
    Agreement made = agreement();
    made.data_protection.clear();
    EXPECT_EQ(moved(made, State::resolved, {2025, 9, 1}),
              "agreement.incomplete place=4.data_protection remedy=write_this_section");
}

TEST(AgreementCheck, FindsNothingWrongWithTheSample) {
    for (const Problem &problem : check(agreement()))
        ADD_FAILURE() << describe(problem);
}

TEST(AgreementCheck, NamesPlaceAndRemedy) {
    const auto found = [](auto &&change) {
        Agreement made = agreement();
        change(made);
        const auto problems = check(made);
        return problems.empty() ? std::string{} : describe(problems.front());
    };
    EXPECT_EQ(found([](Agreement &a) { a.prices.clear(); }),
              "agreement.incomplete place=5.prices remedy=add_a_price");
    EXPECT_EQ(found([](Agreement &a) { a.prices[0].to = LocalDate{2026, 6, 30}; }),
              "agreement.price_gap place=prices kind=own_number from=2026-07-01 to=2026-12-31 "
              "remedy=add_a_price_for_these_days");
    EXPECT_EQ(found([](Agreement &a) { a.numbers.push_back(a.numbers[0]); }),
              "agreement.overlap place=1.numbers[1] other=1.numbers[0] from=2026-01-01 "
              "remedy=end_the_earlier_one");
    const std::string number_is_wrong =
        "agreement.incomplete place=1.numbers[0] remedy=correct_value";
    EXPECT_EQ(found([](Agreement &a) { a.numbers[0].value.ring_seconds = 4; }), number_is_wrong);
    EXPECT_EQ(found([](Agreement &a) { a.numbers[0].value.office = a.numbers[0].value.number; }),
              number_is_wrong)
        << "it would ring itself";
    EXPECT_EQ(found([](Agreement &a) { a.numbers[0].value.staffed = {{7, 8 * 3600, 12 * 3600}}; }),
              number_is_wrong);
    EXPECT_EQ(found([](Agreement &a) { a.taxes[0].value.reason.clear(); }),
              "agreement.incomplete place=5.taxes[0].reason remedy=name_the_reason");
    EXPECT_EQ(found([](Agreement &a) { a.taxes[0].value.rate_percent = 19; }),
              "agreement.incomplete place=5.taxes[0].rate_percent remedy=correct_value");
    EXPECT_EQ(found([](Agreement &a) { a.ends = LocalDate{2025, 1, 1}; }).substr(0, 20),
              "agreement.price_inva");
    EXPECT_EQ(found([](Agreement &a) { a.populations[0].source.clear(); }),
              "agreement.price_invalid place=5.populations[0].source remedy=name_the_source");
}

// Else the number would be answered, and billed, all day long.
TEST(AgreementCheck, OutOfHoursNeedsServiceHours) {
    Agreement made = agreement();
    made.numbers[0].value.scope = Scope::out_of_hours;
    made.numbers[0].value.staffed = std::vector<ServiceHours>{{0, 8 * 3600, 12 * 3600}};
    EXPECT_TRUE(check(made).empty());
    const auto asked = [&] {
        const auto problems = check(made);
        return problems.size() == 1 && problems[0].code == "agreement.incomplete" &&
               problems[0].arguments[0].second == "3.hours" &&
               problems[0].arguments[1].second == "add_service_hours";
    };
    const auto hours = made.hours;
    made.hours.clear();
    EXPECT_TRUE(asked());
    made.hours = hours;
    made.hours[0].from = {2027, 1, 1};
    made.numbers[0].to = LocalDate{2026, 12, 31};
    EXPECT_TRUE(asked()) << "not in its time";
    made.numbers[0].value.scope = Scope::all_calls;
    EXPECT_FALSE(asked());
}

TEST(AgreementConfiguration, TakesEffectOnItsDay) { // a change takes effect at its date
    Agreement made = in_force();
    made.numbers.push_back(
        {{2026, 4, 1}, LocalDate{2026, 9, 30}, {PhoneNumber{"115"}, Scope::all_calls}});
    made.hours[0].to = LocalDate{2026, 6, 30};
    made.hours.push_back({{2026, 7, 1}, std::nullopt, {{0, 7 * 3600, 19 * 3600}}});
    made.prices[0].to = LocalDate{2026, 12, 31};
    made.prices.push_back(clause("Minuten 2", {2027, 1, 1}, per_minute(Price{1'050'000})));
    EXPECT_FALSE(configuration_on(made, {2025, 12, 31}).active);
    EXPECT_EQ(configuration_on(made, {2026, 3, 31}).numbers.size(), 1U);
    EXPECT_EQ(configuration_on(made, {2026, 4, 1}).numbers.size(), 2U);
    EXPECT_EQ(configuration_on(made, {2026, 7, 1}).hours[0].from_second, 7 * 3600);
    EXPECT_EQ(configuration_on(made, {2027, 1, 1}).prices, std::vector<std::string>{"Minuten 2"});
    EXPECT_EQ(changes_between(made, {2025, 12, 1}, {2027, 3, 1}),
              (std::vector<LocalDate>{
                  {2026, 1, 1}, {2026, 4, 1}, {2026, 7, 1}, {2026, 10, 1}, {2027, 1, 1}}));
}

TEST(AgreementConfiguration, EndsWithTheAgreement) {
    Agreement made = in_force();
    ASSERT_TRUE(change_state(made, to(State::notice_given, {2027, 1, 2})));
    EXPECT_TRUE(configuration_on(made, {2027, 12, 31}).active);
    EXPECT_EQ(configuration_on(made, {2028, 1, 1}), Configuration{});
    EXPECT_EQ(prices_of(made).ends, (LocalDate{2027, 12, 31}));
}

TEST(AgreementTax, HintsAreNoVerdicts) { // F-31
    const Agreement made = in_force();   // two years
    EXPECT_EQ(tax_hints(made, {2026, 5, 1}), std::vector{TaxHint::transition_ends});
    EXPECT_EQ(tax_hints(made, {2027, 5, 1}), std::vector{TaxHint::short_term});
    Agreement without = made;
    without.taxes.clear();
    EXPECT_EQ(tax_hints(without, {2026, 5, 1}), std::vector{TaxHint::no_tax_clause});
    Agreement unlimited = made;
    unlimited.term.first_months = 0;
    EXPECT_TRUE(tax_hints(unlimited, {2027, 5, 1}).empty());
}

TEST(Offboarding, ListsWhatHasToBeDoneAndWhen) { // F-32
    Agreement made = in_force();
    EXPECT_TRUE(offboarding_plan(made).empty());
    ASSERT_TRUE(change_state(made, to(State::notice_given, {2027, 1, 2})));
    const auto plan = offboarding_plan(made);
    ASSERT_EQ(plan.size(), 8U);
    EXPECT_EQ(plan[0].task, OffboardingTask::tell_partners);
    EXPECT_EQ(plan[1], (OffboardingStep{
                           OffboardingTask::switch_number_back, "+493023125234", {2027, 12, 31}}));
    // 30 January 2028 is a Sunday.
    const OffboardingStep data{OffboardingTask::return_data, "", {2028, 1, 31}};
    EXPECT_NE(std::ranges::find(plan, data), plan.end());
}

} // namespace
} // namespace fernamt::agreements
