// SPDX-License-Identifier: EUPL-1.2
#include "people/audit.h"
#include "people/demo.h"
#include "people/directory.h"
#include "people/lines.h"
#include "people/municipalities.h"
#include "people/rules.h"
#include "people/sessions.h"
#include "people/users.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

#include <fstream>
#include <numeric>

namespace fernamt::people {
namespace {

constexpr UserId kRoot{99};
constexpr int kHour = 3600;
constexpr MunicipalityId kLangenhagen{32'410'010'010};
constexpr MunicipalityId kWedemark{32'410'019'019};

Municipality langenhagen() {
    Municipality one;
    one.id = kLangenhagen;
    one.name = "Stadt Langenhagen";
    one.short_name = "Langenhagen";
    one.population = 56'172;
    one.population_date = "2020-09-30";
    one.population_source = "Region Hannover";
    one.greeting = "Stadt Langenhagen, guten Tag!";
    one.hours = {{Weekday::monday, 8 * kHour, 12 * kHour},
                 {Weekday::monday, 13 * kHour, 18 * kHour}};
    one.numbers = {PhoneNumber{"+493023125110"}};
    return one;
}

std::vector<std::string> fault(Municipality one) {
    const auto checked = validate(one);
    if (checked) return {};
    std::vector<std::string> said{checked.error().code};
    for (const auto &[name, value] : checked.error().arguments)
        said.push_back(value);
    return said;
}

using Said = std::vector<std::string>;

TEST(MunicipalityValidation, NamesTheFieldAndTheRemedy) {
    EXPECT_EQ(fault(langenhagen()), Said{});
    Municipality one = langenhagen();
    one.short_name = "Neustadt am Rbg";
    EXPECT_EQ(fault(one), (Said{"municipality.text_too_long", "short_name", "14"}));
    one.short_name = "Mühlenstädtchè"; // 14 characters, 17 bytes
    EXPECT_EQ(fault(one), Said{});
    one.short_name = " \t";
    EXPECT_EQ(fault(one), (Said{"municipality.text_missing", "short_name"}));
    one = langenhagen();
    one.name = "";
    EXPECT_EQ(fault(one), (Said{"municipality.text_missing", "name"}));
    one = langenhagen();
    one.greeting = std::string(501, 'x');
    EXPECT_EQ(fault(one), (Said{"municipality.text_too_long", "greeting", "500"}));
    one = langenhagen();
    one.population = -1;
    EXPECT_EQ(fault(one), (Said{"municipality.population_negative", "population"}));
}

TEST(MunicipalityValidation, HoursAreInOrderAndApart) {
    const auto with = [](std::vector<routing::OpeningPeriod> hours) {
        Municipality one = langenhagen();
        one.hours = std::move(hours);
        return fault(one);
    };
    EXPECT_EQ(with({}), Said{}); // always closed
    EXPECT_EQ(with({{Weekday::sunday, 0, 24 * kHour}}), Said{});
    EXPECT_EQ(
        with({{Weekday::monday, 8 * kHour, 12 * kHour}, {Weekday::monday, 12 * kHour, 18 * kHour}}),
        Said{}); // touching is not overlapping
    EXPECT_EQ(with({{Weekday::tuesday, 12 * kHour, 12 * kHour}}),
              (Said{"municipality.hours_order", "hours", "1", "12:00", "12:00"}));
    EXPECT_EQ(with({{Weekday::monday, 18 * kHour, 8 * kHour}}),
              (Said{"municipality.hours_order", "hours", "0", "18:00", "08:00"}));
    EXPECT_EQ(with({{Weekday::monday, -60, 8 * kHour}}).front(), "municipality.hours_order");
    EXPECT_EQ(with({{Weekday::monday, 0, 24 * kHour + 1}}).front(), "municipality.hours_order");
    EXPECT_EQ(with({{static_cast<Weekday>(7), 0, kHour}}).front(), "municipality.hours_order");
    EXPECT_EQ(
        with({{Weekday::friday, 12 * kHour, 18 * kHour}, {Weekday::friday, 8 * kHour, 13 * kHour}}),
        (Said{"municipality.hours_overlap", "hours", "4", "08:00–13:00", "12:00–18:00"}));
}

TEST(SettingsValidation, NamesTheRange) {
    EXPECT_TRUE(validate(Settings{}));
    Settings settings;
    settings.ring_timeout = 4s;
    EXPECT_EQ(validate(settings).error(),
              (Problem{ProblemKind::invalid_input,
                       "settings.out_of_range",
                       {{"field", "ring_timeout_seconds"}, {"least", "5"}, {"most", "120"}}}));
    settings = {};
    settings.wrap_up = 0s;
    EXPECT_TRUE(validate(settings));
    settings.wrap_up = 601s;
    EXPECT_FALSE(validate(settings));
}

class MunicipalitiesTest : public storage::testing::DatabaseTest {
  protected:
    MunicipalitiesTest() { clock_.set(Instant{1'800'000'000'000'000}); }
    Municipalities municipalities() { return Municipalities(db(), clock_); }
    Expected<void> write(const std::function<Expected<void>(const Change &)> &change) {
        return db().write([&](storage::Connection &connection) {
            return change({connection, clock_.now(), kRoot});
        });
    }
    Expected<void> add_number(MunicipalityId id, const PhoneNumber &number) {
        return write([&](const Change &change) -> Expected<void> {
            Line line;
            line.rules.municipality = id;
            line.rules.number = number;
            const auto added = add(change, line);
            if (!added) return tl::unexpected(added.error());
            return {};
        });
    }
    Expected<void> drop_number(MunicipalityId id, const PhoneNumber &number) {
        return write([&](const Change &change) { return remove_number(change, id, number); });
    }
    ManualClock clock_;
};

TEST_P(MunicipalitiesTest, AreStoredWhole) {
    const auto added = municipalities().add(langenhagen(), kRoot);
    ASSERT_TRUE(added) << describe(added.error());
    EXPECT_EQ(*added, langenhagen());
    EXPECT_EQ(*municipalities().find(kLangenhagen), langenhagen());
    EXPECT_EQ(municipalities().all()->size(), 1U);
    EXPECT_EQ(municipalities().add(langenhagen(), kRoot).error().code, "municipality.exists");
    EXPECT_EQ(municipalities().find(kWedemark).error().code, "municipality.not_found");
    EXPECT_EQ(municipalities().find(MunicipalityId{}).error().code, "municipality.not_found");
}

TEST_P(MunicipalitiesTest, ChangeNeedsTheVersionThatWasRead) {
    ASSERT_TRUE(municipalities().add(langenhagen(), kRoot));
    Municipality changed = langenhagen();
    changed.greeting = "Langenhagen, moin!";
    changed.hours = {{Weekday::friday, 8 * kHour, 12 * kHour}};
    changed.closed_on_public_holidays = false;
    changed.numbers.clear(); // not changed by this
    const auto after = municipalities().change(changed, kRoot);
    ASSERT_TRUE(after) << describe(after.error());
    EXPECT_EQ(after->version, 2);
    EXPECT_EQ(after->greeting, "Langenhagen, moin!");
    EXPECT_EQ(after->hours, changed.hours);
    EXPECT_EQ(after->numbers, langenhagen().numbers);
    EXPECT_EQ(municipalities().change(changed, kRoot).error(),
              (Problem{ProblemKind::stale, "municipality.stale", {{"version", "2"}}}));
    changed.version = 2;
    changed.short_name = "ein zu langer Name";
    EXPECT_EQ(municipalities().change(changed, kRoot).error().kind, ProblemKind::invalid_input);
    EXPECT_EQ(*municipalities().find(kLangenhagen), *after);
    EXPECT_EQ(audit_log(db(), 1)->front().fields, "greeting,hours,closed_on_public_holidays");
}

TEST_P(MunicipalitiesTest, InformationHasTimesOfItsOwnOrTheHouses) {
    Municipality one = langenhagen();
    one.information = routing::WaitingInformation{20s, 60s};
    ASSERT_TRUE(municipalities().add(one, kRoot));
    EXPECT_EQ(*municipalities().find(kLangenhagen), one);
    EXPECT_EQ(build_rules(db())->municipalities.front().information, one.information);
    one.information = routing::WaitingInformation{20s, 14s};
    EXPECT_EQ(
        municipalities().change(one, kRoot).error(),
        (Problem{ProblemKind::invalid_input,
                 "settings.out_of_range",
                 {{"field", "information_every_seconds"}, {"least", "15"}, {"most", "3600"}}}));
    one.information.reset();
    ASSERT_TRUE(municipalities().change(one, kRoot));
    EXPECT_FALSE(build_rules(db())->municipalities.front().information);
    EXPECT_EQ(audit_log(db(), 1)->front().fields, "information");
}

TEST_P(MunicipalitiesTest, ANumberBelongsToOne) {
    Municipality wedemark = langenhagen();
    wedemark.id = kWedemark;
    wedemark.short_name = "Wedemark";
    wedemark.numbers.clear();
    ASSERT_TRUE(municipalities().add(langenhagen(), kRoot));
    ASSERT_TRUE(municipalities().add(wedemark, kRoot));
    const PhoneNumber taken{"+493023125110"}, free{"+493023125119"};
    EXPECT_EQ(add_number(kWedemark, taken).error(), (Problem{ProblemKind::conflict,
                                                             "municipality.number_taken",
                                                             {{"field", "number"},
                                                              {"number", "030 23125110"},
                                                              {"ars", "032410010010"},
                                                              {"short_name", "Langenhagen"}}}));
    ASSERT_TRUE(add_number(kWedemark, free));
    EXPECT_EQ(municipalities().find(kWedemark)->numbers, std::vector{free});
    EXPECT_EQ(municipalities().find(kWedemark)->version, 2);
    EXPECT_EQ(drop_number(kLangenhagen, free).error().code, "municipality.number_not_found");
    ASSERT_TRUE(drop_number(kLangenhagen, taken));
    ASSERT_TRUE(add_number(kWedemark, taken)); // moved
    EXPECT_EQ(add_number(MunicipalityId{1}, free).error().code, "municipality.not_found");
}

TEST_P(MunicipalitiesTest, SettingsHoldForTheOffice) {
    EXPECT_EQ(*municipalities().settings(), Settings{});
    Settings changed;
    changed.ring_timeout = 15s;
    changed.wrap_up = 45s;
    const auto after = municipalities().change_settings(changed, kRoot);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->version, 2);
    EXPECT_EQ(*municipalities().settings(), *after);
    EXPECT_EQ(municipalities().change_settings(changed, kRoot).error().code, "settings.stale");
    EXPECT_EQ(audit_log(db(), 1)->front().fields, "ring_timeout,wrap_up");
}

TEST_P(MunicipalitiesTest, RulesAreWhatDistributionNeeds) {
    ASSERT_TRUE(municipalities().add(langenhagen(), kRoot));
    const auto before = build_rules(db());
    ASSERT_TRUE(before);
    Users users(db(), clock_);
    const auto agent =
        users.add({"anke", "Agentin Eins", {Role::agent}, {}, "ein langer Satz"}, kRoot);
    ASSERT_TRUE(agent);
    ASSERT_TRUE(users.add({"lead", "Leitung", {Role::lead}, {}, "ein langer Satz"}, kRoot));
    Settings settings;
    settings.transfer_timeout = 40s;
    ASSERT_TRUE(municipalities().change_settings(settings, kRoot));

    const auto rules = build_rules(db());
    ASSERT_TRUE(rules) << describe(rules.error());
    EXPECT_GT(rules->version, before->version);
    ASSERT_EQ(rules->municipalities.size(), 1U);
    EXPECT_EQ(rules->municipalities[0],
              (routing::Municipality{kLangenhagen, Land::NI, langenhagen().hours, true}));
    EXPECT_EQ(rules->numbers,
              (std::vector<routing::Number>{{PhoneNumber{"+493023125110"}, kLangenhagen}}));
    EXPECT_EQ(rules->agents, std::vector{AgentId{agent->user.id.value}});
    EXPECT_EQ(rules->transfer_timeout, Duration{40s});
    EXPECT_EQ(rules->ring_timeout, Duration{20s});

    UserChange gone{"Agentin Eins", {Role::agent}, {}, false, {}};
    ASSERT_TRUE(users.change(agent->user.id, 1, gone, kRoot));
    const auto without = build_rules(db());
    EXPECT_TRUE(without->agents.empty());
    EXPECT_GT(without->version, rules->version);
}

TEST_P(MunicipalitiesTest, TheDirectoryFollowsChanges) {
    const auto directory = Directory::load(db());
    ASSERT_TRUE(directory);
    EXPECT_EQ((*directory)->short_name(kLangenhagen), "");
    ASSERT_TRUE(municipalities().add(langenhagen(), kRoot));
    EXPECT_EQ((*directory)->short_name(kLangenhagen), "Langenhagen");
    Municipality changed = langenhagen();
    changed.short_name = "Lgh";
    ASSERT_TRUE(municipalities().change(changed, kRoot));
    EXPECT_EQ((*directory)->short_name(kLangenhagen), "Lgh");
}

// ---- the demo region

const std::string kRegion = std::string(FERNAMT_SOURCE_DIR) + "/data/region-hannover.csv";

TEST(DemoData, IsTheRegionWithItsPopulation) {
    const auto region = read_region(kRegion, false);
    ASSERT_TRUE(region) << describe(region.error());
    ASSERT_EQ(region->size(), 22U);
    EXPECT_EQ(region->front().id, MunicipalityId{32'410'000'000});
    EXPECT_EQ(region->front().kind, MunicipalityKind::district);
    const auto sum = std::accumulate(
        region->begin() + 1, region->end(), std::int64_t{0},
        [](std::int64_t total, const Municipality &one) { return total + one.population; });
    EXPECT_EQ(sum, 1'176'217);
    EXPECT_EQ(region->front().population, sum);
    for (const Municipality &one : *region) {
        // Drama Numbers only: 030 23125 000 to 999.
        ASSERT_EQ(one.numbers.size(), 1U);
        EXPECT_TRUE(one.numbers[0].e164.starts_with("+493023125")) << one.numbers[0].e164;
        EXPECT_EQ(one.numbers[0].e164.size(), 13U);
        EXPECT_EQ(one.hours.size(), 5U);
        EXPECT_TRUE(one.closed_on_public_holidays);
    }
    const auto open = read_region(kRegion, true);
    EXPECT_EQ(open->front().hours.size(), 7U);
    EXPECT_FALSE(open->front().closed_on_public_holidays);
    EXPECT_EQ(routing::openness({kWedemark, Land::NI, open->front().hours, false},
                                Instant{1'798'758'000'000'000}),
              routing::Openness::open);
}

TEST(DemoData, FaultsNameFileLineAndField) {
    const storage::testing::TemporaryDirectory directory;
    const std::string file = directory.path() + "/region.csv";
    const auto fault_of = [&](const std::string &text) {
        std::ofstream(file, std::ios::trunc) << text;
        const auto read = read_region(file, false);
        if (read) return std::string();
        const auto &arguments = read.error().arguments;
        return arguments.size() == 3 ? arguments[1].second + " " + arguments[2].second
                                     : read.error().code;
    };
    const std::string header = "ars;kind;name;short_name;greeting;population;number\n";
    const std::string good = "032410010010;municipality;A;A;A;1;03023125110\n";
    EXPECT_EQ(fault_of(header + good), "");
    EXPECT_EQ(fault_of(""), "demo.file_unreadable");
    EXPECT_EQ(fault_of("# nothing\n" + header), "demo.file_unreadable");
    EXPECT_EQ(fault_of(good), "1 header");
    EXPECT_EQ(fault_of(header + good + "032410010010;municipality\n"), "3 columns");
    EXPECT_EQ(fault_of(header + "3241;municipality;A;A;A;1;03023125110\n"), "2 ars");
    EXPECT_EQ(fault_of(header + "032410010010;town;A;A;A;1;03023125110\n"), "2 kind");
    EXPECT_EQ(fault_of(header + "032410010010;municipality;A;A;A;1x;03023125110\n"),
              "2 population");
    EXPECT_EQ(fault_of(header + "032410010010;municipality;A;A;A;1;abc\n"), "2 number");
    EXPECT_EQ(
        fault_of(header + "032410010010;municipality;A;A far too long name;A;1;03023125110\n"),
        "2 short_name");
    EXPECT_EQ(read_region("/nowhere/region.csv", false).error().code, "demo.file_unreadable");
}

TEST_P(MunicipalitiesTest, TheDemoCanBeSeededAgain) {
    const auto first = seed_demo(db(), clock_, {kRegion, 2, true});
    ASSERT_TRUE(first) << describe(first.error());
    EXPECT_EQ(first->municipalities.size(), 22U);
    ASSERT_EQ(first->phones.size(), 2U);
    EXPECT_EQ(first->phones[0].login, "agent1");
    EXPECT_EQ(first->phones[0].sip_user, "agent1");
    Roles covered;
    for (const DemoAccount &account : first->accounts) {
        for (int i = 0; i < kRoles; ++i) {
            if (account.roles.contains(static_cast<Role>(i))) covered.add(static_cast<Role>(i));
        }
    }
    EXPECT_EQ(names(covered).size(), static_cast<std::size_t>(kRoles));
    Sessions sessions(db(), clock_);
    EXPECT_TRUE(sessions.sign_in(first->accounts.back().login, first->accounts.back().password,
                                 "192.0.2.1"));

    // What somebody changed stays; what is missing comes.
    Municipality changed = *municipalities().find(kWedemark);
    changed.greeting = "Wedemark, moin!";
    ASSERT_TRUE(municipalities().change(changed, kRoot));
    ASSERT_TRUE(
        Users(db(), clock_).renew_sip_password(UserId{first->phones[1].agent.value}, kRoot));
    const auto second = seed_demo(db(), clock_, {kRegion, 3, true});
    ASSERT_TRUE(second) << describe(second.error());
    EXPECT_EQ(second->municipalities.size(), 22U);
    EXPECT_EQ(municipalities().find(kWedemark)->greeting, "Wedemark, moin!");
    ASSERT_EQ(second->phones.size(), 2U); // agent2's phone is no longer the demo's
    EXPECT_EQ(second->phones[1].login, "agent3");
    EXPECT_EQ(build_rules(db())->agents.size(), 3U);
    EXPECT_EQ(second->accounts.size(), first->accounts.size() + 1);
}

FERNAMT_ON_EVERY_ENGINE(MunicipalitiesTest);

} // namespace
} // namespace fernamt::people
