// SPDX-License-Identifier: EUPL-1.2
// What the lead and the administration change about distribution, by REST: skills, queues,
// partners, overflows, lines, exceptions, terms, the operator's switch, crises, callbacks; and what
// they and the auditors may read about it.
#include "ledger/routing_codec.h"
#include "people/lines.h"
#include "telephony/rtp_audio.h"
#include "telephony/wav.h"
#include "web/gate.h"
#include "web/testing/api_test_base.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace fernamt::web::testing {
namespace {

using routing::CrisisId;

std::string town(MunicipalityId id, const std::string &rest) {
    return "/api/v1/municipalities/" + to_ars(id) + rest;
}

class DistributionRoutes : public ApiTest {
  protected:
    void SetUp() override {
        ApiTest::SetUp();
        add_user("lena", {people::Role::lead});
        sign_in("lena");
    }

    json::value created(const std::string &path, const std::string &body,
                        const std::string &login = "lena") {
        const auto response = ask("POST", path, {login, body, {}});
        EXPECT_EQ(response.status, 201) << response.body;
        return json_of(response);
    }
    std::int64_t id_of(const json::value &thing) { return thing.at("id").as_int64(); }
    std::string at(const std::string &path, const json::value &thing) {
        return path + "/" + std::to_string(id_of(thing));
    }
    net::Response put(const std::string &path, const json::value &body, const std::string &version,
                      const std::string &login = "lena") {
        return ask("PUT", path, {login, json::serialize(body), {{"if-match", version}}});
    }
    std::int64_t skill(const std::string &name) {
        return id_of(created("/api/v1/skills", R"({"kind":"language","name":")" + name + "\"}"));
    }
    std::string queue_body(const std::string &name, std::int64_t skill) {
        return R"({"name":")" + name + R"(","demands":[{"skill":)" + std::to_string(skill) +
               R"(,"level":2}],"prefers":[],"relaxations":[{"after_seconds":60,"demands":[]}],)"
               R"("head_start_seconds":30,"max_waiting":5,"offers_callback":true})";
    }
    std::string line_body(const std::string &number, const std::string &queue = "null") {
        return R"({"number":")" + number + R"(","scope":"authority_115","queue":)" + queue +
               R"(,"price_class":0,"own_hours":false,"closed_on_public_holidays":true,)"
               R"("towns_days":false,"hours":[],"valid_from":null,"valid_until":null,"office":null,)"
               R"("office_ring_seconds":20,"absent":[]})";
    }
};

TEST_P(DistributionRoutes, SkillsAndQueuesTakeEffectWithTheAnswer) {
    const std::int64_t turkish = skill("Türkisch");
    EXPECT_EQ(code_of(ask("POST", "/api/v1/skills",
                          {"lena", R"({"kind":"topic","name":"Türkisch"})", {}})),
              "distribution.name_taken");
    const json::value queue = created("/api/v1/queues", queue_body("Türkisch zuerst", turkish));
    ASSERT_EQ(exchange_->rules_now.queues.size(), 1U);
    EXPECT_EQ(exchange_->rules_now.queues[0].demands,
              (std::vector<routing::SkillLevel>{{routing::SkillId{turkish}, 2}}));
    EXPECT_EQ(exchange_->rules_now.queues[0].relaxations.size(), 1U);

    json::value changed = queue;
    changed.as_object()["max_waiting"] = 9;
    const std::string path = at("/api/v1/queues", queue);
    EXPECT_EQ(put(path, changed, "\"1\"").status, 200);
    EXPECT_EQ(exchange_->rules_now.queues[0].max_waiting, 9);
    const auto stale = put(path, changed, "1");
    EXPECT_EQ(stale.status, 412);
    EXPECT_EQ(code_of(stale), "distribution.stale");
    EXPECT_EQ(code_of(ask("DELETE", "/api/v1/skills/" + std::to_string(turkish), {"lena", "", {}})),
              "distribution.in_use");
    EXPECT_EQ(ask("DELETE", path, {"lena", "", {}}).status, 204);
    EXPECT_TRUE(exchange_->rules_now.queues.empty());
    EXPECT_EQ(ask("DELETE", path, {"lena", "", {}}).status, 404);
    EXPECT_EQ(code_of(ask("POST", "/api/v1/queues", {"lena", R"({"name":""})", {}})),
              "request.invalid");
    EXPECT_EQ(ask("POST", "/api/v1/skills", {"anke", "{}", {}}).status, 403);
    EXPECT_EQ(json_of(get("/api/v1/skills", "lena")).at("items").as_array().size(), 1U);
}

TEST_P(DistributionRoutes, TheLastChangeIsTakenBackAndCanBeTriedFirst) {
    const std::int64_t turkish = skill("Türkisch");
    const json::value queue = created("/api/v1/queues", queue_body("Türkisch zuerst", turkish));
    json::value changed = queue;
    changed.as_object()["max_waiting"] = 9;
    ASSERT_EQ(put(at("/api/v1/queues", queue), changed, "1").status, 200);

    const json::value history = json_of(get("/api/v1/rule-changes", "lena"));
    ASSERT_EQ(history.at("items").as_array().size(), 3U);
    const json::value &last = history.at("items").as_array().front();
    EXPECT_EQ(history.at("last"), last.at("id"));
    const json::value &thing = last.at("things").as_array().front();
    EXPECT_EQ(thing.at("table").as_string(), "queue");
    EXPECT_EQ(thing.at("how").as_string(), "changed");
    EXPECT_EQ(thing.at("name").as_string(), "Türkisch zuerst");

    const std::string undo = at("/api/v1/rule-changes", last) + "/undo";
    const auto tried = ask("POST", undo + "?preview=true", {"lena", "", {}});
    EXPECT_EQ(tried.status, 200) << tried.body;
    EXPECT_TRUE(json_of(tried).at("rules_change").as_bool());
    EXPECT_EQ(exchange_->rules_now.queues[0].max_waiting, 9) << "only tried";
    EXPECT_EQ(ask("POST", undo, {"anke", "", {}}).status, 403);
    EXPECT_EQ(ask("POST", undo, {"lena", "", {}}).status, 204);
    EXPECT_EQ(exchange_->rules_now.queues[0].max_waiting, 5) << "in effect with the answer";
    EXPECT_EQ(ask("POST", undo, {"lena", "", {}}).status, 404) << "once";
    const json::value &first = history.at("items").as_array().back();
    EXPECT_EQ(code_of(ask("POST", at("/api/v1/rule-changes", first) + "/undo", {"lena", "", {}})),
              "distribution.undo_not_last");
}

