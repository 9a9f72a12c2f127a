// SPDX-License-Identifier: EUPL-1.2
// Changes of what distribution obeys from a later instant on: planned by REST, tried, made when it
// is time, refused when they do not fit any more, withdrawn, and still there after a restart.
#include "ledger/routing_codec.h"
#include "web/testing/api_test_base.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <thread>

namespace fernamt::web::testing {
namespace {

class PlannedRules : public ApiTest {
  protected:
    void SetUp() override {
        ApiTest::SetUp();
        add_user("lena", {people::Role::lead});
        sign_in("lena");
        queue_ = created("/api/v1/queues", queue_body("Bürgertelefon", 5));
        queue_path_ = "/api/v1/queues/" + std::to_string(queue_.at("id").as_int64());
    }

    static std::string queue_body(const std::string &name, int most) {
        return R"({"name":")" + name +
               R"(","demands":[],"prefers":[],"relaxations":[],"head_start_seconds":0,)"
               R"("max_waiting":)" +
               std::to_string(most) + R"(,"offers_callback":true})";
    }
    json::value created(const std::string &path, const std::string &body) {
        const auto response = ask("POST", path, {"lena", body, {}});
        EXPECT_EQ(response.status, 201) << response.body;
        return json_of(response);
    }
    std::string in(Duration later) const { return "?from=" + to_iso8601(clock_.now() + later); }
    net::Response put_queue(int most, const std::string &query, int version = 1) {
        return ask(
            "PUT", queue_path_ + query,
            {"lena", queue_body("Bürgertelefon", most), {{"if-match", std::to_string(version)}}});
    }
    std::int64_t most_waiting() const { return exchange_->rules_now.queues.at(0).max_waiting; }
    json::array plans() {
        return json_of(get("/api/v1/planned-changes", "lena")).at("items").as_array();
    }
    std::string plan_path(const json::value &plan) {
        return "/api/v1/planned-changes/" + std::to_string(plan.at("id").as_int64());
    }

    json::value queue_;
    std::string queue_path_;
};

TEST_P(PlannedRules, WaitForTheirInstantAndAreThenMadeAsAnyChange) {
    const int before = exchange_->rule_changes;
    const auto planned = put_queue(9, in(1h));
    ASSERT_EQ(planned.status, 202) << planned.body;
    EXPECT_EQ(most_waiting(), 5) << "not yet";
    const json::array waiting = plans();
    ASSERT_EQ(waiting.size(), 1U);
    EXPECT_EQ(waiting[0], json_of(planned));
    EXPECT_EQ(waiting[0].at("office").as_string(), "lead");
    EXPECT_TRUE(waiting[0].at("problem").is_null());
    const json::value &thing = waiting[0].at("things").at(0);
    EXPECT_EQ(thing.at("table").as_string(), "queue");
    EXPECT_EQ(thing.at("how").as_string(), "changed");
    EXPECT_EQ(thing.at("name").as_string(), "Bürgertelefon");

    EXPECT_EQ(api_->make_planned_changes(), clock_.now() + 1h);
    EXPECT_EQ(exchange_->rule_changes, before);
    clock_.advance(1h);
    EXPECT_FALSE(api_->make_planned_changes());
    EXPECT_EQ(most_waiting(), 9);
    EXPECT_EQ(exchange_->rule_changes, before + 1) << "and so it is in the ledger";
    EXPECT_TRUE(plans().empty());

    const json::value history = json_of(get("/api/v1/rule-changes", "lena"));
    const json::value &last = history.at("items").at(0);
    EXPECT_EQ(last.at("things").at(0).at("table").as_string(), "queue");
    const std::string undo =
        "/api/v1/rule-changes/" + std::to_string(last.at("id").as_int64()) + "/undo";
    EXPECT_EQ(ask("POST", undo, {"lena", "", {}}).status, 204);
    EXPECT_EQ(most_waiting(), 5);
}

