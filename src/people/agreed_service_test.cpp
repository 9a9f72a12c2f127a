// SPDX-License-Identifier: EUPL-1.2
#include "agreements/agreement_samples.h"
#include "people/agreed_service.h"
#include "people/hours.h"
#include "people/municipalities.h"
#include "people/rules.h"
#include "routing/machine.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

namespace fernamt::people {
namespace {

using agreements::Agreement;
using agreements::Scope;
using agreements::State;
namespace samples = agreements::samples;

constexpr MunicipalityId kTown = samples::kTown;
const PhoneNumber kAgreed{"+493023125234"};
const PhoneNumber kOther{"+493023125235"};
constexpr LocalDate kBegin{2027, 1, 1};

Instant noon(const LocalDate &day) {
    return to_instant(day, 12 * 3600);
}

class AgreedServiceTest : public storage::testing::DatabaseTest {
  protected:
    // Open on Mondays only, and not for the agreement's number yet.
    void add_town(std::vector<PhoneNumber> numbers = {}) {
        Municipality town;
        town.id = kTown;
        town.name = "Stadt Musterstedt";
        town.short_name = "Musterstedt";
        town.greeting = "Stadt Musterstedt, guten Tag!";
        town.hours = {{Weekday::monday, 9 * 3600, 12 * 3600}};
        town.numbers = std::move(numbers);
        ASSERT_TRUE(Municipalities(db(), clock_).add(town, UserId{1}));
    }
    std::optional<AgreedEffect> take(const std::vector<Agreement> &agreements,
                                     bool served_before = false) {
        std::optional<AgreedEffect> effect;
        const auto done = db().write([&](storage::Connection &connection) -> Expected<void> {
            auto taken = take_effect({connection, clock_.now(), UserId{7}}, kTown, 1,
                                     agreements::service_plan(agreements), served_before);
            if (!taken) return tl::unexpected(taken.error());
            effect = std::move(*taken);
            return {};
        });
        EXPECT_TRUE(done) << describe(done.error());
        return effect;
    }
    template <class Use>
    auto reading(Use use) {
        decltype(use(std::declval<storage::Connection &>())) result;
        EXPECT_TRUE(db().read([&](storage::Connection &connection) -> Expected<void> {
            result = use(connection);
            return {};
        }));
        return result.value();
    }
    AgreedState state() {
        return reading(
            [](storage::Connection &connection) { return agreed_state(connection, kTown); });
    }
    std::vector<std::string> points(const std::vector<Agreement> &agreements,
                                    const LocalDate &day) {
        std::vector<std::string> said;
        for (const OpenPoint &point : reading([&](storage::Connection &connection) {
                 return open_points(connection, kTown, agreements::service_plan(agreements), day);
             })) {
            said.push_back(std::string(to_string(point.what)) + " " + point.subject);
        }
        return said;
    }
    bool answered(const PhoneNumber &number, Instant at) {
        const auto rules = build_rules(db()).value();
        const routing::Number *line = routing::find_number(rules, number, at);
        if (line == nullptr) return false;
        const routing::Municipality *town = routing::find_municipality(rules, line->municipality);
        return routing::is_served(*town, at) && is_open(routing::openness(*town, line, at));
    }

    // What distribution decides about a call, with no agent there: the rule that decided it.
    std::string judged(const PhoneNumber &number, Instant at,
                       std::optional<routing::CrisisPlan> crisis = std::nullopt) {
        routing::Machine machine;
        (void)machine.step(routing::RulesChanged{build_rules(db()).value(), UserId{1}}, at);
        if (crisis) (void)machine.step(routing::CrisisBegan{*crisis, UserId{1}}, at);
        const auto decisions = machine.step(
            routing::CallOffered{CallId{1}, routing::DialledNumber{number, {}}, {}, {}}, at);
        return decisions.empty() ? "" : std::string(to_string(decisions.back().rule));
    }
    std::optional<Line> line_on(const PhoneNumber &number, Instant at) {
        for (const Line &line :
             reading([](storage::Connection &connection) { return lines(connection, kTown); })) {
            const routing::Number &rules = line.rules;
            if (rules.number == number && (!rules.valid_from || *rules.valid_from <= at) &&
                (!rules.valid_until || at < *rules.valid_until)) {
                return line;
            }
        }
        return std::nullopt;
    }