TEST_P(DistributionRoutes, ALineIsTakenBackByWhoMayChangeLines) {
    created(town(kLangenhagen, "/lines"), line_body("115"), "chef");
    const json::value history = json_of(get("/api/v1/rule-changes", "lena"));
    const std::string undo =
        "/api/v1/rule-changes/" + std::to_string(history.at("last").as_int64()) + "/undo";
    const auto numbers = exchange_->rules_now.numbers.size();
    EXPECT_EQ(ask("POST", undo, {"lena", "", {}}).status, 403);
    EXPECT_EQ(ask("POST", undo, {"chef", "", {}}).status, 204);
    EXPECT_EQ(exchange_->rules_now.numbers.size(), numbers - 1);
}

TEST_P(DistributionRoutes, ARunningCrisisKeepsItsPlan) {
    const json::value plan = created(
        "/api/v1/crisis-plans",
        R"({"name":"Hochwasser","municipality":")" + to_ars(kLangenhagen) +
            R"(","queue":null,"head_start_seconds":0,"always_open":true,"hours":[],"demands":[],)"
            R"("wording":[{"language":"de","text":"Bleiben Sie zu Hause."}]})");
    const json::value history = json_of(get("/api/v1/rule-changes", "lena"));
    exchange_->state_now.crises[CrisisId{id_of(plan)}] = {};
    EXPECT_EQ(code_of(ask("POST",
                          "/api/v1/rule-changes/" + std::to_string(history.at("last").as_int64()) +
                              "/undo",
                          {"lena", "", {}})),
              "crisis.running");
}

TEST_P(DistributionRoutes, CreatingTwiceWithOneKeyCreatesOnce) {
    const Asked asked{"lena", R"({"kind":"it","name":"IT"})", {{"idempotency-key", "klick-0001"}}};
    Asked preview = asked;
    EXPECT_EQ(ask("POST", "/api/v1/skills?preview=true", preview).status, 200);
    const auto first = ask("POST", "/api/v1/skills", asked);
    EXPECT_EQ(first.status, 201) << "the preview's answer must not stand for it";
    EXPECT_EQ(ask("POST", "/api/v1/skills", asked).body, first.body);
    EXPECT_EQ(json_of(get("/api/v1/skills", "lena")).at("items").as_array().size(), 1U);
}

TEST_P(DistributionRoutes, AgentsHaveSkillsByRuleAndForNow) {
    const std::int64_t turkish = skill("Türkisch");
    const std::string agent = "/api/v1/agents/" + std::to_string(agent_.value);
    const json::value before = json_of(get(agent + "/skills", "lena"));
    EXPECT_TRUE(before.at("skills").as_array().empty());
    const std::string version = std::to_string(before.at("version").as_int64());
    const json::value wanted{
        {"skills", json::array{json::object{{"skill", turkish}, {"level", 3}}}}};
    EXPECT_EQ(put(agent + "/skills", wanted, version).status, 200);
    EXPECT_EQ(put(agent + "/skills", wanted, version).status, 412);
    ASSERT_EQ(exchange_->rules_now.skills.size(), 1U);
    EXPECT_EQ(exchange_->rules_now.skills[0].agent, AgentId{agent_.value});

    const auto live = ask("PUT", agent + "/live-skills", {"lena", json::serialize(wanted), {}});
    EXPECT_EQ(live.status, 204) << live.body;
    EXPECT_EQ(ask("DELETE", agent + "/live-skills", {"lena", "", {}}).status, 204);
    ASSERT_EQ(exchange_->acts.size(), 2U);
    const auto &moved = std::get<routing::SkillsAssigned>(exchange_->acts[0]);
    EXPECT_EQ(moved.skills, (std::vector<routing::SkillLevel>{{routing::SkillId{turkish}, 3}}));
    EXPECT_TRUE(moved.by);
    EXPECT_FALSE(std::get<routing::SkillsAssigned>(exchange_->acts[1]).skills);
    EXPECT_EQ(code_of(ask("PUT", agent + "/live-skills",
                          {"lena", R"({"skills":[{"skill":999,"level":1}]})", {}})),
              "distribution.unknown");
    EXPECT_EQ(ask("DELETE", "/api/v1/agents/4711/live-skills", {"lena", "", {}}).status, 404);
}

TEST_P(DistributionRoutes, PartnersAndOverflows) {
    const json::value north =
        created("/api/v1/partners", R"({"name":"Nord","number":"040 66969100"})");
    EXPECT_EQ(north.at("number").at("e164").as_string(), "+494066969100");
    const std::string body =
        R"({"position":1,"reason":"queue_length","partner":)" + std::to_string(id_of(north)) +
        R"(,"queue":null,"waiting":12,"wait_seconds":0,"from":null,"until":null})";
    const json::value full = created("/api/v1/overflows", body);
    ASSERT_EQ(exchange_->rules_now.overflows.size(), 1U);
    EXPECT_EQ(exchange_->rules_now.overflows[0].waiting, 12);
    std::string outing = body;
    outing.replace(outing.find("queue_length"), 12, "planned");
    const auto incomplete = ask("POST", "/api/v1/overflows", {"lena", outing, {}});
    EXPECT_EQ(incomplete.status, 422);
    EXPECT_EQ(code_of(incomplete), "distribution.overflow_incomplete");
    EXPECT_EQ(ask("DELETE", at("/api/v1/partners", north), {"lena", "", {}}).status, 409);
    EXPECT_EQ(ask("DELETE", at("/api/v1/overflows", full), {"lena", "", {}}).status, 204);
    EXPECT_EQ(ask("DELETE", at("/api/v1/partners", north), {"lena", "", {}}).status, 204);
}