TEST_P(PlannedRules, ThereAndBackAgainIsTwoPlansForOneThing) {
    // The later one is planned first, the removal last: each is tried as it will be by then.
    ASSERT_EQ(put_queue(5, in(2h)).status, 202);
    ASSERT_EQ(put_queue(20, in(1h)).status, 202);
    ASSERT_EQ(ask("DELETE", queue_path_ + in(3h), {"lena", "", {}}).status, 202);
    EXPECT_EQ(put_queue(7, in(4h)).status, 404) << "by then there is none";
    const json::array waiting = plans();
    ASSERT_EQ(waiting.size(), 3U);
    for (const json::value &plan : waiting)
        EXPECT_TRUE(plan.at("problem").is_null()) << json::serialize(plan);
    for (const int expected : {20, 5}) {
        clock_.advance(1h);
        (void)api_->make_planned_changes();
        EXPECT_EQ(most_waiting(), expected);
    }
    clock_.advance(1h);
    (void)api_->make_planned_changes();
    EXPECT_TRUE(exchange_->rules_now.queues.empty());
    EXPECT_TRUE(plans().empty());
}

TEST_P(PlannedRules, TheStepsOfACrisisPlanArePlannedAndTried) {
    const json::value water = created("/api/v1/skills", R"({"kind":"topic","name":"Hochwasser"})");
    const std::string skill = std::to_string(water.at("id").as_int64());
    const std::string body =
        R"({"name":"Hochwasser","municipality":")" + to_ars(kWedemark) +
        R"(","queue":null,"head_start_seconds":0,"always_open":true,"hours":[],)"
        R"("demands":[{"skill":)" +
        skill + R"(,"level":1}],"relaxations":[{"after_seconds":60,"demands":[]}],"wording":[]})";
    ASSERT_EQ(ask("POST", "/api/v1/crisis-plans" + in(1h), {"lena", body, {}}).status, 202);
    const auto tried = ask("GET", plan_path(plans().at(0)) + "/preview", {"lena", "", {}});
    EXPECT_EQ(tried.status, 200) << tried.body;
    clock_.advance(1h);
    (void)api_->make_planned_changes();
    const json::value made = json_of(get("/api/v1/crisis-plans", "lena")).at("items").at(0);
    EXPECT_EQ(made.at("relaxations"), json::parse(R"([{"after_seconds":60,"demands":[]}])"));
}

TEST_P(PlannedRules, WhatChangedByHandMeanwhileIsNotOverwritten) {
    ASSERT_EQ(put_queue(9, in(1h)).status, 202);
    ASSERT_EQ(put_queue(12, "").status, 200);
    EXPECT_TRUE(plans()[0].at("problem").is_string()) << "said before it is too late";
    clock_.advance(1h);
    EXPECT_FALSE(api_->make_planned_changes());
    EXPECT_EQ(most_waiting(), 12);
    const json::array refused = plans();
    ASSERT_EQ(refused.size(), 1U);
    EXPECT_TRUE(refused[0].at("refused_at").is_string());
    EXPECT_NE(refused[0].at("problem").as_string().find("Inzwischen"), std::string::npos);
    EXPECT_EQ(ask("GET", plan_path(refused[0]) + "/preview", {"lena", "", {}}).status, 404);
    EXPECT_EQ(ask("DELETE", plan_path(refused[0]), {"lena", "", {}}).status, 204);
    EXPECT_TRUE(plans().empty());
}

