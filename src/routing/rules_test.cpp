// SPDX-License-Identifier: EUPL-1.2
#include "routing/rules.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fernamt::routing {
namespace {

constexpr MunicipalityId kHannover{32410001000};
constexpr MunicipalityId kBurgdorf{32410003000};
constexpr MunicipalityId kSoest{59740040040};

Rules three_towns() {
    Rules rules;
    rules.municipalities = {{kSoest, Land::NW, {}, true},
                            {kHannover, Land::NI, {}, true},
                            {kBurgdorf, Land::NI, {}, true}};
    rules.numbers = {{{"+493023125168"}, kHannover},
                     {{"+492214710898"}, kBurgdorf},
                     {{"115"}, kHannover},
                     {{"+496990009103"}, kSoest}};
    rules.agents = {AgentId{3}, AgentId{1}, AgentId{3}, AgentId{2}};
    return sorted(rules);
}

TEST(Rules, are_found_in_whatever_order_they_were_given) {
    const Rules rules = three_towns();
    EXPECT_EQ(rules.agents, (std::vector{AgentId{1}, AgentId{2}, AgentId{3}}));
    ASSERT_NE(find_municipality(rules, kSoest), nullptr);
    EXPECT_EQ(find_municipality(rules, kSoest)->land, Land::NW);
    EXPECT_EQ(find_municipality(rules, MunicipalityId{1}), nullptr);
    EXPECT_EQ(find_municipality(Rules{}, kSoest), nullptr);
    ASSERT_NE(find_number(rules, {"115"}), nullptr);
    EXPECT_EQ(find_number(rules, {"115"})->municipality, kHannover);
    EXPECT_EQ(find_number(rules, {"116117"}), nullptr);
    EXPECT_TRUE(is_agent(rules, AgentId{2}));
    EXPECT_FALSE(is_agent(rules, AgentId{4}));
    EXPECT_EQ(sorted(rules), rules);
}

// ------------------------------------------------------------------------------ who was dialled?

using enum DialledSource;

struct Dialled {
    std::string about;
    std::vector<DialledCandidate> candidates;
    std::optional<DialledSource> source;
    MunicipalityId municipality{};
};

const std::vector<Dialled> kDialled = {
    {"no header at all", {}, {}, {}},
    {"Request-URI", {{request_uri, "+493023125168"}}, request_uri, kHannover},
    {"Request-URI before everything else",
     {{request_uri, "+493023125168"}, {called_party_id, "+492214710898"}, {to, "+496990009103"}},
     request_uri,
     kHannover},
    {"P-Called-Party-ID when the Request-URI is a trunk's name",
     {{request_uri, "trunk1"}, {called_party_id, "+492214710898"}, {history_info, "+496990009103"}},
     called_party_id,
     kBurgdorf},
    {"History-Info when the first two are not ours",
     {{request_uri, "+4930999"},
      {called_party_id, "s"},
      {history_info, "069 90009-103"},
      {diversion, "+493023125168"}},
     history_info,
     kSoest},
    {"Diversion before To",
     {{request_uri, "+4930999"}, {diversion, "+492214710898"}, {to, "+493023125168"}},
     diversion,
     kBurgdorf},
    {"To at last", {{request_uri, "+4930999"}, {to, "+493023125168"}}, to, kHannover},
    {"nobody's number anywhere", {{request_uri, "+4930999"}, {to, "+4930998"}}, {}, {}},
    {"national with zero", {{request_uri, "03023125168"}}, request_uri, kHannover},
    {"international with 00", {{request_uri, "00493023125168"}}, request_uri, kHannover},
    {"country code without plus", {{request_uri, "493023125168"}}, request_uri, kHannover},
    {"short number", {{request_uri, "115"}}, request_uri, kHannover},
    {"short number from abroad", {{request_uri, "+49115"}}, request_uri, kHannover},
    {"parameters in the user part",
     {{request_uri, "+493023125168;phone-context=example.org"}},
     request_uri,
     kHannover},
    {"parameters without plus",
     {{request_uri, "493023125168;phone-context=trunk.example"}},
     request_uri,
     kHannover},
    {"local number with a context (RFC 3966)",
     {{request_uri, "23125168;phone-context=+4930"}},
     request_uri,
     kHannover},
    {"local number with a context and more",
     {{request_uri, "3023125-168;isub=1;phone-context=+49;x=y"}},
     request_uri,
     kHannover},
    {"an escaped plus", {{request_uri, "%2B493023125168"}}, request_uri, kHannover},
    {"local number without a context is nobody's", {{request_uri, "23125168"}}, {}, {}},
    {"empty and broken users",
     {{request_uri, ""},
      {called_party_id, ";"},
      {history_info, "+"},
      {diversion, "%2B"},
      {to, std::string(4000, '9')}},
     {},
     {}},
};

TEST(ResolveDialled, takes_the_first_candidate_that_is_a_number_of_ours) {
    const Rules rules = three_towns();
    for (const Dialled &row : kDialled) {
        const auto dialled = resolve_dialled(rules, row.candidates);
        ASSERT_EQ(dialled.has_value(), row.source.has_value()) << row.about;
        if (!dialled) continue;
        EXPECT_EQ(dialled->source, *row.source) << row.about;
        EXPECT_EQ(dialled->municipality, row.municipality) << row.about;
        EXPECT_EQ(find_number(rules, dialled->number)->municipality, row.municipality) << row.about;
    }
}

TEST(ResolveDialled, finds_nothing_without_rules) {
    EXPECT_FALSE(resolve_dialled(Rules{}, {{request_uri, "115"}}));
}

// ------------------------------------------------------------------------------------- openness

Municipality office(Land land, bool closed_on_public_holidays = true) {
    Municipality town{kHannover, land, {}, closed_on_public_holidays};
    for (const Weekday day : {Weekday::monday, Weekday::tuesday, Weekday::wednesday,
                              Weekday::thursday, Weekday::friday}) {
        town.hours.push_back({day, 8 * 3600, 12 * 3600});
        town.hours.push_back({day, 13 * 3600, 18 * 3600});
    }
    return town;
}

Openness at(const Municipality &town, const LocalDate &date, int hour, int minute = 0) {
    return openness(town, to_instant(date, hour * 3600 + minute * 60));
}

TEST(Openness, follows_the_periods_to_the_second) {
    const Municipality town = office(Land::NI);
    const LocalDate monday{2026, 11, 23};
    EXPECT_EQ(openness(town, to_instant(monday, 8 * 3600) - 1us), Openness::closed_hours);
    EXPECT_EQ(openness(town, to_instant(monday, 8 * 3600)), Openness::open);
    EXPECT_EQ(openness(town, to_instant(monday, 12 * 3600) - 1us), Openness::open);
    EXPECT_EQ(openness(town, to_instant(monday, 12 * 3600)), Openness::closed_hours);
    EXPECT_EQ(at(town, monday, 12, 30), Openness::closed_hours);
    EXPECT_EQ(at(town, monday, 13), Openness::open);
    EXPECT_EQ(at(town, {2026, 11, 22}, 10), Openness::closed_hours); // Sunday
}

TEST(Openness, counts_hours_in_german_time_all_year) {
    const Municipality town = office(Land::NI);
    EXPECT_EQ(openness(town, *parse_iso8601("2026-07-06T06:00:00Z")), Openness::open);
    EXPECT_EQ(openness(town, *parse_iso8601("2026-12-07T06:00:00Z")), Openness::closed_hours);
    EXPECT_EQ(openness(town, *parse_iso8601("2026-12-07T07:00:00Z")), Openness::open);
}

TEST(Openness, keeps_the_holidays_of_its_own_land) {
    const LocalDate reformation{2024, 10, 31};
    const LocalDate all_saints{2024, 11, 1};
    EXPECT_EQ(at(office(Land::NI), reformation, 10), Openness::closed_public_holiday);
    EXPECT_EQ(at(office(Land::NW), reformation, 10), Openness::open);
    EXPECT_EQ(at(office(Land::NI), all_saints, 10), Openness::open);
    EXPECT_EQ(at(office(Land::NW), all_saints, 10), Openness::closed_public_holiday);
    EXPECT_EQ(at(office(Land::NI, false), reformation, 10), Openness::open);
}

TEST(Openness, names_the_holiday_only_where_the_hours_would_be_open) {
    EXPECT_EQ(at(office(Land::NI), {2024, 10, 31}, 20), Openness::closed_hours);
}

TEST(Openness, is_never_without_hours) {
    EXPECT_EQ(at({kHannover, Land::NI, {}, true}, {2026, 11, 23}, 10), Openness::closed_no_hours);
}

TEST(Openness, knows_a_whole_day) {
    const Municipality hotline{kHannover, Land::NI, {{Weekday::sunday, 0, 86'400}}, false};
    EXPECT_EQ(openness(hotline, to_instant({2026, 11, 22}, 0)), Openness::open);
    EXPECT_EQ(openness(hotline, to_instant({2026, 11, 23}, 0) - 1us), Openness::open);
    EXPECT_EQ(openness(hotline, to_instant({2026, 11, 23}, 0)), Openness::closed_hours);
    // the day of 25 hours
    EXPECT_EQ(openness(hotline, to_instant({2026, 10, 26}, 0) - 1us), Openness::open);
}

} // namespace
} // namespace fernamt::routing