// It would be given back each time, and nobody would know why.
TEST_P(DistributionRoutes, ANumberThatTheDialRulesForbidIsRefusedAtSaving) {
    const auto names_the_rule = [this](const net::Response &response, const std::string &field) {
        EXPECT_EQ(response.status, 422) << response.body;
        EXPECT_EQ(code_of(response), "distribution.number_forbidden");
        EXPECT_NE(response.body.find("sip.transfer_deny"), std::string::npos) << response.body;
        EXPECT_NE(response.body.find("\"" + field + "\""), std::string::npos) << response.body;
    };
    const std::string partner = R"({"name":"Nord","number":"0900 1234567"})";
    names_the_rule(ask("POST", "/api/v1/partners", {"lena", partner, {}}), "number");
    names_the_rule(ask("POST", "/api/v1/partners?preview=true", {"lena", partner, {}}), "number");
    const json::value north =
        created("/api/v1/partners", R"({"name":"Nord","number":"040 66969100"})");
    names_the_rule(put(at("/api/v1/partners", north), json::parse(partner), "1"), "number");
    json::value line = json::parse(line_body("030 23125410"));
    line.as_object()["office"] = "0900 1234567";
    names_the_rule(ask("POST", town(kWedemark, "/lines"), {"chef", json::serialize(line), {}}),
                   "office");
    line.as_object()["office"] = "030 23125500";
    created(town(kWedemark, "/lines"), json::serialize(line), "chef");
}

TEST_P(DistributionRoutes, LinesAreTheAdministrationsAndExceptionsATownsOwn) {
    const json::value line = created(town(kWedemark, "/lines"), line_body("030 23125410"), "chef");
    EXPECT_EQ(line.at("number").as_string(), "+493023125410");
    const auto *found = routing::find_number(exchange_->rules_now, PhoneNumber{"+493023125410"});
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->scope, routing::Scope::authority_115);
    EXPECT_EQ(
        ask("POST", town(kWedemark, "/lines"), {"lena", line_body("030 23125411"), {}}).status,
        403);
    EXPECT_EQ(
        code_of(ask("POST", town(kLangenhagen, "/lines"), {"chef", line_body("030 23125410"), {}})),
        "municipality.number_taken");
    json::value shorter = line;
    shorter.as_object()["valid_until"] = "2026-12-31T23:00:00Z";
    EXPECT_EQ(put(at(town(kWedemark, "/lines"), line), shorter, "1", "chef").status, 200);
    EXPECT_EQ(put(at(town(kLangenhagen, "/lines"), line), shorter, "2", "chef").status, 404);
    json::object with_towns_days = shorter.as_object();
    with_towns_days["own_hours"] = with_towns_days["towns_days"] = true;
    EXPECT_EQ(put(at(town(kWedemark, "/lines"), line), with_towns_days, "2", "chef").status, 200);
    found = routing::find_number(exchange_->rules_now, PhoneNumber{"+493023125410"});
    ASSERT_TRUE(found->hours);
    EXPECT_TRUE(found->hours->towns_days);
    EXPECT_EQ(json_of(get(town(kWedemark, "/lines"), "anke")).at("items").as_array().size(), 2U);
    const json::value changes = json_of(get("/api/v1/rule-changes", "lena"));
    const json::value &of_line = changes.at("items").at(0).at("things").at(0);
    EXPECT_EQ(of_line.at("name").as_string(), "+493023125410");
    EXPECT_EQ(of_line.at("town").as_string(), "Wedemark");
    EXPECT_EQ(ask("DELETE", at(town(kWedemark, "/lines"), line), {"chef", "", {}}).status, 204);

    add_user("rathaus", {people::Role::admin}, kLangenhagen);
    sign_in("rathaus");
    const std::string outing =
        R"({"line":null,"first_day":"2026-11-24","last_day":"2026-11-24","open":false,)"
        R"("from":"12:00","to":"24:00","reason":"Betriebsausflug"})";
    const std::string exceptions = town(kLangenhagen, "/hours-exceptions");
    const json::value closed = created(exceptions, outing, "rathaus");
    const auto *langenhagen = routing::find_municipality(exchange_->rules_now, kLangenhagen);
    ASSERT_EQ(langenhagen->exceptions.size(), 1U);
    EXPECT_EQ(langenhagen->exceptions[0].from_second, 12 * 3600);
    EXPECT_EQ(ask("POST", town(kWedemark, "/hours-exceptions"), {"rathaus", outing, {}}).status,
              404);
    json::value wrong = closed;
    wrong.as_object()["last_day"] = "2026-11-20";
    const net::Response refused = put(at(exceptions, closed), wrong, "1", "rathaus");
    EXPECT_EQ(code_of(refused), "distribution.order");
    EXPECT_NE(refused.body.find(R"("field":"last_day")"), std::string::npos) << refused.body;
    EXPECT_EQ(ask("DELETE", at(exceptions, closed), {"rathaus", "", {}}).status, 204);
}