    // By a person's hand.
    Expected<void> store(const Line &line) {
        return db().write([&](storage::Connection &connection) -> Expected<void> {
            const Change change{connection, clock_.now(), UserId{7}};
            const auto done = line.id == 0 ? add(change, line) : modify(change, line);
            if (!done) return tl::unexpected(done.error());
            return {};
        });
    }

    ManualClock clock_{};
};

FERNAMT_ON_EVERY_ENGINE(AgreedServiceTest);

TEST_P(AgreedServiceTest, IsAnsweredFromItsDayOnAndUntilItsLast) {
    add_town();
    Agreement agreement = samples::in_force(kBegin);
    const auto effect = take({agreement});
    ASSERT_TRUE(effect);
    EXPECT_EQ(effect->by, UserId{7});
    EXPECT_EQ(effect->base, effect->before);
    EXPECT_EQ(parts_changed(*effect), (std::vector<std::string_view>{"joins", "hours", "numbers",
                                                                     "promises", "retentions"}));
    const LocalDate last_of_december{2026, 12, 30}, first_tuesday{2027, 1, 5};
    EXPECT_FALSE(answered(kAgreed, noon(last_of_december)));
    EXPECT_TRUE(answered(kAgreed, noon(first_tuesday))) << "Tuesday is in the agreed hours only";
    EXPECT_EQ(take({agreement}), std::nullopt) << "nothing to change";

    agreement.history.push_back({State::notice_given, {2028, 1, 1}, UserId{3}, Instant{3}, ""});
    agreement.ends = LocalDate{2028, 12, 29}; // a Friday
    ASSERT_TRUE(take({agreement}));
    EXPECT_TRUE(answered(kAgreed, noon({2028, 12, 29})));
    EXPECT_FALSE(answered(kAgreed, noon({2029, 1, 2})));

    agreement.history.push_back({State::active, {2028, 2, 1}, UserId{3}, Instant{4}, ""});
    agreement.ends.reset(); // notice taken back by both
    ASSERT_TRUE(take({agreement}));
    EXPECT_TRUE(answered(kAgreed, noon({2029, 1, 2})));
    EXPECT_EQ(state().leaves, std::nullopt);
    EXPECT_EQ(reading([](storage::Connection &connection) {
                  return agreed_effects(connection, kTown);
              }).size(),
              3u);
}

TEST_P(AgreedServiceTest, NobodyWhoIsServedIsCutOffByASignature) {
    add_town({kAgreed});
    ASSERT_TRUE(take({samples::in_force(kBegin)}, true));
    EXPECT_TRUE(answered(kAgreed, to_instant({2026, 12, 7}, 10 * 3600))); // Monday, its own hours
    EXPECT_FALSE(answered(kAgreed, noon({2026, 12, 8})));
    EXPECT_TRUE(answered(kAgreed, noon({2027, 1, 5})));
    EXPECT_EQ(state().numbers.size(), 1u) << "the line that was there goes on";
}

TEST_P(AgreedServiceTest, WhatNeverCameIntoForceIsSetBack) {
    add_town({kOther});
    const AgreedState before = state();
    Agreement agreement = samples::in_force(kBegin);
    agreement.numbers.push_back({kBegin, std::nullopt, {kOther, Scope::all_calls}});
    ASSERT_TRUE(take({agreement}));
    EXPECT_EQ(state().numbers.size(), 2u);
    agreement.history.push_back({State::ended, {2026, 12, 1}, UserId{3}, Instant{3}, ""});
    agreement.ends = LocalDate{2026, 12, 1};
    const auto back = take({agreement});
    ASSERT_TRUE(back);
    EXPECT_EQ(back->agreement, 0);
    EXPECT_EQ(state(), before);
    EXPECT_EQ(take({agreement}), std::nullopt);
}

TEST_P(AgreedServiceTest, SettingBackLeavesWhatPeopleChanged) {
    add_town();
    Agreement agreement = samples::in_force(kBegin);
    ASSERT_TRUE(take({agreement}));
    Municipalities towns(db(), clock_);
    Municipality town = towns.find(kTown).value();
    town.hours = {{Weekday::friday, 8 * 3600, 10 * 3600}};
    ASSERT_TRUE(towns.change(town, UserId{1}));
    EXPECT_EQ(points({agreement}, kBegin), std::vector<std::string>{"hours_differ "});
    agreement.history.push_back({State::ended, {2026, 12, 1}, UserId{3}, Instant{3}, ""});
    agreement.ends = LocalDate{2026, 12, 1};
    ASSERT_TRUE(take({agreement}));
    EXPECT_EQ(state().hours, town.hours);
    EXPECT_TRUE(state().numbers.empty());
}

TEST_P(AgreedServiceTest, ANumberJoinsAndLeavesWithinAnAgreement) {
    add_town();
    Agreement agreement = samples::in_force(kBegin);
    ASSERT_TRUE(take({agreement}));
    agreement.numbers[0].to = LocalDate{2027, 6, 30};
    agreement.numbers.push_back({{2027, 7, 1}, std::nullopt, {kOther, Scope::when_absent}});
    ASSERT_TRUE(take({agreement}));
    const LocalDate june{2027, 6, 30}, july{2027, 7, 1};
    EXPECT_TRUE(answered(kAgreed, noon(june)));
    EXPECT_FALSE(answered(kAgreed, noon(july)));
    EXPECT_FALSE(answered(kOther, noon(june)));
    EXPECT_TRUE(answered(kOther, noon(july)));
    EXPECT_EQ(points({agreement}, july), std::vector<std::string>{"office_missing +493023125235"});
    agreement.numbers.pop_back(); // before its day
    ASSERT_TRUE(take({agreement}));
    EXPECT_EQ(state().numbers.size(), 1u);
}

// R-16 (Geseke): the town hall's operator first, the centre at once when nobody sits there; the
// number of another scope is open at the centre only when the town hall is not.
TEST_P(AgreedServiceTest, AScopeBecomesTheLines) {
    add_town({kOther});
    const PhoneNumber operator_phone{"+493023125900"};
    const std::vector<agreements::ServiceHours> mornings{{0, 8 * 3600, 12 * 3600},
                                                         {2, 8 * 3600, 12 * 3600}};
    Agreement agreement = samples::in_force(kBegin);
    agreement.numbers[0].value = {kAgreed, Scope::when_absent, operator_phone, 15, mornings};
    agreement.numbers.push_back(
        {kBegin,
         std::nullopt,
         {kOther, Scope::out_of_hours, std::nullopt, std::nullopt, mornings}});
    ASSERT_TRUE(take({agreement}));
    EXPECT_EQ(take({agreement}), std::nullopt) << "nothing to change";
    EXPECT_TRUE(points({agreement}, kBegin).empty());
    const auto line_of = [&](const PhoneNumber &number) {
        return line_on(number, noon({2027, 1, 4})).value().rules;
    };
    const auto office = line_of(kAgreed).office;
    ASSERT_TRUE(office);
    EXPECT_EQ(office->office, operator_phone);
    EXPECT_EQ(office->ring_for, std::chrono::seconds{15});
    const LocalDate monday{2027, 1, 4}, tuesday{2027, 1, 5};
    EXPECT_EQ(judged(kAgreed, to_instant(monday, 9 * 3600)), "office_first");
    EXPECT_EQ(judged(kAgreed, to_instant(monday, 13 * 3600)), "nobody_signed_in") << "comes here";
    EXPECT_EQ(judged(kAgreed, to_instant(tuesday, 9 * 3600)), "nobody_signed_in");
    EXPECT_EQ(judged(kOther, to_instant(monday, 9 * 3600)), "closed_hours");
    EXPECT_EQ(judged(kOther, to_instant(monday, 13 * 3600)), "nobody_signed_in");
    EXPECT_EQ(judged(kOther, noon(tuesday)), "nobody_signed_in");
    EXPECT_EQ(judged(kOther, to_instant(tuesday, 20 * 3600)), "closed_hours")
        << "beyond the centre's";

    agreement.numbers[0].value = {kAgreed, Scope::overflow_only, operator_phone};
    ASSERT_TRUE(take({agreement}));
    EXPECT_EQ(line_of(kAgreed).office->ring_for, routing::OfficeFirst{}.ring_for);
    EXPECT_TRUE(line_of(kAgreed).office->absent.empty()) << "it always rings there first";

    agreement.numbers[0].value = {kAgreed, Scope::all_calls};
    agreement.numbers[1].value = {kOther, Scope::all_calls};
    ASSERT_TRUE(take({agreement}));
    EXPECT_EQ(line_of(kAgreed).office, std::nullopt) << "what an agreement set goes with it";
    EXPECT_EQ(line_of(kOther).hours, std::nullopt);
    EXPECT_TRUE(points({agreement}, kBegin).empty());
}

// a hotline that exists for crises, and a number of 115.
TEST_P(AgreedServiceTest, AHotlineIsOpenInACrisisOnlyAndANumberIsOneOf115) {
    add_town();
    Agreement agreement = samples::in_force(kBegin);
    agreement.numbers[0].value = {kAgreed, Scope::number_115};
    agreement.numbers.push_back({kBegin, std::nullopt, {kOther, Scope::crisis_only}});
    ASSERT_TRUE(take({agreement}));
    EXPECT_TRUE(points({agreement}, kBegin).empty());
    const Instant tuesday = noon({2027, 1, 5});
    EXPECT_EQ(line_on(kAgreed, tuesday)->rules.scope, routing::Scope::authority_115);
    EXPECT_EQ(judged(kAgreed, tuesday), "nobody_signed_in");
    EXPECT_EQ(judged(kOther, tuesday), "closed_hours");
    routing::CrisisPlan flood;
    flood.id = routing::CrisisId{1};
    flood.municipality = kTown;
    flood.always_open = true;
    EXPECT_EQ(judged(kOther, tuesday, flood), "nobody_signed_in") << "comes here";

    agreement.numbers[0].value = {kAgreed, Scope::all_calls};
    ASSERT_TRUE(take({agreement}));
    EXPECT_EQ(line_on(kAgreed, tuesday)->rules.scope, routing::Scope::central);
}

TEST_P(AgreedServiceTest, AScopeChangesOnItsDayAndTheLineStaysWhatPeopleMadeIt) {
    add_town({kAgreed});
    Line line = line_on(kAgreed, noon(kBegin)).value();
    line.rules.price_class = 7;
    ASSERT_TRUE(store(line));
    Agreement agreement = samples::in_force(kBegin);
    agreement.numbers[0].to = LocalDate{2027, 6, 30};
    agreement.numbers.push_back({{2027, 7, 1},
                                 std::nullopt,
                                 {kAgreed, Scope::overflow_only, PhoneNumber{"+493023125900"}}});
    ASSERT_TRUE(take({agreement}, true));
    EXPECT_EQ(take({agreement}, true), std::nullopt) << "nothing to change";
    EXPECT_EQ(judged(kAgreed, noon({2027, 6, 30})), "nobody_signed_in");
    EXPECT_EQ(judged(kAgreed, noon({2027, 7, 1})), "office_first");
    EXPECT_EQ(line_on(kAgreed, noon({2027, 7, 1}))->rules.price_class, 7);

    agreement.numbers.pop_back(); // agreed otherwise, before its day
    agreement.numbers[0].to.reset();
    ASSERT_TRUE(take({agreement}, true));
    EXPECT_EQ(judged(kAgreed, noon({2027, 7, 1})), "nobody_signed_in");
    EXPECT_EQ(state().numbers.size(), 1u);
}

// A person's own setting is under the agreement's, and comes out again when the scope goes.
TEST_P(AgreedServiceTest, WhatPeopleSetComesBackWhenTheScopeGoes) {
    add_town({kAgreed});
    const PhoneNumber by_hand{"+493023125901"};
    Line line = line_on(kAgreed, noon(kBegin)).value();
    line.rules.office = routing::OfficeFirst{.office = by_hand, .absent = {}};
    ASSERT_TRUE(store(line));
    Agreement agreement = samples::in_force(kBegin);
    agreement.numbers[0].value = {kAgreed, Scope::overflow_only, PhoneNumber{"+493023125900"}};
    ASSERT_TRUE(take({agreement}));
    EXPECT_EQ(line_on(kAgreed, noon(kBegin))->rules.office->office.e164, "+493023125900");
    agreement.numbers[0].value = {kAgreed, Scope::all_calls};
    ASSERT_TRUE(take({agreement}));
    EXPECT_EQ(line_on(kAgreed, noon(kBegin))->rules.office->office, by_hand);
    EXPECT_EQ(points({agreement}, kBegin),
              std::vector<std::string>{"office_not_agreed +493023125234"});
}

// The same for a line that came after the first effect.
TEST_P(AgreedServiceTest, ALineThatPeopleAddedLaterComesBackAsTheyMadeIt) {
    add_town();
    Agreement agreement = samples::in_force(kBegin);
    ASSERT_TRUE(take({agreement}));
    Line line;
    line.rules.number = kOther;
    line.rules.municipality = kTown;
    line.rules.scope = routing::Scope::authority_115;
    line.rules.office = routing::OfficeFirst{.office = PhoneNumber{"+493023125901"}, .absent = {}};
    line.rules.hours.emplace().periods = {{Weekday::tuesday, 8 * 3600, 20 * 3600}};
    ASSERT_TRUE(store(line));
    const auto as_made = [&] {
        const auto found = line_on(kOther, noon({2027, 1, 5}));
        return found && found->rules.scope == line.rules.scope &&
               found->rules.office == line.rules.office && found->rules.hours == line.rules.hours;
    };
    ASSERT_TRUE(as_made());
    agreement.numbers.push_back({kBegin, std::nullopt, {kOther, Scope::crisis_only}});
    ASSERT_TRUE(take({agreement}));
    EXPECT_FALSE(as_made());
    EXPECT_EQ(judged(kOther, noon({2027, 1, 5})), "closed_hours");
    agreement.numbers[1].value.scope = Scope::all_calls;
    ASSERT_TRUE(take({agreement}));
    EXPECT_TRUE(as_made());

    agreement.numbers[1].value.scope = Scope::crisis_only;
    ASSERT_TRUE(take({agreement}));
    EXPECT_FALSE(as_made());
    agreement.history.push_back({State::ended, {2026, 12, 1}, UserId{3}, Instant{3}, ""});
    agreement.ends = LocalDate{2026, 12, 1};
    ASSERT_TRUE(take({agreement}));
    EXPECT_TRUE(as_made()) << "set back";
}

// else calls to 115 would be priced as the town's own.
TEST_P(AgreedServiceTest, AUseThatPeopleSetLaterComesBackWhenTheScopeGoes) {
    add_town({kAgreed});
    Agreement agreement = samples::in_force(kBegin);
    ASSERT_TRUE(take({agreement}));
    const auto line = [&] { return line_on(kAgreed, noon({2027, 1, 5})).value(); };
    Line by_hand = line();
    by_hand.rules.scope = routing::Scope::authority_115;
    ASSERT_TRUE(store(by_hand));
    for (const Scope scope : {Scope::overflow_only, Scope::all_calls}) {
        agreement.numbers[0].value = {kAgreed, scope, PhoneNumber{"+493023125900"}};
        ASSERT_TRUE(take({agreement}));
        EXPECT_EQ(line().rules.scope, routing::Scope::authority_115);
        EXPECT_EQ(line().rules.office.has_value(), scope == Scope::overflow_only);
    }
}

// What people change while the scope holds is theirs, the rest of it is not.
TEST_P(AgreedServiceTest, AUseSetUnderAScopeDoesNotKeepTheScope) {
    add_town({kAgreed});
    Agreement agreement = samples::in_force(kBegin);
    agreement.numbers[0].value = {kAgreed, Scope::crisis_only};
    ASSERT_TRUE(take({agreement}));
    const auto line = [&] { return line_on(kAgreed, noon({2027, 1, 5})).value(); };
    Line by_hand = line();
    by_hand.rules.scope = routing::Scope::authority_115;
    ASSERT_TRUE(store(by_hand));
    EXPECT_EQ(take({agreement}), std::nullopt) << "the scope holds, and the use is theirs";
    agreement.numbers[0].value = {kAgreed, Scope::all_calls};
    ASSERT_TRUE(take({agreement}));
    EXPECT_EQ(line().rules.scope, routing::Scope::authority_115);
    EXPECT_EQ(line().rules.hours, std::nullopt);
    EXPECT_EQ(judged(kAgreed, noon({2027, 1, 5})), "nobody_signed_in") << "open again";
}

TEST_P(AgreedServiceTest, AScopeThatPeopleChangedSinceIsPointedAt) {
    add_town({kAgreed});
    Agreement agreement = samples::in_force(kBegin);
    agreement.numbers[0].value = {kAgreed, Scope::overflow_only, PhoneNumber{"+493023125900"}};
    ASSERT_TRUE(take({agreement}));
    EXPECT_TRUE(points({agreement}, kBegin).empty());
    Line line = line_on(kAgreed, noon(kBegin)).value();
    line.rules.office->office = PhoneNumber{"+493023125902"};
    ASSERT_TRUE(store(line));
    EXPECT_EQ(points({agreement}, kBegin), std::vector<std::string>{"scope_differs +493023125234"});
}

TEST_P(AgreedServiceTest, AScopeThatDoesNotSayEnoughIsAskedFor) {
    add_town({kOther});
    Agreement agreement = samples::in_force(kBegin);
    agreement.numbers[0].value = {kAgreed, Scope::overflow_only};
    agreement.numbers.push_back({kBegin, std::nullopt, {kOther, Scope::out_of_hours}});
    ASSERT_TRUE(take({agreement}));
    EXPECT_EQ(points({agreement}, kBegin),
              (std::vector<std::string>{"office_missing +493023125234",
                                        "staffed_missing +493023125235"}));
}

// Hours of its own would take the number out of what the town has set: 24 December (a local
// closure) and Epiphany of a town that is open on holidays, both within the agreed hours.
TEST_P(AgreedServiceTest, ExceptionsAndHolidaysOfTheTownHoldForANumberOutOfHours) {
    add_town({kAgreed});
    Municipalities towns(db(), clock_);
    Municipality town = towns.find(kTown).value();
    town.closed_on_public_holidays = false;
    ASSERT_TRUE(towns.change(town, UserId{1}));
    const LocalDate christmas_eve{2027, 12, 24}, saturday{2027, 12, 18}, new_year{2027, 1, 1};
    const auto except = [&](const LocalDate &day, bool opens) {
        return db().write([&](storage::Connection &connection) -> Expected<void> {
            HoursException one{.municipality = kTown, .reason = "Weihnachten"};
            one.rule.first = one.rule.last = day;
            one.rule.open = opens;
            const auto added = add(Change{connection, clock_.now(), UserId{7}}, one);
            if (!added) return tl::unexpected(added.error());
            return {};
        });
    };
    ASSERT_TRUE(except(christmas_eve, false));
    ASSERT_TRUE(except(saturday, true));
    const std::vector<agreements::ServiceHours> mornings{{0, 8 * 3600, 12 * 3600}};
    Agreement agreement = samples::in_force(kBegin);
    const auto agree = [&](Scope scope) {
        agreement.numbers[0].value = {kAgreed, scope, {}, {}, mornings};
        return take({agreement}).has_value();
    };
    ASSERT_TRUE(agree(Scope::out_of_hours));
    EXPECT_EQ(judged(kAgreed, noon({2027, 12, 23})), "nobody_signed_in") << "open";
    EXPECT_EQ(judged(kAgreed, noon(christmas_eve)), "closed_locally");
    EXPECT_EQ(judged(kAgreed, noon(saturday)), "nobody_signed_in");
    EXPECT_EQ(judged(kAgreed, noon(new_year)), "nobody_signed_in") << "a holiday";
    ASSERT_TRUE(except({2027, 12, 23}, false));
    EXPECT_EQ(judged(kAgreed, noon({2027, 12, 23})), "closed_locally") << "entered later";
    EXPECT_EQ(reading([](storage::Connection &connection) {
                  return hours_exceptions(connection, kTown);
              }).size(),
              3u)
        << "the town's own, and no copies";

    ASSERT_TRUE(agree(Scope::crisis_only));
    EXPECT_FALSE(answered(kAgreed, noon(saturday))) << "in a crisis only";
    ASSERT_TRUE(agree(Scope::out_of_hours));
    EXPECT_FALSE(answered(kAgreed, noon(christmas_eve)));
    agreement.numbers[0].to = LocalDate{2027, 6, 30}; // other hours from then on: another line
    agreement.numbers.push_back({{2027, 7, 1}, std::nullopt, agreement.numbers[0].value});
    agreement.numbers[1].value.staffed = {{1, 8 * 3600, 12 * 3600}};
    ASSERT_TRUE(take({agreement}));
    EXPECT_FALSE(answered(kAgreed, noon(christmas_eve)));
    EXPECT_FALSE(answered(kAgreed, noon({2027, 12, 23})));
    EXPECT_TRUE(answered(kAgreed, noon({2027, 12, 22})));
}

// What people except from a number's own hours holds on when an agreement parts the number's days.
TEST_P(AgreedServiceTest, ANumbersOwnExceptionsGoOnWithIt) {
    add_town({kAgreed});
    const std::vector<agreements::ServiceHours> mornings{{0, 8 * 3600, 12 * 3600}};
    Agreement agreement = samples::in_force(kBegin);
    agreement.numbers[0].value = {kAgreed, Scope::out_of_hours, {}, {}, mornings};
    ASSERT_TRUE(take({agreement}));
    const LocalDate outing{2027, 9, 1};
    ASSERT_TRUE(db().write([&](storage::Connection &connection) -> Expected<void> {
        HoursException one{.municipality = kTown, .reason = "Betriebsausflug"};
        one.line = lines(connection, kTown)->front().id;
        one.rule.first = one.rule.last = outing;
        const auto added = add(Change{connection, clock_.now(), UserId{7}}, one);
        if (!added) return tl::unexpected(added.error());
        return {};
    }));
    EXPECT_FALSE(answered(kAgreed, noon(outing)));
    agreement.numbers[0].to = LocalDate{2027, 6, 30};
    agreement.numbers.push_back({{2027, 7, 1}, std::nullopt, agreement.numbers[0].value});
    agreement.numbers[1].value.staffed = {{1, 8 * 3600, 12 * 3600}};
    ASSERT_TRUE(take({agreement}));
    EXPECT_FALSE(answered(kAgreed, noon(outing)));
    EXPECT_TRUE(answered(kAgreed, noon({2027, 9, 2})));
}

// Signed before service hours were demanded for it, or they are of another time.
TEST_P(AgreedServiceTest, OutOfHoursWithoutServiceHoursIsAskedForAndNotSetUp) {
    add_town({kAgreed});
    const std::vector<agreements::ServiceHours> mornings{{0, 8 * 3600, 12 * 3600}};
    Agreement agreement = samples::in_force(kBegin);
    agreement.numbers[0].value = {kAgreed, Scope::out_of_hours, {}, {}, mornings};
    const auto asked = std::vector<std::string>{"staffed_missing +493023125234"};
    agreement.hours[0].to = LocalDate{2027, 3, 31};
    agreement.numbers[0].from = {2027, 7, 1};
    ASSERT_TRUE(take({agreement}));
    EXPECT_EQ(points({agreement}, {2027, 7, 1}), asked);
    EXPECT_EQ(line_on(kAgreed, noon({2027, 7, 5}))->rules.hours, std::nullopt);
    agreement.hours.clear();
    (void)take({agreement});
    EXPECT_EQ(points({agreement}, {2027, 7, 1}), asked);
}

// What people set by hand is theirs: it stays when an agreement ends before it began.
TEST_P(AgreedServiceTest, AScopeIsSetBackWithItsAgreement) {
    add_town({kOther});
    const AgreedState before = state();
    Agreement agreement = samples::in_force(kBegin);
    agreement.numbers[0].value = {kOther, Scope::overflow_only, PhoneNumber{"+493023125900"}};
    ASSERT_TRUE(take({agreement}));
    EXPECT_NE(state(), before);
    agreement.history.push_back({State::ended, {2026, 12, 1}, UserId{3}, Instant{3}, ""});
    agreement.ends = LocalDate{2026, 12, 1};
    ASSERT_TRUE(take({agreement}));
    EXPECT_EQ(state(), before);
}

TEST_P(AgreedServiceTest, PromisesAndPeriodsHoldOnTheirDays) {
    add_town();
    Agreement agreement = samples::in_force(kBegin);
    agreement.retentions[0].to = LocalDate{2027, 12, 31};
    agreement.retentions.push_back({{2028, 1, 1}, std::nullopt, {0, 30, 90}});
    ASSERT_TRUE(take({agreement}));
    const auto retention = [&](const LocalDate &day) {
        return reading(
            [&](storage::Connection &connection) { return retentions_on(connection, day); });
    };
    EXPECT_TRUE(retention({2026, 12, 31}).empty());
    ASSERT_EQ(retention({2027, 12, 31}).size(), 1u);
    EXPECT_EQ(retention({2027, 12, 31})[0].retention.case_days, 90);
    EXPECT_EQ(retention({2028, 1, 1})[0].retention.case_days, 30);
    const auto promise = [&](const LocalDate &day) {
        return reading(
            [&](storage::Connection &connection) { return promise_on(connection, kTown, day); });
    };
    EXPECT_EQ(promise({2026, 12, 31}), std::nullopt);
    EXPECT_EQ(promise(kBegin), agreements::Promise{});
}

TEST_P(AgreedServiceTest, ANumberOfAnotherTownIsNotTaken) {
    add_town();
    Municipality other;
    other.id = samples::kOtherTown;
    other.name = other.short_name = other.greeting = "Nachbarort";
    other.numbers = {kAgreed};
    ASSERT_TRUE(Municipalities(db(), clock_).add(other, UserId{1}));
    const auto done = db().write([&](storage::Connection &connection) -> Expected<void> {
        auto taken = take_effect({connection, clock_.now(), UserId{7}}, kTown, 1,
                                 agreements::service_plan({samples::in_force(kBegin)}), false);
        if (!taken) return tl::unexpected(taken.error());
        return {};
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, "municipality.number_taken");
    EXPECT_EQ(state().joins, std::nullopt) << "all or nothing";
}

} // namespace
} // namespace fernamt::people
