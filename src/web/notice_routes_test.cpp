// SPDX-License-Identifier: EUPL-1.2
#include "web/testing/api_test_base.h"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace fernamt::web::testing {
namespace {

namespace json = boost::json;

class NoticeRoutes : public ApiTest {
  protected:
    void SetUp() override {
        ApiTest::SetUp();
        add_user("lena", {people::Role::lead});
        sign_in("lena");
    }
    json::object body(const std::string &text, Duration holds = 1h) {
        json::object notice;
        notice.emplace("text", text);
        notice.emplace("municipality", nullptr);
        notice.emplace("skill", nullptr);
        notice.emplace("valid_until", to_iso8601(clock_.now() + holds));
        return notice;
    }
    net::Response set(const json::object &notice, const std::string &who = "lena") {
        return ask("POST", "/api/v1/notices", {who, json::serialize(notice), {}});
    }
    std::vector<std::string> texts(const std::string &path, const std::string &who) {
        std::vector<std::string> found;
        const json::value answer = json_of(get(path, who));
        for (const json::value &one : answer.at("items").as_array())
            found.emplace_back(one.at("text").as_string());
        return found;
    }
    std::vector<std::string> desk() { return texts("/api/v1/desk/notices", "anke"); }
    using Texts = std::vector<std::string>;
};

TEST_P(NoticeRoutes, SetByTheLeadReadAtTheDeskTakenBack) {
    const auto made = set(body("Der Aufzug im Rathaus steht."));
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(desk(), Texts{"Der Aufzug im Rathaus steht."});
    EXPECT_EQ(texts("/api/v1/notices", "chef"), desk());
    EXPECT_EQ(set(body("x"), "anke").status, 403) << "no agent sets one";
    EXPECT_EQ(get("/api/v1/notices", "anke").status, 403);

    const auto path = "/api/v1/notices/" + std::to_string(json_of(made).at("id").as_int64());
    EXPECT_EQ(ask("DELETE", path, {"anke", "", {}}).status, 403);
    EXPECT_EQ(ask("DELETE", path, {"lena", "", {}}).status, 204);
    EXPECT_TRUE(desk().empty());
    EXPECT_EQ(ask("DELETE", path, {"lena", "", {}}).status, 404);
}

TEST_P(NoticeRoutes, EndByThemselves) {
    ASSERT_EQ(set(body("Bis gleich", 10min)).status, 201);
    clock_.advance(9min);
    EXPECT_EQ(desk().size(), 1U);
    clock_.advance(2min);
    EXPECT_TRUE(desk().empty());
}

TEST_P(NoticeRoutes, ForASkillReachThoseWhoHaveItNow) {
    const auto skill = ask("POST", "/api/v1/skills", {"lena", R"({"kind":"it","name":"IT"})", {}});
    ASSERT_EQ(skill.status, 201) << skill.body;
    const std::int64_t id = json_of(skill).at("id").as_int64();
    json::object notice = body("E-Mail ist gestört.");
    notice["skill"] = id;
    ASSERT_EQ(set(notice).status, 201);
    EXPECT_TRUE(desk().empty());
    EXPECT_EQ(texts("/api/v1/notices", "lena").size(), 1U);

    const auto of_anke = "/api/v1/agents/" + std::to_string(agent_.value) + "/skills";
    const auto version = std::to_string(json_of(get(of_anke, "lena")).at("version").as_int64());
    const std::string has = R"({"skills":[{"skill":)" + std::to_string(id) + R"(,"level":1}]})";
    const auto given = ask("PUT", of_anke, {"lena", has, {{"if-match", "\"" + version + "\""}}});
    ASSERT_EQ(given.status, 200) << given.body;
    EXPECT_EQ(desk(), Texts{"E-Mail ist gestört."});
}

TEST_P(NoticeRoutes, AboutATownNameIt) {
    json::object notice = body("Bürgerbüro heute zu.");
    notice["municipality"] = to_ars(kWedemark);
    ASSERT_EQ(set(notice).status, 201);
    const json::value seen = json_of(get("/api/v1/desk/notices", "anke")).at("items").at(0);
    EXPECT_EQ(seen.at("municipality").as_string(), to_ars(kWedemark));
    notice["municipality"] = "999999999999";
    EXPECT_EQ(set(notice).status, 422);
}

TEST_P(NoticeRoutes, RefuseWhatCannotBeOne) {
    EXPECT_EQ(set(body("")).status, 422);
    EXPECT_EQ(set(body(std::string(301, 'x'))).status, 422);
    EXPECT_EQ(set(body("zwei\nZeilen")).status, 422);
    EXPECT_EQ(code_of(set(body("x", 0s))), "notice.until");
    EXPECT_EQ(code_of(set(body("x", 32 * 24h))), "notice.until");
    json::object without = body("x");
    without["valid_until"] = nullptr;
    EXPECT_EQ(set(without).status, 422);
}

FERNAMT_ON_EVERY_ENGINE(NoticeRoutes);

} // namespace
} // namespace fernamt::web::testing
