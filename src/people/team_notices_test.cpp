// SPDX-License-Identifier: EUPL-1.2
#include "people/audit.h"
#include "people/change_samples.h"
#include "people/municipalities.h"
#include "people/skills.h"
#include "people/team_notices.h"

#include <gtest/gtest.h>

namespace fernamt::people {
namespace {

using samples::kLead;
using samples::kWedemark;

class TeamNotices : public samples::ChangeTest {
  protected:
    Expected<TeamNotice> set(TeamNotice notice) {
        return make([&](const Change &change) { return add(change, notice); });
    }
    TeamNotice for_all(const std::string &text, Duration holds = 1h) {
        return {0, text, {}, {}, {}, clock_.now() + holds};
    }
    std::vector<std::string> texts() {
        std::vector<std::string> found;
        const auto read = db().read([&](storage::Connection &connection) -> Expected<void> {
            const auto all = team_notices(connection, clock_.now());
            if (!all) return tl::unexpected(all.error());
            for (const TeamNotice &one : *all)
                found.push_back(one.text);
            return {};
        });
        EXPECT_TRUE(read);
        return found;
    }
    std::int64_t rows() {
        std::int64_t count = -1;
        EXPECT_TRUE(db().read([&](storage::Connection &connection) {
            return connection.each("SELECT count(*) FROM team_notice", {},
                                   [&](const storage::Row &row) {
                                       count = row.integer(0);
                                       return true;
                                   });
        }));
        return count;
    }
};

TEST_P(TeamNotices, HoldUntilTheirTimeTheNewestFirst) {
    ASSERT_TRUE(set(for_all("Aufzug im Rathaus steht", 2h)));
    clock_.advance(1min);
    ASSERT_TRUE(set(for_all("Personalausweise dauern", 1h)));
    EXPECT_EQ(texts(),
              (std::vector<std::string>{"Personalausweise dauern", "Aufzug im Rathaus steht"}));
    clock_.advance(1h);
    EXPECT_EQ(texts(), std::vector<std::string>{"Aufzug im Rathaus steht"});
    clock_.advance(1h);
    EXPECT_TRUE(texts().empty());
}

TEST_P(TeamNotices, TakenBackAtOnceAndOnlyOnce) {
    const auto notice = set(for_all("Falsch"));
    ASSERT_TRUE(notice);
    const auto withdraw = [&] {
        return make([&](const Change &change) { return withdraw_notice(change, notice->id); });
    };
    EXPECT_TRUE(withdraw());
    EXPECT_TRUE(texts().empty());
    EXPECT_EQ(withdraw().error().code, "distribution.not_found");
    const auto log = audit_log(db(), 2);
    ASSERT_TRUE(log);
    EXPECT_EQ(log->at(0).action, "notice.withdrawn");
    EXPECT_EQ(log->at(1).action, "notice.set");
    EXPECT_EQ(log->at(1).by, kLead);
    EXPECT_TRUE(log->at(1).fields.empty()) << "no words in the audit log";
}

TEST_P(TeamNotices, AreForAllOrForOneThing) {
    EXPECT_EQ(set({0, "x", kWedemark, {}, {}, clock_.now() + 1h}).error().code,
              "distribution.unknown");
    Municipalities municipalities(db(), clock_);
    Municipality town;
    town.id = kWedemark;
    town.name = town.short_name = "Wedemark";
    town.greeting = "Guten Tag!";
    ASSERT_TRUE(municipalities.add(town, kLead));
    const auto skill = make([](const Change &change) {
        return add(change, Skill{{}, SkillKind::it, "IT-Störungen", 1});
    });
    ASSERT_TRUE(skill);
    const auto about_town = set({0, "Bürgerbüro heute zu", kWedemark, {}, {}, clock_.now() + 1h});
    ASSERT_TRUE(about_town) << describe(about_town.error());
    EXPECT_EQ(about_town->municipality, kWedemark);
    const auto for_skill = set({0, "E-Mail gestört", {}, skill->id, {}, clock_.now() + 1h});
    ASSERT_TRUE(for_skill);
    EXPECT_EQ(for_skill->skill, skill->id);
    EXPECT_EQ(set({0, "x", kWedemark, skill->id, {}, clock_.now() + 1h}).error().code,
              "notice.audience");
    EXPECT_EQ(set({0, "x", {}, routing::SkillId{99}, {}, clock_.now() + 1h}).error().code,
              "distribution.unknown");
}

TEST_P(TeamNotices, HoldAMonthAtMostAndAreClearedAwayAfterAnother) {
    EXPECT_EQ(set(for_all("x", 0s)).error().code, "notice.until");
    EXPECT_EQ(set(for_all("x", kLongestNoticeTime + 1s)).error().code, "notice.until");
    ASSERT_TRUE(set(for_all("alt")));
    clock_.advance(40 * 24h);
    ASSERT_TRUE(set(for_all("neu")));
    EXPECT_EQ(rows(), 1) << "the old words are gone";
    EXPECT_EQ(texts(), std::vector<std::string>{"neu"});
}

FERNAMT_ON_EVERY_ENGINE(TeamNotices);

} // namespace
} // namespace fernamt::people
