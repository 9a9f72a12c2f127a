// SPDX-License-Identifier: EUPL-1.2
#include "app/config_phones.h"
#include "people/municipalities.h"
#include "people/users.h"
#include "storage/test_database.h"

#include <gtest/gtest.h>

namespace fernamt::app {
namespace {

using people::Role;

class ConfigPhones : public storage::testing::DatabaseTest {
  protected:
    void SetUp() override {
        storage::testing::DatabaseTest::SetUp();
        people::Municipality town;
        town.id = kTown;
        town.name = town.short_name = town.greeting = "Langenhagen";
        ASSERT_TRUE(people::Municipalities(db(), clock_).add(town, UserId{1}));
    }
    // The SIP user of somebody's new phone.
    std::string phone_of(const std::string &login, people::Roles roles,
                         std::optional<MunicipalityId> municipality) {
        people::Users users(db(), clock_);
        const auto added = users.add(
            {login, login, std::move(roles), municipality, "correct horse battery"}, UserId{1});
        EXPECT_TRUE(added);
        const auto phone = users.renew_sip_password(added->user.id, UserId{1});
        EXPECT_TRUE(phone);
        return phone ? phone->user : "";
    }
    std::vector<Problem> mistakes(const std::vector<std::string> &users) {
        std::string toml;
        for (std::size_t i = 0; i < users.size(); ++i) {
            toml += "[[sip.phone]]\nnumber = \"+4989999985" + std::to_string(10 + i) +
                    "\"\nuser = \"" + users[i] + "\"\n";
        }
        const auto config = parse_config(toml, "fernamt.toml");
        EXPECT_TRUE(config);
        const auto people = people::Directory::load(db());
        EXPECT_TRUE(people);
        Mistakes found;
        check_phones(*config, **people, found);
        return found.in_order();
    }
    static constexpr MunicipalityId kTown{32'410'010'010};
    ManualClock clock_{to_instant({2026, 11, 23}, 9 * 3600)};
};

FERNAMT_ON_EVERY_ENGINE(ConfigPhones);

TEST_P(ConfigPhones, OnlyATownHallsPhoneHasANumberOfItsOwn) {
    const std::string office = phone_of("rathaus", {Role::admin}, kTown);
    const std::string agent = phone_of("anke", {Role::agent}, {});
    EXPECT_TRUE(mistakes({office}).empty());
    const auto refused = mistakes({agent, office, "office77"});
    ASSERT_EQ(refused.size(), 2U);
    const auto says = [](const Problem &mistake, const std::string &line, const std::string &why) {
        EXPECT_EQ(mistake.code, "config.wrong_value");
        ASSERT_EQ(mistake.arguments.size(), 4U);
        EXPECT_EQ(mistake.arguments[0],
                  (std::pair<std::string, std::string>{"file", "fernamt.toml"}));
        EXPECT_EQ(mistake.arguments[1].second, line);
        EXPECT_EQ(mistake.arguments[2].second, "sip.phone.user");
        EXPECT_EQ(mistake.arguments[3].second.substr(0, why.size()), why);
    };
    says(refused[0], "3", agent + " is an agent's phone: ");
    says(refused[1], "9", "office77 is no town hall's phone: ");
}

} // namespace
} // namespace fernamt::app