TEST_P(DistributionRoutes, AMunicipalityEndsInsteadOfBeingDeleted) {
    const std::string path = town(kWedemark, "/term");
    const auto version = json_of(get(town(kWedemark, ""), "chef")).at("version").as_int64();
    const json::value term{{"joins", nullptr}, {"leaves", "2026-12-31T23:00:00Z"}};
    const auto ended = put(path, term, std::to_string(version), "chef");
    EXPECT_EQ(ended.status, 200) << ended.body;
    EXPECT_EQ(json_of(ended).at("leaves").as_string(), "2026-12-31T23:00:00.000000Z");
    EXPECT_TRUE(routing::find_municipality(exchange_->rules_now, kWedemark)->leaves);
    EXPECT_EQ(put(path, term, std::to_string(version), "chef").status, 412);
    EXPECT_EQ(put(path, term, "9", "lena").status, 403);
}

TEST_P(DistributionRoutes, AFirstDayPassesTheGateOrAReasonByName) {
    const std::string path = town(kWedemark, "/term");
    const auto version = [&] {
        return std::to_string(json_of(get(town(kWedemark, ""), "chef")).at("version").as_int64());
    };
    const json::value term{{"joins", "2027-01-01T00:00:00Z"}, {"leaves", nullptr}};
    const std::string before = version();
    const auto refused = put(path, term, before, "chef");
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(code_of(refused), "knowledge.gate_undecided");
    EXPECT_EQ(version(), before); // nothing of it stays
    const std::string decision = R"({"override_reason":"Der Rat hat es so beschlossen."})";
    ASSERT_EQ(ask("POST", town(kWedemark, "/go-live"), {"chef", decision, {}}).status, 200);
    const auto joins = put(path, term, before, "chef");
    EXPECT_EQ(joins.status, 200) << joins.body;
    EXPECT_EQ(json_of(joins).at("joins").as_string(), "2027-01-01T00:00:00.000000Z");
}

TEST_P(DistributionRoutes, TheOperatorsSwitchIsATownsOwn) {
    add_user("zentrale", {people::Role::lead}, kLangenhagen);
    sign_in("zentrale");
    const std::string path = town(kLangenhagen, "/office");
    EXPECT_EQ(json_of(get(path, "zentrale")).at("presence").as_string(), "by_timetable");
    const auto say = [&](const std::string &body, const std::string &login) {
        return ask("PUT", path, {login, body, {}});
    };
    EXPECT_EQ(say(R"({"presence":"absent","until":"2026-11-23T14:00:00Z"})", "zentrale").status,
              200);
    EXPECT_EQ(say(R"({"presence":"by_timetable","until":null})", "lena").status, 200);
    ASSERT_EQ(exchange_->acts.size(), 2U);
    const auto &absent = std::get<routing::OfficeSwitched>(exchange_->acts[0]);
    EXPECT_EQ(absent.municipality, kLangenhagen);
    EXPECT_EQ(absent.absent, true);
    EXPECT_EQ(absent.until, to_instant({2026, 11, 23}, 15 * 3600));
    EXPECT_FALSE(std::get<routing::OfficeSwitched>(exchange_->acts[1]).absent);
    EXPECT_EQ(say(R"({"presence":"absent","until":"2020-01-01T00:00:00Z"})", "lena").status, 422);
    EXPECT_EQ(ask("PUT", town(kWedemark, "/office"),
                  {"zentrale", R"({"presence":"absent","until":null})", {}})
                  .status,
              404);
    exchange_->state_now.offices[kLangenhagen] = {kLangenhagen, true, {}};
    EXPECT_EQ(json_of(get(path, "lena")).at("presence").as_string(), "absent");
}

TEST_P(DistributionRoutes, ACrisisPlanHasAnAnnouncementOfItsOwn) {
    const json::value plan = created(
        "/api/v1/crisis-plans",
        R"({"name":"Hochwasser","municipality":")" + to_ars(kLangenhagen) +
            R"(","queue":null,"head_start_seconds":0,"always_open":true,"hours":[],"demands":[],)"
            R"("wording":[]})");
    const std::string all = at("/api/v1/crisis-plans", plan) + "/announcements";
    const std::string one = all + "/crisis";
    const auto info = [&] { return json_of(get(all, "lena")).at("items").at(0); };
    EXPECT_EQ(info().at("kind").as_string(), "crisis");
    EXPECT_EQ(info().at("seconds").to_number<double>(), 0.0) << "none: the greeting stays";
    EXPECT_EQ(code_of(get(one, "lena")), "wav.no_file");
    const std::string wav = telephony::write_wav(telephony::to_alaw(telephony::tone(900, 500ms)));
    const auto upload = [&](const std::string &who, const std::string &body) {
        return ask("PUT", one, {who, body, {{"content-type", "audio/wav"}}});
    };
    EXPECT_EQ(upload("anke", wav).status, 403);
    EXPECT_EQ(upload("lena", "RIFF nonsense").status, 422);
    const auto stored = upload("lena", wav);
    ASSERT_EQ(stored.status, 200) << stored.body;
    EXPECT_TRUE(json_of(stored).at("replaced").as_bool());
    EXPECT_EQ(info().at("seconds").to_number<double>(), 0.5);
    EXPECT_EQ(get(one, "lena").body, wav) << "heard as it was uploaded";
    EXPECT_EQ(get(one, "anke").status, 403);
    EXPECT_EQ(get(all + "/greeting", "lena").status, 404);
    EXPECT_EQ(get("/api/v1/crisis-plans/999/announcements", "lena").status, 404);
    EXPECT_EQ(ask("DELETE", one, {"lena", "", {}}).status, 204);
    EXPECT_FALSE(info().at("replaced").as_bool());
}