TEST_P(PlannedRules, AreCheckedAsTheyWouldBeThen) {
    // A name that will be free by then; a partner that will be gone.
    ASSERT_EQ(ask("DELETE", queue_path_ + in(1h), {"lena", "", {}}).status, 202);
    EXPECT_EQ(
        ask("POST", "/api/v1/queues" + in(30min), {"lena", queue_body("Bürgertelefon", 1), {}})
            .status,
        409);
    EXPECT_EQ(
        ask("POST", "/api/v1/queues" + in(2h), {"lena", queue_body("Bürgertelefon", 1), {}}).status,
        202);
    const json::value north =
        created("/api/v1/partners", R"({"name":"Nord","number":"040 66969100"})");
    const std::string partner = std::to_string(north.at("id").as_int64());
    const std::string overflow =
        R"({"position":1,"reason":"closed","partner":)" + partner +
        R"(,"queue":null,"waiting":0,"wait_seconds":0,"from":null,"until":null})";
    ASSERT_EQ(ask("POST", "/api/v1/overflows" + in(3h), {"lena", overflow, {}}).status, 202);
    ASSERT_EQ(ask("DELETE", "/api/v1/partners/" + partner, {"lena", "", {}}).status, 204);
    clock_.advance(3h);
    EXPECT_FALSE(api_->make_planned_changes());
    EXPECT_TRUE(exchange_->rules_now.overflows.empty());
    ASSERT_EQ(exchange_->rules_now.queues.size(), 1U);
    EXPECT_EQ(most_waiting(), 1);
    EXPECT_EQ(plans().size(), 1U) << "the overflow to nobody";
}

TEST_P(PlannedRules, CanBeTriedAndWithdrawn) {
    const auto tried = put_queue(9, in(1h) + "&preview=true");
    EXPECT_EQ(tried.status, 200) << tried.body;
    EXPECT_TRUE(json_of(tried).at("rules_change").as_bool());
    EXPECT_TRUE(plans().empty());
    const json::value plan = json_of(put_queue(9, in(1h)));
    const json::value again = json_of(get(plan_path(plan) + "/preview", "lena"));
    EXPECT_TRUE(again.at("rules_change").as_bool());
    EXPECT_EQ(ask("DELETE", plan_path(plan), {"anke", "", {}}).status, 403);
    EXPECT_EQ(get("/api/v1/planned-changes", "anke").status, 403);
    EXPECT_EQ(ask("DELETE", plan_path(plan), {"lena", "", {}}).status, 204);
    EXPECT_EQ(ask("DELETE", plan_path(plan), {"lena", "", {}}).status, 404);
    clock_.advance(1h);
    EXPECT_FALSE(api_->make_planned_changes());
    EXPECT_EQ(most_waiting(), 5);
}

TEST_P(PlannedRules, SkillsOfAnAgentCanBePlanned) {
    const json::value skill = created("/api/v1/skills", R"({"kind":"language","name":"Türkisch"})");
    const std::string path = "/api/v1/agents/" + std::to_string(agent_.value) + "/skills";
    const auto version = json_of(get(path, "lena")).at("version").as_int64();
    const std::string wanted =
        R"({"skills":[{"skill":)" + std::to_string(skill.at("id").as_int64()) + R"(,"level":3}]})";
    const auto planned =
        ask("PUT", path + in(1h), {"lena", wanted, {{"if-match", std::to_string(version)}}});
    ASSERT_EQ(planned.status, 202) << planned.body;
    EXPECT_TRUE(exchange_->rules_now.skills.empty());
    clock_.advance(1h);
    (void)api_->make_planned_changes();
    EXPECT_EQ(exchange_->rules_now.skills.size(), 1U);
}

