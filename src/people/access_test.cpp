// SPDX-License-Identifier: EUPL-1.2
#include "people/access.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>

namespace fernamt::people {
namespace {

constexpr MunicipalityId kOwn{32'410'010'010};
constexpr MunicipalityId kForeign{32'410'019'019};

// Written by hand, not derived from the table under test. Per action and role, in the order agent,
// lead, editor, finance, admin, auditor, reader: may a person of the service centre / of a
// municipality (about its own)?
const std::map<Action, std::pair<std::string, std::string>> kExpected{
    {Action::use_desk, {"y------", "-------"}},
    {Action::see_situation, {"-y--y--", "-------"}},
    {Action::read_knowledge, {"yyyyyyy", "yyyyyyy"}},
    {Action::read_municipality, {"yyyyyyy", "yyyyyyy"}},
    {Action::change_municipality, {"----y--", "----y--"}},
    {Action::add_municipality, {"----y--", "-------"}},
    {Action::change_numbers, {"----y--", "-------"}},
    {Action::list_people, {"-y--y--", "-------"}},
    {Action::change_people, {"----y--", "-------"}},
    {Action::change_settings, {"----y--", "-------"}},
    {Action::see_invoices, {"---yyy-", "---yyy-"}},
    {Action::change_prices, {"---yy--", "-------"}},
    {Action::issue_invoices, {"---y---", "-------"}},
    {Action::query_invoices, {"---y---", "---y---"}},
    {Action::see_calls, {"-y-y-y-", "-y-y-y-"}},
    {Action::read_audit, {"----yy-", "-------"}},
    {Action::change_distribution, {"-y--y--", "-------"}},
    {Action::switch_office, {"-y--y--", "-y--y--"}},
    {Action::edit_knowledge, {"--y----", "--y----"}},
    {Action::govern_knowledge, {"-yy-y--", "-------"}},
    {Action::take_deliveries, {"--y-y--", "-------"}},
};

TEST(Access, EveryRoleEveryActionOwnAndForeign) {
    ASSERT_EQ(kExpected.size(), static_cast<std::size_t>(kActions));
    for (const auto &[action, expected] : kExpected) {
        for (int i = 0; i < kRoles; ++i) {
            const auto role = static_cast<Role>(i);
            const auto place = static_cast<std::size_t>(i);
            const Principal centre{UserId{1}, {role}, {}};
            const Principal local{UserId{2}, {role}, kOwn};
            const bool centre_may = expected.first.at(place) == 'y';
            const bool local_may = expected.second.at(place) == 'y';
            const std::string what =
                std::string(to_string(role)) + " " + std::to_string(static_cast<int>(action));
            EXPECT_EQ(may(centre, action), centre_may) << what;
            EXPECT_EQ(may(centre, action, kForeign), centre_may) << what;
            EXPECT_EQ(may(local, action, kOwn), local_may) << what;
            EXPECT_FALSE(may(local, action, kForeign)) << what;
        }
    }
}

TEST(Access, NobodyAndNoRoleMayNothing) {
    for (int i = 0; i < kActions; ++i) {
        EXPECT_FALSE(may({UserId{}, {Role::admin}, {}}, static_cast<Action>(i)));
        EXPECT_FALSE(may({UserId{1}, {}, {}}, static_cast<Action>(i)));
    }
}

TEST(Access, RolesAddUp) {
    const Principal both{UserId{1}, {Role::agent, Role::finance}, {}};
    EXPECT_TRUE(may(both, Action::use_desk));
    EXPECT_TRUE(may(both, Action::see_invoices, kOwn));
    EXPECT_FALSE(may(both, Action::change_people));
}

TEST(Access, AForeignMunicipalityLooksLikeNone) {
    const Principal local{UserId{2}, {Role::finance}, kOwn};
    EXPECT_EQ(check(local, Action::see_invoices, kForeign).error(),
              (Problem{ProblemKind::not_found, "municipality.not_found", {}}));
    EXPECT_EQ(check(local, Action::change_people).error().code, "access.role_missing");
    const Principal admin{UserId{3}, {Role::admin}, kOwn};
    EXPECT_EQ(check(admin, Action::change_people).error().code, "access.service_centre_only");
}

TEST(Roles, AreReadAndWrittenByName) {
    const auto roles = parse_roles({"admin", "agent", "agent"});
    ASSERT_TRUE(roles);
    EXPECT_EQ(names(*roles), (std::vector<std::string>{"agent", "admin"}));
    EXPECT_EQ(parse_roles({"Admin"}).error().code, "user.role_unknown");
    EXPECT_EQ(parse_roles({}).error().code, "user.roles_missing");
}

} // namespace
} // namespace fernamt::people