TEST_P(DistributionRoutes, ACrisisPlanIsTriedAsIfItRanAllDay) {
    const std::string later = to_iso8601(clock_.now() + std::chrono::hours(48));
    for (const std::string &from : {std::string(), "&from=" + later}) {
        const json::value tried = json_of(
            ask("POST", "/api/v1/crisis-plans?preview=true" + from,
                {"lena",
                 R"({"name":"Hochwasser","municipality":")" + to_ars(kWedemark) +
                     R"(","queue":null,"head_start_seconds":0,"always_open":true,"hours":[],)"
                     R"("demands":[],"wording":[]})",
                 {}}));
        EXPECT_TRUE(tried.at("rules_change").as_bool()) << json::serialize(tried);
        EXPECT_NE(tried.at("method").as_string().find("als liefe diese Lage"), std::string::npos);
    }
    EXPECT_TRUE(json_of(get("/api/v1/crisis-plans", "lena")).at("items").as_array().empty());
}

TEST_P(DistributionRoutes, ACrisisPlansDemandsRelax) {
    const std::string water = std::to_string(skill("Hochwasser"));
    const auto body = [&](const std::string &steps) {
        return R"({"name":"Hochwasser","municipality":")" + to_ars(kLangenhagen) +
               R"(","queue":null,"head_start_seconds":300,"always_open":true,"hours":[],)"
               R"("demands":[{"skill":)" +
               water + R"(,"level":2}],)" + steps + R"("wording":[]})";
    };
    const std::string steps = R"([{"after_seconds":60,"demands":[{"skill":)" + water +
                              R"(,"level":1}]},{"after_seconds":120,"demands":[]}])";
    const auto more = ask("POST", "/api/v1/crisis-plans",
                          {"lena",
                           body(R"("relaxations":[{"after_seconds":60,"demands":[{"skill":)" +
                                water + R"(,"level":3}]}],)"),
                           {}});
    EXPECT_EQ(code_of(more), "distribution.step_demands_more");
    const json::value plan =
        created("/api/v1/crisis-plans", body(R"("relaxations":)" + steps + ","));
    EXPECT_EQ(plan.at("relaxations"), json::parse(steps));
    const std::string path = at("/api/v1/crisis-plans", plan);
    ASSERT_EQ(ask("POST", path + "/begin", {"lena", "", {}}).status, 204);
    const auto &began = std::get<routing::CrisisBegan>(exchange_->acts.back());
    ASSERT_EQ(began.plan.relaxations.size(), 2U);
    EXPECT_EQ(began.plan.relaxations[1].after, 120s);
    EXPECT_TRUE(began.plan.own_steps);
    // As older programs and plans of theirs say it.
    const auto without = ask("PUT", path, {"lena", body(""), {{"if-match", "1"}}});
    ASSERT_EQ(without.status, 200) << without.body;
    EXPECT_TRUE(json_of(without).at("relaxations").as_array().empty());
}

TEST_P(DistributionRoutes, ACrisisBeginsAndEndsWithOneActionEach) {
    const json::value plan = created(
        "/api/v1/crisis-plans",
        R"({"name":"Hochwasser","municipality":")" + to_ars(kLangenhagen) +
            R"(","queue":null,"head_start_seconds":300,"always_open":true,"hours":[],)"
            R"("demands":[],"wording":[{"language":"de","text":"Keller meiden.\nRuhe bewahren."}]})");
    const std::string path = at("/api/v1/crisis-plans", plan);
    const CrisisId id{id_of(plan)};
    EXPECT_EQ(code_of(ask("POST", path + "/end", {"lena", "", {}})), "crisis.not_running");
    EXPECT_EQ(ask("POST", path + "/begin", {"anke", "", {}}).status, 403);
    EXPECT_EQ(ask("POST", path + "/begin", {"lena", "", {}}).status, 204);
    ASSERT_EQ(exchange_->acts.size(), 1U);
    const auto &began = std::get<routing::CrisisBegan>(exchange_->acts[0]);
    EXPECT_EQ(began.plan.municipality, kLangenhagen);
    EXPECT_TRUE(began.plan.always_open);

    exchange_->state_now.crises[id] = {id, began.plan, clock_.now(), {}};
    EXPECT_EQ(code_of(ask("POST", path + "/begin", {"lena", "", {}})), "crisis.running");
    EXPECT_EQ(code_of(put(path, plan, "1")), "crisis.running");
    EXPECT_EQ(code_of(ask("DELETE", path, {"lena", "", {}})), "crisis.running");
    const json::value seen = json_of(get("/api/v1/crises", "anke"));
    EXPECT_EQ(seen.at("items").at(0).at("wording").at(0).at("text").as_string(),
              "Keller meiden.\nRuhe bewahren.");

    const json::value codes = created(path + "/codes", R"({"count":2})");
    const auto join = [&](const std::string &code) {
        return ask("POST", "/api/v1/helpers", {"", R"({"code":")" + code + "\"}", {}});
    };
    const std::string code(codes.at("codes").at(0).as_string().c_str());
    EXPECT_EQ(code_of(join("falsch-geraten")), "session.code_invalid");
    exchange_->next_result = fail(ProblemKind::conflict, "exchange.refused");
    EXPECT_EQ(code_of(join(code)), "crisis.not_running");
    exchange_->next_result = {};
    const auto joined = join(code);
    EXPECT_EQ(joined.status, 200) << "a refusal has not used it up: " << joined.body;
    EXPECT_EQ(join(code).status, 401);
    const auto &helper = std::get<routing::HelperJoined>(exchange_->acts.back());
    EXPECT_EQ(helper.crisis, id);
    std::string cookie;
    for (const auto &[name, value] : joined.headers) {
        if (name == "Set-Cookie") cookie = value;
    }
    tokens_["hilfe"] = cookie.substr(cookie.find('=') + 1, cookie.find(';') - cookie.find('=') - 1);
    EXPECT_EQ(get("/api/v1/crises", "hilfe").status, 200);

    const routing::CrisisFacts facts{12, 9, 2, 1, 1, 900s, 300s, 90s, 60s};
    ASSERT_TRUE(ledger_->append_and_wait(
        {ledger::to_entry(routing::Decision{routing::CrisisReport{id, clock_.now(), facts},
                                            routing::Rule::crisis_ends},
                          clock_.now() + 3600s)}));
    const json::value report = json_of(ask("POST", path + "/end", {"lena", "", {}})).at("report");
    EXPECT_EQ(report.at("offered").as_int64(), 12);
    EXPECT_EQ(report.at("average_wait_seconds").as_int64(), 10);
    EXPECT_TRUE(std::holds_alternative<routing::CrisisEnded>(exchange_->acts.back()));
    EXPECT_EQ(get("/api/v1/crises", "hilfe").status, 401) << "the helper's place is gone";
    exchange_->state_now.crises.clear();
    clock_.advance(3700s);
    EXPECT_EQ(ask("DELETE", path, {"lena", "", {}}).status, 204);
    const json::value reports = json_of(get("/api/v1/crisis-reports", "lena")).at("items");
    ASSERT_EQ(reports.as_array().size(), 1U);
    EXPECT_EQ(reports.at(0).at("name"), "Hochwasser") << "also when its plan is gone";
}