TEST_P(PlannedRules, TheHousesTimesCanBePlannedAndWhatIsLeftOutStays) {
    const std::string path = "/api/v1/settings";
    const auto change = [&](std::string_view wanted, const std::string &query) {
        const auto version = json_of(get(path, "chef")).at("version").as_int64();
        return ask("PUT", path + query,
                   {"chef", std::string(wanted), {{"if-match", std::to_string(version)}}});
    };
    constexpr std::string_view kLonger = R"({"ring_timeout_seconds":20,"wrap_up_seconds":45,)"
                                         R"("wrap_up_extension_seconds":60,)"
                                         R"("transfer_timeout_seconds":25})";
    EXPECT_EQ(change(R"({"ring_timeout_seconds":1,"wrap_up_seconds":45,)"
                     R"("wrap_up_extension_seconds":60,"transfer_timeout_seconds":25})",
                     in(1h))
                  .status,
              422);
    const auto planned = change(kLonger, in(1h));
    ASSERT_EQ(planned.status, 202) << planned.body;
    EXPECT_EQ(json_of(planned).at("things").at(0).at("table").as_string(), "settings");
    EXPECT_EQ(json_of(planned).at("office").as_string(), "admin");
    EXPECT_EQ(json_of(get(path, "chef")).at("wrap_up_seconds").as_int64(), 30);
    // One more call's attempts, planned after it and made after it: neither undoes the other.
    const auto later = change(R"({"ring_timeout_seconds":20,"wrap_up_seconds":45,)"
                              R"("wrap_up_extension_seconds":60,"transfer_timeout_seconds":25,)"
                              R"("callback_attempts":5})",
                              in(2h));
    ASSERT_EQ(later.status, 202) << later.body;
    clock_.advance(1h);
    (void)api_->make_planned_changes();
    EXPECT_EQ(exchange_->rules_now.wrap_up, 45s);
    EXPECT_EQ(exchange_->rules_now.callbacks.attempts, 3);
    clock_.advance(1h);
    (void)api_->make_planned_changes();
    EXPECT_EQ(exchange_->rules_now.callbacks.attempts, 5);
    EXPECT_TRUE(plans().empty());
}

TEST_P(PlannedRules, WhatCannotBePlannedDoesNotHappenAtOnce) {
    const auto reason = [&](const net::Response &response) {
        EXPECT_EQ(response.status, 422) << response.body;
        return std::string(json_of(response).at("arguments").at("reason").as_string());
    };
    EXPECT_EQ(reason(put_queue(9, in(0s))), "in_the_past");
    EXPECT_EQ(reason(put_queue(9, in(3 * 366 * 24h))), "too_far");
    EXPECT_EQ(reason(put_queue(9, "?from=morgen")), "not_an_instant");
    EXPECT_EQ(put_queue(-1, in(1h)).status, 422);
    EXPECT_EQ(put_queue(9, in(1h), 4).status, 412);
    const std::string term = "/api/v1/municipalities/" + to_ars(kWedemark) + "/hours-exceptions";
    EXPECT_EQ(reason(ask("POST", term + in(1h),
                         {"chef",
                          R"({"line":null,"first_day":"2026-12-24","last_day":"2026-12-24",)"
                          R"("open":false,"from":"00:00","to":"24:00","reason":""})",
                          {}})),
              "cannot_be_planned");
    EXPECT_TRUE(plans().empty());
    EXPECT_EQ(most_waiting(), 5);
}

TEST_P(PlannedRules, SurviveARestartAndTheOverdueAreMadeAtTheStart) {
    ASSERT_EQ(put_queue(9, in(1h)).status, 202);
    ASSERT_EQ(put_queue(11, in(6h)).status, 202);
    clock_.advance(2h); // nobody was there
    start_api();
    EXPECT_EQ(plans().size(), 2U);
    api_->start();
    for (int i = 0; i < 6000 && plans().size() == 2; ++i)
        std::this_thread::sleep_for(10ms);
    EXPECT_EQ(plans().size(), 1U);
    api_->stop();
    EXPECT_EQ(most_waiting(), 9);
}

TEST_P(PlannedRules, AreTriedAgainWhenTheExchangeDoesNotTakeThem) {
    ASSERT_EQ(put_queue(9, in(1h)).status, 202);
    clock_.advance(1h);
    exchange_->next_result = fail(ProblemKind::unavailable, "telephony.busy");
    EXPECT_FALSE(api_->make_planned_changes()) << "stored once, as with any change";
    EXPECT_EQ(most_waiting(), 5);
    exchange_->next_result = {};
    EXPECT_TRUE(plans().empty());
    created("/api/v1/skills", R"({"kind":"it","name":"IT"})");
    EXPECT_EQ(most_waiting(), 9) << "with the next change, or the next start";
}

FERNAMT_ON_EVERY_ENGINE(PlannedRules);

} // namespace
} // namespace fernamt::web::testing