// From 6 to 47 in a day (F-45): one room, one address, one minute, and some mistype.
TEST_P(DistributionRoutes, FortyOneHelpersJoinInTheSameMinuteFromOneRoom) {
    constexpr int kHelpers = 41;
    const json::value plan =
        created("/api/v1/crisis-plans",
                R"({"name":"Hochwasser","municipality":")" + to_ars(kLangenhagen) +
                    R"(","queue":null,"head_start_seconds":300,"always_open":true,"hours":[],)"
                    R"("demands":[],"wording":[]})");
    const std::string path = at("/api/v1/crisis-plans", plan);
    EXPECT_EQ(ask("POST", path + "/begin", {"lena", "", {}}).status, 204);
    const CrisisId id{id_of(plan)};
    exchange_->state_now.crises[id] = {
        id, std::get<routing::CrisisBegan>(exchange_->acts.back()).plan, clock_.now(), {}};
    const json::value codes =
        created(path + "/codes", R"({"count":)" + std::to_string(kHelpers) + "}");
    const auto join = [&](const std::string &code) {
        return ask("POST", "/api/v1/helpers", {"", R"({"code":")" + code + "\"}", {}}).status;
    };
    const auto joined = [&] {
        return std::ranges::count_if(exchange_->acts, [](const routing::Event &event) {
            return std::holds_alternative<routing::HelperJoined>(event);
        });
    };
    for (int i = 0; i < 10; ++i) {
        std::string mistyped(codes.at("codes").at(i).as_string().c_str());
        mistyped.back() = mistyped.back() == 'a' ? 'b' : 'a';
        EXPECT_EQ(join(mistyped), 401) << i;
    }
    for (const json::value &code : codes.at("codes").as_array())
        EXPECT_EQ(join(code.as_string().c_str()), 200) << "after " << joined();
    EXPECT_EQ(joined(), kHelpers);
    const std::string again(codes.at("codes").at(0).as_string().c_str());
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(join(again), 401) << "each once";
    EXPECT_EQ(join(again), 429) << "and whoever tries on waits";
}

TEST_P(DistributionRoutes, CallbacksAreListedWithoutNumbersAndWithdrawn) {
    routing::Call call;
    call.id = CallId{77};
    call.municipality = kWedemark;
    call.offered_at = clock_.now() - 600s;
    call.callback = routing::Callback{routing::CallerKey{123'456}, clock_.now() - 500s, 1};
    exchange_->state_now.calls[call.id] = call;
    call.id = CallId{78};
    call.callback->reached = true;
    exchange_->state_now.calls[call.id] = call;
    const auto listed = get("/api/v1/callbacks", "lena");
    const json::value items = json_of(listed).at("items");
    ASSERT_EQ(items.as_array().size(), 1U) << "the other one is a conversation by now";
    EXPECT_EQ(items.at(0).at("attempts").as_int64(), 1);
    EXPECT_EQ(listed.body.find("123456"), std::string::npos) << "not even the pseudonym";
    EXPECT_EQ(ask("DELETE", "/api/v1/callbacks/78", {"lena", "", {}}).status, 404);
    EXPECT_EQ(ask("DELETE", "/api/v1/callbacks/77", {"anke", "", {}}).status, 403);
    EXPECT_EQ(ask("DELETE", "/api/v1/callbacks/77", {"lena", "", {}}).status, 204);
    EXPECT_EQ(std::get<routing::CallbackWithdrawn>(exchange_->acts.back()).call, CallId{77});
}

TEST_P(DistributionRoutes, APreviewSaysWhatWouldHaveHappenedAndChangesNothing) {
    // The calls of this morning, by the rules in force; nobody was signed in but for one.
    ASSERT_EQ(ask("POST", "/api/v1/skills", {"chef", R"({"kind":"it","name":"IT"})", {}}).status,
              201); // brings the municipalities into the fake exchange's rules
    const int changes = exchange_->rule_changes;
    json::value wedemark = json_of(get(town(kWedemark, ""), "chef"));
    const std::string version = std::to_string(wedemark.at("version").as_int64());
    wedemark.as_object()["hours"] = json::array();
    const auto response = put(town(kWedemark, "?preview=true"), wedemark, version, "chef");
    ASSERT_EQ(response.status, 200) << response.body;
    const json::value preview = json_of(response);
    EXPECT_EQ(preview.at("calls").as_int64(), 2);
    EXPECT_EQ(preview.at("changed").as_int64(), 1) << response.body;
    EXPECT_EQ(preview.at("after").at("calls").at("closed").as_int64(), 1);
    EXPECT_TRUE(preview.at("rules_change").as_bool());
    EXPECT_EQ(exchange_->rule_changes, changes);
    EXPECT_EQ(std::to_string(json_of(get(town(kWedemark, ""), "chef")).at("version").as_int64()),
              version);
    EXPECT_EQ(put(town(kWedemark, "?preview=true"), wedemark, "99", "chef").status, 412);
    const auto removed =
        ask("DELETE", town(kWedemark, "/numbers/+493023125002?preview=true"), {"chef", "", {}});
    EXPECT_EQ(json_of(removed).at("after").at("calls").at("unknown_number").as_int64(), 1);
    EXPECT_TRUE(routing::find_number(exchange_->rules_now, PhoneNumber{"+493023125002"}));
}

TEST_P(DistributionRoutes, WhyACallWentWhereItWentNamesNobody) {
    const std::string path = "/api/v1/calls/" + std::to_string(kCallOfWedemark) + "/why";
    const auto response = get(path, "lena");
    ASSERT_EQ(response.status, 200) << response.body;
    const json::value shown = json_of(response);
    const json::array &steps = shown.at("steps").as_array();
    ASSERT_GE(steps.size(), 3U) << response.body;
    EXPECT_EQ(steps.front().at("what").as_string(), "offered");
    EXPECT_EQ(steps.back().at("what").as_string(), "end");
    bool agent = false;
    for (const json::value &step : steps)
        agent = agent || step.at("agent").as_bool();
    EXPECT_TRUE(agent);
    EXPECT_EQ(response.body.find("\"" + std::to_string(agent_.value) + "\""), std::string::npos);
    EXPECT_NE(response.body.find("Warteschlange"), std::string::npos) << "in German";
    EXPECT_EQ(get(path, "anke").status, 403);
    EXPECT_EQ(get("/api/v1/calls/4711/why", "lena").status, 404);
}

TEST_P(DistributionRoutes, WhyShowsTheFiguresThatARuleCompared) {
    const Instant at = clock_.now();
    const CallId call{990'100};
    const routing::DialledNumber dialled{PhoneNumber{"+493023125001"},
                                         routing::DialledSource::request_uri, kWedemark};
    routing::Announce closed{call, routing::Announcement::closed};
    closed.figures.opens = *parse_iso8601("2026-11-24T07:00:00Z");
    closed.figures.waiting = 3;
    const routing::End end{call, routing::EndReason::closed, kWedemark, dialled.number, at};
    using routing::Decision;
    ASSERT_TRUE(ledger_->append_and_wait(
        {ledger::to_entry(routing::Event{routing::CallOffered{call, dialled}}, at),
         ledger::to_entry(Decision{closed, routing::Rule::closed_hours}, at),
         ledger::to_entry(Decision{end, routing::Rule::announcement_heard}, at + 8s)}));
    const json::value shown = json_of(get("/api/v1/calls/990100/why", "lena"));
    EXPECT_EQ(
        shown.at("steps").at(1).at("saw"),
        json::parse(R"([{"name":"announcement","value":"closed"},{"name":"waiting","value":3},)"
                    R"({"name":"opens_at","value":"2026-11-24T07:00:00.000000Z"}])"));
}

// The ledger knows numbers only; people know names, and what they were then.
TEST_P(DistributionRoutes, WhyNamesQueuesPartnersAndCrisesAsTheyWereCalledThen) {
    const json::value queue = created("/api/v1/queues", queue_body("Zentrale", skill("IT")));
    const json::value partner =
        created("/api/v1/partners", R"({"name":"Region Nord","number":"+494066969100"})");
    const json::value flood =
        created("/api/v1/crisis-plans",
                R"({"name":"Hochwasser Wedemark","municipality":")" + to_ars(kWedemark) +
                    R"(","queue":null,"head_start_seconds":60,"always_open":true,)"
                    R"("hours":[],"demands":[],"wording":[]})");
    clock_.advance(60s);
    const Instant at = clock_.now();
    const CallId call{990'200};
    const PhoneNumber wedemark{"+493023125001"};
    const routing::DialledNumber dialled{wedemark, routing::DialledSource::request_uri, kWedemark};
    routing::CallOffered offered{call, dialled};
    offered.from = routing::PartnerId{id_of(partner)};
    routing::Queue queued{call, kWedemark, routing::QueueId{id_of(queue)}, CrisisId{id_of(flood)}};
    routing::Forward forward{call, PhoneNumber{"+494066969100"}, routing::Outside::partner,
                             routing::PartnerId{id_of(partner)}};
    routing::End end{call, routing::EndReason::taken_by_partner, kLangenhagen, wedemark, at};
    end.dialled = kWedemark;
    using routing::Decision;
    using routing::Rule;
    ASSERT_TRUE(ledger_->append_and_wait(
        {ledger::to_entry(routing::Event{offered}, at),
         ledger::to_entry(Decision{queued, Rule::queue_of_number}, at),
         ledger::to_entry(Decision{routing::Corrected{call, {}, kWedemark, kLangenhagen},
                                   Rule::tenant_corrected},
                          at + 1s),
         ledger::to_entry(Decision{forward, Rule::overflow_longest_wait}, at + 2s),
         ledger::to_entry(Decision{end, Rule::partner_gave_back}, at + 8s)}));

    clock_.advance(60s);
    json::value renamed = queue;
    renamed.as_object()["name"] = "Bürgertelefon";
    ASSERT_EQ(put(this->at("/api/v1/queues", queue), renamed, "1").status, 200);
    ASSERT_EQ(ask("DELETE", this->at("/api/v1/crisis-plans", flood), {"lena", "", {}}).status, 204);

    const auto saw = [&](const std::string &login, std::size_t step) {
        const json::value shown = json_of(get("/api/v1/calls/990200/why", login));
        return json::serialize(shown.at("steps").at(step).at("saw"));
    };
    const std::string first = saw("lena", 0);
    EXPECT_NE(first.find(R"("called":"Region Nord","called_today":"Region Nord")"),
              std::string::npos)
        << first;
    const std::string second = saw("lena", 1);
    EXPECT_NE(second.find(R"("value":)" + std::to_string(id_of(queue)) +
                          R"(,"called":"Zentrale","called_today":"Bürgertelefon")"),
              std::string::npos)
        << second;
    EXPECT_NE(second.find(R"("called":"Hochwasser Wedemark","called_today":null)"),
              std::string::npos)
        << second;
    EXPECT_NE(saw("lena", 3).find(R"("called":"Region Nord")"), std::string::npos);

    const auto town_of = [&](const std::string &login, std::size_t step) {
        const json::value shown = json_of(get("/api/v1/calls/990200/why", login));
        return json::serialize(shown.at("steps").at(step).at("town"));
    };
    EXPECT_EQ(town_of("lena", 1), "\"Wedemark\"");
    EXPECT_EQ(town_of("lena", 2), "\"Langenhagen\"");

    // Langenhagen's auditor sees the call, but not what was Wedemark's.
    add_user("pruefer", {people::Role::auditor}, kLangenhagen);
    sign_in("pruefer");
    EXPECT_EQ(town_of("pruefer", 1), "null");
    EXPECT_EQ(town_of("pruefer", 2), "\"Langenhagen\"");
    EXPECT_EQ(saw("pruefer", 0).find("called"), std::string::npos);
    EXPECT_EQ(saw("pruefer", 1).find("Hochwasser"), std::string::npos);
    EXPECT_EQ(saw("pruefer", 1).find("Zentrale"), std::string::npos);
    EXPECT_NE(saw("pruefer", 3).find(R"("called":"Region Nord")"), std::string::npos);
}

TEST_P(DistributionRoutes, ReportsCount115ApartAndShowMisroutes) {
    const Instant noon = clock_.now();
    const auto correct = [&](std::int64_t call) {
        routing::End end{CallId{call}, routing::EndReason::completed,
                         kLangenhagen, PhoneNumber{"+493023125002"},
                         noon - 90s,   noon - 80s,
                         60s,          {}};
        end.dialled = kWedemark;
        end.scope = routing::Scope::authority_115;
        end.callback_at = noon - 85s;
        ASSERT_TRUE(ledger_->append_and_wait(
            {ledger::to_entry(routing::Event{routing::CallOffered{
                                  end.call, routing::DialledNumber{*end.number, {}, kWedemark}}},
                              noon - 90s),
             ledger::to_entry(routing::Decision{routing::Connect{end.call, AgentId{1}, 10s}},
                              noon - 80s),
             ledger::to_entry(routing::Decision{end, routing::Rule::caller_hung_up}, noon - 20s)}));
    };
    const std::string days = "/api/v1/reports/calls?from=2026-11-23&to=2026-11-23";
    EXPECT_EQ(json_of(get(days, "lena")).at("total").at("callbacks").as_int64(), 0);
    for (std::int64_t call = 990'001; call < 990'005; ++call)
        correct(call);
    const json::value few = json_of(get(days, "lena"));
    EXPECT_EQ(few.at("total").at("corrected").as_int64(), 4);
    EXPECT_TRUE(few.at("misroutes").as_array().empty()) << "a single call could be found again";
    for (const auto *name :
         {"callbacks", "callbacks_reached", "callbacks_missed", "average_callback_seconds"})
        EXPECT_TRUE(few.at("total").at(name).is_null()) << name;

    correct(990'005);
    const json::value report = json_of(get(days, "lena"));
    EXPECT_EQ(report.at("total").at("offered").as_int64(), 7);
    EXPECT_EQ(report.at("authority_115").at("offered").as_int64(), 5);
    EXPECT_EQ(report.at("total").at("corrected").as_int64(), 5);
    EXPECT_EQ(report.at("total").at("callbacks").as_int64(), 5);
    EXPECT_EQ(report.at("total").at("callbacks_reached").as_int64(), 5);
    EXPECT_EQ(report.at("total").at("callbacks_missed").as_int64(), 0);
    EXPECT_EQ(report.at("total").at("average_callback_seconds").as_int64(), 5);
    EXPECT_EQ(report.at("misroutes").at(0).at("dialled").as_string(), to_ars(kWedemark));
    EXPECT_EQ(report.at("misroutes").at(0).at("calls").as_int64(), 5);

    add_user("pruefer", {people::Role::auditor}, kLangenhagen);
    sign_in("pruefer");
    const auto own = get(days, "pruefer");
    EXPECT_EQ(json_of(own).at("total").at("offered").as_int64(), 6);
    EXPECT_EQ(json_of(own).at("misroutes").at(0).at("dialled"), nullptr) << "somebody else's";
    EXPECT_EQ(get(days + "&municipality=" + to_ars(kWedemark), "pruefer").status, 404);
    EXPECT_EQ(get("/api/v1/reports/calls?from=2026-11-23&to=2026-11-22", "lena").status, 422);
    EXPECT_EQ(get("/api/v1/reports/calls", "lena").status, 422);
    EXPECT_EQ(get(days, "anke").status, 403);
}

TEST_P(DistributionRoutes, TheAuditLogIsReadInPages) {
    add_user("revision", {people::Role::auditor});
    sign_in("revision");
    skill("Türkisch");
    const json::value page = json_of(get("/api/v1/audit?limit=1", "revision"));
    EXPECT_EQ(page.at("items").at(0).at("action").as_string(), "skill.added");
    EXPECT_TRUE(page.at("items").at(0).at("by").is_int64());
    const auto next = page.at("next").as_int64();
    const json::value rest =
        json_of(get("/api/v1/audit?before=" + std::to_string(next), "revision"));
    EXPECT_LT(rest.at("items").at(0).at("id").as_int64(), next);
    EXPECT_EQ(rest.at("next"), nullptr);
    EXPECT_EQ(get("/api/v1/audit", "lena").status, 403);
}

FERNAMT_ON_EVERY_ENGINE(DistributionRoutes);

} // namespace
} // namespace fernamt::web::testing
