// SPDX-License-Identifier: EUPL-1.2
// What the API does, subject by subject. That each answer is the described one is checked by the
// base of the test.
#include "billing/invoice.h"
#include "billing/standard_price.h"
#include "telephony/rtp_audio.h"
#include "telephony/wav.h"
#include "web/gate.h"
#include "web/testing/api_test_base.h"

#include <boost/json/serialize.hpp>

#include <set>

namespace fernamt::web::testing {
namespace {

class Routes : public ApiTest {};

std::string target_of(MunicipalityId id, const std::string &rest = "") {
    return "/api/v1/municipalities/" + to_ars(id) + rest;
}

TEST_P(Routes, AreAllDescribed) {
    std::set<std::string> served;
    for (const auto &route : router_.routes())
        served.insert(route.method + " " + route.pattern);
    std::set<std::string> ruled;
    for (const RouteRule &rule : route_rules()) {
        ruled.insert(std::string(rule.method) + " " + std::string(rule.pattern));
    }
    EXPECT_EQ(served, ruled); // openapi_test compares the rules with openapi.json
}

TEST_P(Routes, SessionBeginsIsKeptAndEnds) {
    EXPECT_EQ(code_of(get("/api/v1/session", "")), "session.none");
    const auto wrong =
        ask("POST", "/api/v1/session", {"", R"({"login":"anke","password":"falsch geraten"})", {}});
    EXPECT_EQ(wrong.status, 401);
    EXPECT_EQ(code_of(wrong), "session.wrong_password");
    const auto nobody = ask("POST", "/api/v1/session",
                            {"", R"({"login":"niemand","password":"falsch geraten"})", {}});
    EXPECT_EQ(nobody.body, wrong.body) << "an unknown login must look the same";

    const json::value user = json_of(get("/api/v1/session", "anke"));
    EXPECT_EQ(user.at("login").as_string(), "anke");
    EXPECT_EQ(user.at("municipality"), nullptr);
    const auto kept =
        ask("PUT", "/api/v1/session/settings",
            {"anke", R"({"language":"en","settings":{"theme":"dark","deep":{"a":[1]}}})", {}});
    EXPECT_EQ(kept.status, 200);
    EXPECT_EQ(json_of(get("/api/v1/session", "anke")).at("settings").at("theme").as_string(),
              "dark");
    const std::string large = R"({"settings":{"x":")" + std::string(17'000, 'x') + "\"}}";
    EXPECT_EQ(ask("PUT", "/api/v1/session/settings", {"anke", large, {}}).status, 422);

    const auto out = ask("DELETE", "/api/v1/session", {"anke", "", {}});
    EXPECT_EQ(out.status, 204);
    EXPECT_EQ(get("/api/v1/session", "anke").status, 401) << "the old cookie is worth nothing";
}

TEST_P(Routes, TheSessionCookieIsOutOfReachForScriptsAndOtherSites) {
    const json::value body = json::object{{"login", "anke"}, {"password", kPassword}};
    const auto response = ask("POST", "/api/v1/session", {"", json::serialize(body), {}});
    std::string cookie;
    for (const auto &[name, value] : response.headers) {
        if (name == "Set-Cookie") cookie = value;
    }
    for (const char *flag : {"; HttpOnly", "; SameSite=Strict", "; Secure", "; Path=/"}) {
        EXPECT_NE(cookie.find(flag), std::string::npos) << cookie;
    }
    EXPECT_EQ(response.body.find(tokens_["anke"]), std::string::npos);
    Asked foreign{"", json::serialize(body), {}};
    foreign.ours = false;
    EXPECT_EQ(ask("POST", "/api/v1/session", foreign).status, 403);
}

TEST_P(Routes, WrongPasswordsAreSlowedDown) {
    net::Response last;
    for (int i = 0; i < 8 && last.status != 429; ++i) {
        last = ask("POST", "/api/v1/session",
                   {"", R"({"login":"anke","password":"falsch geraten"})", {}});
    }
    ASSERT_EQ(last.status, 429);
    EXPECT_EQ(code_of(last), "session.slowed");
    EXPECT_TRUE(json_of(last).at("arguments").as_object().contains("retry_after_seconds"));
}

TEST_P(Routes, DeskShowsTheCallWithItsMunicipality) {
    telephony::DeskView &desk = exchange_->desks[AgentId{agent_.value}];
    EXPECT_EQ(json_of(get("/api/v1/desk", "anke")).at("call"), nullptr);
    desk.state = routing::AgentState::talking;
    desk.since = clock_.now();
    desk.now = clock_.now();
    desk.waiting = 3;
    desk.longest_wait = 12'900ms;
    desk.call = telephony::DeskView::CallView{
        CallId{5},    kWedemark,    PhoneNumber{"+493023125002"},
        clock_.now(), clock_.now(), Redacted<std::string>("+491713920078")};
    desk.browser_offer = telephony::DeskView::BrowserOffer{"A1", "v=0\r\n"};
    const json::value shown = json_of(get("/api/v1/desk", "anke"));
    EXPECT_EQ(shown.at("state").as_string(), "talking");
    EXPECT_EQ(shown.at("longest_wait_seconds").as_int64(), 12);
    EXPECT_EQ(shown.at("call").at("municipality").at("greeting").as_string(),
              "Wedemark, guten Tag!");
    EXPECT_EQ(shown.at("call").at("caller").at("e164").as_string(), "+491713920078");
    EXPECT_EQ(shown.at("browser_offer").at("sdp").as_string(), "v=0\r\n");

    desk.call->caller = Redacted<std::string>();
    EXPECT_EQ(json_of(get("/api/v1/desk", "anke")).at("call").at("caller"), nullptr);
}

TEST_P(Routes, DeskPassesCommandsOn) {
    const auto command = [&](const std::string &body) {
        return ask("POST", "/api/v1/desk/commands", {"anke", body, {}});
    };
    EXPECT_EQ(command(R"({"command":"sign_in","device":"sip_phone"})").status, 204);
    EXPECT_EQ(command(R"({"command":"transfer","call":5,"target":"030 23125-123"})").status, 204);
    ASSERT_EQ(exchange_->commands.size(), 2U);
    EXPECT_EQ(exchange_->commands[0].device, routing::Device::sip_phone);
    EXPECT_FALSE(exchange_->commands[0].paused) << "ready at once, as before";
    EXPECT_EQ(exchange_->commands[0].agent, AgentId{agent_.value});
    EXPECT_EQ(exchange_->commands[1].call, CallId{5});
    EXPECT_EQ(exchange_->commands[1].target, PhoneNumber{"+493023125123"});

    EXPECT_EQ(code_of(command(R"({"command":"transfer","call":5,"target":"huhu"})")),
              "desk.target_invalid");
    EXPECT_EQ(code_of(command(R"({"command":"transfer","call":5})")), "desk.target_invalid");
    EXPECT_EQ(code_of(command(R"({"command":"dance"})")), "request.invalid");
    EXPECT_EQ(exchange_->commands.size(), 2U);
    EXPECT_EQ(command(R"({"command":"sign_in","paused":true})").status, 204);
    EXPECT_TRUE(exchange_->commands[2].paused);
    exchange_->next_result = fail(ProblemKind::conflict, "desk.not_now");
    const auto refused = command(R"({"command":"hold"})");
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(code_of(refused), "desk.not_now");
    EXPECT_EQ(ask("POST", "/api/v1/desk/commands", {"chef", R"({"command":"ready"})", {}}).status,
              403);
}

TEST_P(Routes, DeskPassesTheBrowsersAnswerOn) {
    EXPECT_EQ(
        ask("POST", "/api/v1/desk/media", {"anke", R"({"leg":"A1","sdp":"v=0\r\n"})", {}}).status,
        204);
    EXPECT_EQ(exchange_->answered_leg, "A1");
    EXPECT_EQ(exchange_->answered_sdp, "v=0\r\n");
    EXPECT_EQ(exchange_->answered_by, AgentId{agent_.value});
}

TEST_P(Routes, CallsAreShownToWhoTookThemAndToWhoOverseesThem) {
    const std::string call = "/api/v1/calls/" + std::to_string(kCallOfWedemark);
    const json::value shown = json_of(get(call, "anke"));
    EXPECT_EQ(shown.at("municipality").as_string(), to_ars(kWedemark));
    EXPECT_EQ(shown.at("wait_seconds").as_int64(), 10);
    EXPECT_EQ(shown.at("talk_seconds").as_int64(), 60);
    EXPECT_EQ(shown.at("acw_seconds").as_int64(), 30);
    EXPECT_EQ(shown.at("end_reason").as_string(), "completed");

    add_user("bernd", {people::Role::agent});
    add_user("leitung", {people::Role::lead});
    add_user("kasse", {people::Role::finance}, kWedemark);
    for (const char *login : {"bernd", "leitung", "kasse"})
        sign_in(login);
    EXPECT_EQ(get(call, "bernd").status, 404) << "somebody else's call";
    EXPECT_EQ(get(call, "leitung").status, 200);
    EXPECT_EQ(get(call, "kasse").status, 200);
    EXPECT_EQ(get("/api/v1/calls/" + std::to_string(kCallOfLangenhagen), "kasse").status, 404);
    EXPECT_EQ(get(call, "chef").status, 403);
    for (const char *id : {"0", "-1", "9007199254740992", "abc", "1e3", "99999999999999999999"}) {
        EXPECT_EQ(get(std::string("/api/v1/calls/") + id, "anke").status, 404) << id;
    }
}

TEST_P(Routes, NotesHaveVersionsAndBelongToTheAgentOfTheCall) {
    const std::string call = "/api/v1/calls/" + std::to_string(kCallOfLangenhagen);
    const auto write = [&](const std::string &session, const std::string &version,
                           const std::string &text) {
        return ask(
            "PUT", call + "/notes",
            {session, json::serialize(json::object{{"text", text}}), {{"if-match", version}}});
    };
    EXPECT_EQ(json_of(get(call, "anke")).at("notes"), nullptr);
    const auto first = write("anke", "0", "Ruft zurück: 0171 …\nzweite Zeile");
    ASSERT_EQ(first.status, 200) << first.body;
    EXPECT_EQ(json_of(first).at("version").as_int64(), 1);
    EXPECT_EQ(write("anke", "\"0\"", "zweites Fenster").status, 412);
    EXPECT_EQ(write("anke", "\"1\"", "neu").status, 200);
    EXPECT_EQ(write("anke", "", "ohne").status, 422);
    EXPECT_EQ(write("anke", "2", std::string(8193, 'x')).status, 422);
    EXPECT_EQ(write("anke", "2", std::string(8192, 'x')).status, 200);
    EXPECT_EQ(json_of(get(call, "anke")).at("notes").at("version").as_int64(), 3);

    add_user("bernd", {people::Role::agent});
    add_user("leitung", {people::Role::lead});
    sign_in("bernd");
    sign_in("leitung");
    EXPECT_EQ(write("bernd", "3", "fremd").status, 404);
    EXPECT_EQ(json_of(get(call, "leitung")).at("notes"), nullptr) << "the agent's words stay hers";
}

TEST_P(Routes, KnowledgeIsSearchedAndReadPerMunicipality) {
    const json::value all = json_of(get("/api/v1/knowledge/services?limit=5", "anke"));
    EXPECT_EQ(all.at("items").as_array().size(), 5U);
    EXPECT_EQ(all.at("total").as_int64(), catalogue_->services());
    const auto id = all.at("items").at(0).at("id").as_int64();
    const std::string service = "/api/v1/knowledge/services/" + std::to_string(id);
    EXPECT_EQ(code_of(get(service, "anke")), "knowledge.municipality_missing");
    const json::value article =
        json_of(get(service + "?municipality=" + to_ars(kWedemark), "anke"));
    EXPECT_EQ(article.at("municipality").as_string(), to_ars(kWedemark));
    EXPECT_EQ(article.at("sections").at(0).at("key").as_string(), "opening_hours"); // R-29
    EXPECT_EQ(article.at("level"), "local");                                        // R-47
    const std::string region = "/api/v1/knowledge/services/7?municipality=";        // cars
    EXPECT_EQ(json_of(get(region + to_ars(kWedemark), "anke")).at("level"), "district");
    EXPECT_EQ(
        get("/api/v1/knowledge/services/999999?municipality=" + to_ars(kWedemark), "anke").status,
        404);
    for (const char *query : {"limit=0", "limit=101", "limit=x", "municipality=1", "q=\x01"}) {
        EXPECT_EQ(get(std::string("/api/v1/knowledge/services?") + query, "anke").status, 422)
            << query;
    }
}

TEST_P(Routes, SituationShowsSumsAndTheirDefinitions) {
    auto &now = exchange_->situation_now;
    now.waiting = 2;
    now.longest_wait = 21s;
    now.agents = {{routing::AgentState::ready, 1}, {routing::AgentState::talking, 4}};
    now.municipalities = {{kWedemark, 2, 1}};
    const json::value shown = json_of(get("/api/v1/situation", "chef"));
    EXPECT_EQ(shown.at("waiting").as_int64(), 2);
    EXPECT_EQ(shown.at("agents").at("talking").as_int64(), 4);
    EXPECT_EQ(shown.at("today").at("offered").as_int64(), 2);
    EXPECT_EQ(shown.at("today").at("service_level_percent").to_number<double>(), 100.0);
    EXPECT_EQ(shown.at("per_hour").at(9).at("offered").as_int64(), 2);
    EXPECT_EQ(shown.at("municipalities").as_array().size(), 2U);
    EXPECT_EQ(shown.at("municipalities").at(1).at("waiting").as_int64(), 2);
    const net::Response english =
        ask("GET", "/api/v1/situation", {"chef", "", {{"accept-language", "en"}}});
    EXPECT_NE(json_of(english).at("definitions").at("offered"),
              shown.at("definitions").at("offered"));
}

TEST_P(Routes, AChangedMunicipalityIsInEffectAndInTheLedgerBeforeTheAnswer) {
    const auto before = get(target_of(kWedemark), "chef");
    json::object town = json_of(before).as_object();
    town["hours"] = json::array{json::object{{"weekday", 4}, {"from", "07:30"}, {"to", "24:00"}}};
    town["greeting"] = "Gemeinde Wedemark, guten Morgen!";
    const std::string body = json::serialize(town);
    const auto put = [&](const std::string &version) {
        return ask("PUT", target_of(kWedemark), {"chef", body, {{"if-match", version}}});
    };
    EXPECT_EQ(put("").status, 422);
    const auto changed = put("\"1\"");
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(json_of(changed).at("version").as_int64(), 2);
    EXPECT_EQ(put("\"1\"").status, 412) << "somebody else was faster";

    const auto *rules = routing::find_municipality(exchange_->rules_now, kWedemark);
    ASSERT_NE(rules, nullptr);
    ASSERT_EQ(rules->hours.size(), 1U);
    EXPECT_EQ(rules->hours[0].to_second, 86'400);
    int entries = 0;
    ASSERT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
        if (entry.type == "rules.changed") ++entries;
        return true;
    }));
    EXPECT_EQ(entries, 1);
    // The desk says the new greeting at once.
    telephony::DeskView &desk = exchange_->desks[AgentId{agent_.value}];
    desk.call = telephony::DeskView::CallView{CallId{5}, kWedemark, {}, {}, {}, {}};
    EXPECT_EQ(json_of(get("/api/v1/desk", "anke"))
                  .at("call")
                  .at("municipality")
                  .at("greeting")
                  .as_string(),
              "Gemeinde Wedemark, guten Morgen!");
}

TEST_P(Routes, MunicipalitiesRefuseImpossibleHours) {
    const json::object good = json_of(get(target_of(kWedemark), "chef")).as_object();
    const auto put = [&](json::array hours) {
        json::object town = good;
        town["hours"] = std::move(hours);
        return ask("PUT", target_of(kWedemark),
                   {"chef", json::serialize(town), {{"if-match", "1"}}})
            .status;
    };
    const auto period = [](int weekday, const char *from, const char *to) {
        return json::object{{"weekday", weekday}, {"from", from}, {"to", to}};
    };
    EXPECT_EQ(put({period(0, "18:00", "08:00")}), 422);
    EXPECT_EQ(put({period(7, "08:00", "18:00")}), 422);
    EXPECT_EQ(put({period(0, "8:00", "18:00")}), 422);
    EXPECT_EQ(put({period(0, "24:00", "24:00")}), 422);
    EXPECT_EQ(put({period(0, "08:60", "18:00")}), 422);
    EXPECT_EQ(put({period(0, "08:00", "12:00"), period(0, "11:00", "18:00")}), 422);
    EXPECT_EQ(put({}), 200) << "always closed is a choice";
}

TEST_P(Routes, NumbersAreAddedOnceAndRemoved) {
    const auto add = [&](MunicipalityId id, const std::string &number) {
        return ask("POST", target_of(id, "/numbers"),
                   {"chef", json::serialize(json::object{{"number", number}}), {}});
    };
    const auto added = add(kWedemark, "030 23125-077");
    ASSERT_EQ(added.status, 201) << added.body;
    EXPECT_EQ(json_of(added).at("e164").as_string(), "+493023125077");
    EXPECT_NE(routing::find_number(exchange_->rules_now, PhoneNumber{"+493023125077"}), nullptr);
    EXPECT_EQ(add(kLangenhagen, "+493023125077").status, 409) << "it is taken";
    EXPECT_EQ(add(kWedemark, "keine Nummer").status, 422);
    EXPECT_EQ(
        ask("DELETE", target_of(kWedemark, "/numbers/+493023125077"), {"chef", "", {}}).status,
        204);
    EXPECT_EQ(routing::find_number(exchange_->rules_now, PhoneNumber{"+493023125077"}), nullptr);
    EXPECT_EQ(
        ask("DELETE", target_of(kWedemark, "/numbers/+493023125077"), {"chef", "", {}}).status,
        404);
}

TEST_P(Routes, AnnouncementsAreHeardReplacedAndReset) {
    const std::string one = target_of(kWedemark, "/announcements/greeting");
    EXPECT_EQ(
        json_of(get(target_of(kWedemark, "/announcements"), "chef")).at("items").as_array().size(),
        8U);
    const auto original = get(one, "chef");
    ASSERT_EQ(original.status, 200);
    EXPECT_TRUE(original.body.starts_with("RIFF"));
    const auto put = [&](const std::string &body, const std::string &type) {
        Asked asked{"chef", body, {{"content-type", type}}};
        return ask("PUT", one, asked);
    };
    EXPECT_EQ(put("RIFF nonsense", "audio/wav").status, 422);
    EXPECT_EQ(put(original.body, "audio/mpeg").status, 422);
    EXPECT_EQ(put(std::string(2 * 1024 * 1024 + 1, 'x'), "audio/wav").status, 413);
    const auto replaced = put(original.body, "audio/wav");
    ASSERT_EQ(replaced.status, 200) << replaced.body;
    EXPECT_TRUE(json_of(replaced).at("replaced").as_bool());
    EXPECT_EQ(ask("DELETE", one, {"chef", "", {}}).status, 204);
    EXPECT_FALSE(json_of(get(target_of(kWedemark, "/announcements"), "chef"))
                     .at("items")
                     .at(0)
                     .at("replaced")
                     .as_bool());
    EXPECT_EQ(get(target_of(kWedemark, "/announcements/unknown_number"), "chef").status, 200);
    EXPECT_EQ(get(target_of(kWedemark, "/announcements/crisis"), "chef").status, 404)
        << "a crisis plan's, not a town's";
    const std::string information = target_of(kWedemark, "/announcements/info_1");
    EXPECT_EQ(get(information, "chef").status, 404) << "there is none of its own";
    Asked spoken{"chef", original.body, {{"content-type", "audio/wav"}}};
    EXPECT_EQ(ask("PUT", information, spoken).status, 200);
    EXPECT_EQ(get(information, "chef").status, 200);
    EXPECT_EQ(get(target_of(kWedemark, "/announcements/info_4"), "chef").status, 404);
}

// Every version is there to be listened to, taken back, planned and withdrawn; who made it is told
// by office, and the ledger knows the sound by its hash.
TEST_P(Routes, RecordingsHaveVersions) {
    const std::string one = target_of(kWedemark, "/announcements/greeting");
    const auto tones = [](double hertz) {
        return telephony::write_wav(telephony::to_alaw(telephony::tone(hertz, 200ms)));
    };
    const auto put = [&](const std::string &body, const std::string &from = "") {
        return ask("PUT", one + (from.empty() ? "" : "?from=" + from),
                   {"chef", body, {{"content-type", "audio/wav"}}});
    };
    const auto items = [&] { return json_of(get(one + "/versions", "chef")).at("items"); };
    const auto states = [&] {
        std::string text;
        const json::value all = items();
        for (const json::value &item : all.as_array())
            text += std::string(item.at("state").as_string()) + " ";
        return text;
    };
    const auto version = [&](std::size_t place) {
        return one + "/versions/" + std::to_string(items().at(place).at("id").as_int64());
    };
    const std::string original = get(one, "chef").body;
    const auto empty = json_of(get(one + "/versions", "chef"));
    EXPECT_TRUE(empty.at("items").as_array().empty());
    EXPECT_EQ(empty.at("most_kept").as_int64(), 10);
    EXPECT_EQ(get(one + "/versions", "anke").status, 403);
    EXPECT_EQ(ask("DELETE", one, {"chef", "", {}}).status, 204);
    EXPECT_TRUE(items().as_array().empty()) << "nothing was changed";

    ASSERT_EQ(put(tones(500)).status, 200);
    clock_.advance(1h);
    ASSERT_EQ(put(tones(900)).status, 200);
    EXPECT_EQ(states(), "heard earlier ");
    EXPECT_EQ(items().at(0).at("office").as_string(), "admin");
    EXPECT_EQ(items().at(0).at("seconds").to_number<double>(), 0.2);
    EXPECT_EQ(get(one, "chef").body, tones(900));
    EXPECT_EQ(get(version(1), "chef").body, tones(500));
    EXPECT_EQ(json_of(get(one + "/versions", "chef")).at("bytes").as_int64(),
              static_cast<std::int64_t>(2 * tones(500).size()));

    // Dated: by itself, at its instant.
    const std::string later = to_iso8601(clock_.now() + 2h);
    const auto planned = put(tones(1500), later);
    ASSERT_EQ(planned.status, 200) << planned.body;
    EXPECT_EQ(json_of(planned).at("next_from").as_string(), later);
    EXPECT_EQ(states(), "planned heard earlier ");
    EXPECT_EQ(get(one, "chef").body, tones(900));
    EXPECT_EQ(get(version(0), "chef").body, tones(1500)) << "listened to before it is heard";
    clock_.advance(2h);
    EXPECT_EQ(get(one, "chef").body, tones(1500));
    EXPECT_EQ(states(), "heard earlier earlier ");
    EXPECT_EQ(code_of(put(tones(500), "2020-01-01T00:00:00Z")), "request.invalid");
    EXPECT_EQ(code_of(ask("PUT", one + "?preview=true",
                          {"chef", tones(500), {{"content-type", "audio/wav"}}})),
              "request.invalid");

    // Taken back: the first one again, then what came with the program, then that taken back.
    const auto restored = ask("POST", version(2) + "/restore", {"chef", "", {}});
    ASSERT_EQ(restored.status, 201) << restored.body;
    EXPECT_EQ(get(one, "chef").body, tones(500));
    EXPECT_EQ(json_of(restored).at("restores"), items().at(3).at("id"));
    EXPECT_EQ(ask("DELETE", one, {"chef", "", {}}).status, 204);
    EXPECT_EQ(get(one, "chef").body, original);
    EXPECT_FALSE(items().at(0).at("own").as_bool());
    EXPECT_EQ(get(version(0), "chef").status, 404) << "it has no sound of its own";
    ASSERT_EQ(
        ask("POST", version(1) + "/restore?from=" + to_iso8601(clock_.now() + 1h), {"chef", "", {}})
            .status,
        201);
    EXPECT_EQ(get(one, "chef").body, original);
    EXPECT_EQ(code_of(ask("DELETE", version(1), {"chef", "", {}})), "announcement.already_heard");
    EXPECT_EQ(ask("DELETE", version(0), {"chef", "", {}}).status, 204);
    EXPECT_TRUE(states().starts_with("withdrawn heard ")) << states();
    clock_.advance(2h);
    EXPECT_EQ(get(one, "chef").body, original);

    EXPECT_EQ(get(one + "/versions/4711", "chef").status, 404);
    EXPECT_EQ(get(one + "/versions/x", "chef").status, 404);
    const std::string closed = target_of(kWedemark, "/announcements/closed");
    EXPECT_EQ(get(closed + version(3).substr(one.size()), "chef").status, 404)
        << "another recording's";
    int told = 0;
    std::string last;
    ASSERT_TRUE(ledger_->each(1, [&](const ledger::Entry &entry) {
        if (entry.type != "announcement.changed") return true;
        ++told;
        last = entry.payload;
        EXPECT_EQ(entry.municipality, kWedemark);
        return true;
    }));
    EXPECT_EQ(told, 7) << "six versions and a withdrawal";
    EXPECT_NE(last.find(R"("withdrawn_at":)"), std::string::npos) << last;
    EXPECT_NE(last.find(R"("kind":"greeting")"), std::string::npos) << last;
}

TEST_P(Routes, AgentsAreCreatedChangedAndStandInTheRules) {
    const std::string body = R"({"login":"Nele","display_name":"Nele Neumann","roles":["agent"],)"
                             R"("municipality":null,"password":"noch ein langer Satz"})";
    const auto created =
        ask("POST", "/api/v1/agents", {"chef", body, {{"idempotency-key", "nele-00001"}}});
    ASSERT_EQ(created.status, 201) << created.body;
    const json::value nele = json_of(created);
    EXPECT_FALSE(nele.at("sip_password").as_string().empty());
    const AgentId id{nele.at("id").as_int64()};
    const auto may_sign_in = [&] {
        const auto &agents = exchange_->rules_now.agents;
        return std::find(agents.begin(), agents.end(), id) != agents.end();
    };
    EXPECT_TRUE(may_sign_in());
    const auto again =
        ask("POST", "/api/v1/agents", {"chef", body, {{"idempotency-key", "nele-00001"}}});
    EXPECT_EQ(again.body, created.body);
    EXPECT_EQ(ask("POST", "/api/v1/agents", {"chef", body, {}}).status, 409);

    const std::string target = "/api/v1/agents/" + std::to_string(id.value);
    const auto renewed = ask("POST", target + "/sip-password", {"chef", "", {}});
    ASSERT_EQ(renewed.status, 200);
    EXPECT_NE(json_of(renewed).at("sip_password"), nele.at("sip_password"));
    const std::string version = std::to_string(json_of(get("/api/v1/agents", "chef"))
                                                   .at("items")
                                                   .as_array()
                                                   .back()
                                                   .at("version")
                                                   .as_int64());
    const std::string gone = R"({"display_name":"Nele Neumann","roles":["agent"],)"
                             R"("municipality":null,"active":false})";
    const auto deactivated = ask("PUT", target, {"chef", gone, {{"if-match", version}}});
    ASSERT_EQ(deactivated.status, 200) << deactivated.body;
    EXPECT_FALSE(may_sign_in());
    EXPECT_EQ(ask("PUT", target, {"chef", gone, {{"if-match", version}}}).status, 412);
    EXPECT_EQ(deactivated.body.find("sip_password"), std::string::npos);
    EXPECT_EQ(get("/api/v1/agents", "chef").body.find("sip_password"), std::string::npos);
}

TEST_P(Routes, SettingsTakeEffectAtOnce) {
    const auto before = get("/api/v1/settings", "chef");
    const auto put = [&](const std::string &version, int ring) {
        const std::string body = R"({"ring_timeout_seconds":)" + std::to_string(ring) +
                                 R"(,"wrap_up_seconds":45,"wrap_up_extension_seconds":60,)"
                                 R"("transfer_timeout_seconds":25,)"
                                 R"("callback_retry_own_seconds":90,"max_partners":2})";
        return ask("PUT", "/api/v1/settings", {"chef", body, {{"if-match", version}}});
    };
    const std::string version = std::to_string(json_of(before).at("version").as_int64());
    const auto changed = put(version, 15);
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(exchange_->rules_now.ring_timeout, Duration{15s});
    EXPECT_EQ(exchange_->rules_now.wrap_up, Duration{45s});
    EXPECT_EQ(exchange_->rules_now.callbacks.retry_when_not_dialled, Duration{90s});
    EXPECT_EQ(exchange_->rules_now.max_partners, 2);
    const json::value read = json_of(get("/api/v1/settings", "chef"));
    EXPECT_EQ(read.at("callback_retry_own_seconds").as_int64(), 90);
    EXPECT_EQ(read.at("max_partners").as_int64(), 2);
    EXPECT_EQ(put(version, 15).status, 412);
    EXPECT_EQ(put("2", 100'000).status, 422);
    EXPECT_EQ(get("/api/v1/settings", "anke").status, 403);
}

// Information while one waits: times of its own or the house's, taken back like every rule.
TEST_P(Routes, WaitingTimesOfAMunicipalityTakeEffectAndAreTakenBack) {
    const auto rule = [&] {
        return routing::find_municipality(exchange_->rules_now, kWedemark)->information;
    };
    const auto put = [&](json::value first, json::value every) {
        const auto before = json_of(get(target_of(kWedemark), "chef"));
        json::object wanted = before.as_object();
        wanted["name"] = "Wedemark (Region)";
        wanted["information_first_seconds"] = std::move(first);
        wanted["information_every_seconds"] = std::move(every);
        return ask("PUT", target_of(kWedemark),
                   {"chef",
                    json::serialize(wanted),
                    {{"if-match", std::to_string(before.at("version").as_int64())}}});
    };
    EXPECT_EQ(code_of(put(20, nullptr)), "request.invalid") << "both or neither";
    EXPECT_EQ(code_of(put(20, 5)), "settings.out_of_range");
    const auto changed = put(20, 60);
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(json_of(changed).at("information_every_seconds").as_int64(), 60);
    EXPECT_EQ(rule(), (routing::WaitingInformation{20s, 60s}));
    const json::value history = json_of(get("/api/v1/rule-changes", "chef"));
    const std::string undo =
        "/api/v1/rule-changes/" + std::to_string(history.at("last").as_int64()) + "/undo";
    EXPECT_EQ(ask("POST", undo, {"chef", "", {}}).status, 204);
    EXPECT_FALSE(rule());
    const json::value after = json_of(get(target_of(kWedemark), "chef"));
    EXPECT_EQ(after.at("information_first_seconds"), nullptr);
    EXPECT_NE(after.at("name").as_string(), "Wedemark (Region)");
}

TEST_P(Routes, SettingsAreTakenBackByWhoMayChangeThem) {
    const json::value before = json_of(get("/api/v1/settings", "chef"));
    json::object wanted = before.as_object();
    wanted["wrap_up_seconds"] = 45;
    const std::string version = std::to_string(before.at("version").as_int64());
    ASSERT_EQ(
        ask("PUT", "/api/v1/settings", {"chef", json::serialize(wanted), {{"if-match", version}}})
            .status,
        200);
    const json::value history = json_of(get("/api/v1/rule-changes", "chef"));
    EXPECT_EQ(history.at("items").at(0).at("things").at(0).at("table").as_string(), "settings");
    const std::string undo =
        "/api/v1/rule-changes/" + std::to_string(history.at("last").as_int64()) + "/undo";
    add_user("lena", {people::Role::lead});
    sign_in("lena");
    EXPECT_EQ(ask("POST", undo, {"lena", "", {}}).status, 403);
    EXPECT_EQ(ask("POST", undo, {"chef", "", {}}).status, 204);
    EXPECT_EQ(json_of(get("/api/v1/settings", "chef")).at("wrap_up_seconds"),
              before.at("wrap_up_seconds"));
}

TEST_P(Routes, AStuckExchangeIsSaidAndTheChangeComesIntoEffectLater) {
    exchange_->next_result = fail(ProblemKind::unavailable, "telephony.busy");
    const auto add = [&](const std::string &number) {
        return ask("POST", target_of(kWedemark, "/numbers"),
                   {"chef", json::serialize(json::object{{"number", number}}), {}})
            .status;
    };
    EXPECT_EQ(add("+493023125078"), 503);
    exchange_->next_result = {};
    EXPECT_EQ(add("+493023125079"), 201);
    EXPECT_NE(routing::find_number(exchange_->rules_now, PhoneNumber{"+493023125078"}), nullptr);
}

TEST_P(Routes, InvoicesShowLinesAndTheirCalls) {
    add_user("kasse", {people::Role::finance}, kWedemark);
    sign_in("kasse");
    const json::value all = json_of(get("/api/v1/invoices?month=2026-11", "chef"));
    EXPECT_EQ(all.at("items").as_array().size(), 2U);
    const json::value own = json_of(get("/api/v1/invoices?month=2026-11", "kasse"));
    ASSERT_EQ(own.at("items").as_array().size(), 1U);
    EXPECT_EQ(own.at("items").at(0).at("billed_minutes").as_string(), "1.50");
    EXPECT_EQ(own.at("items").at(0).at("total_cents").as_int64(), 143); // 90 s x 0.95 / 60

    const std::string invoice = "/api/v1/invoices/" + to_ars(kWedemark) + "/2026-11";
    const json::value shown = json_of(get(invoice, "kasse"));
    ASSERT_EQ(shown.at("lines").as_array().size(), 1U);
    EXPECT_EQ(shown.at("lines").at(0).at("key").as_string(), "2026-11-23");
    EXPECT_EQ(shown.at("lines").at(0).at("text").as_string(), "23. November 2026");
    EXPECT_EQ(shown.at("agreement").at("price").as_string(), "0.95");
    EXPECT_EQ(shown.at("charges").at(0).at("detail").as_string(),
              "1 Anruf, 1,50 Minuten zu 0,95\u00a0€");
    const json::value calls = json_of(get(invoice + "/lines/2026-11-23", "kasse"));
    EXPECT_EQ(calls.at("calls").at(0).at("id").as_int64(), kCallOfWedemark);
    EXPECT_EQ(get(invoice + "/lines/2026-11-22", "kasse").status, 404);
    EXPECT_EQ(get(invoice + "/lines/2026-12-01", "kasse").status, 404);
    EXPECT_EQ(get("/api/v1/invoices/" + to_ars(kLangenhagen) + "/2026-11", "kasse").status, 404);
    EXPECT_EQ(get("/api/v1/invoices?month=2026-13", "chef").status, 422);
    EXPECT_EQ(get("/api/v1/invoices", "chef").status, 422);

    const auto csv = ask("GET", invoice, {"kasse", "", {{"accept", "text/csv"}}});
    EXPECT_EQ(csv.status, 200);
    EXPECT_EQ(csv.body, *billing::reproduce(db(), kWedemark, *billing::parse_month("2026-11"),
                                            billing::Format::csv));
}

TEST_P(Routes, InvoiceFiguresAddUp) {
    const PhoneNumber number{"+493023125002"};
    const AgentId agent{agent_.value};
    const Instant noon = to_instant({2026, 11, 23}, 12 * 3600);
    for (int i = 0; i < 7; ++i) {
        const Times odd{10'660ms + i * 1'234'567us, 5'770ms + i * 765'431us};
        write_call(CallId{800'000'100 + i}, kWedemark, number, agent, noon + i * 60s, odd);
    }
    const std::string invoice = "/api/v1/invoices/" + to_ars(kWedemark) + "/2026-11";
    const json::value shown = json_of(get(invoice, "chef"));
    std::int64_t billed = 0;
    const json::value line = json_of(get(invoice + "/lines/2026-11-23", "chef"));
    for (const json::value &one : line.at("calls").as_array()) {
        const auto tenths = one.at("talk_tenths").as_int64() + one.at("acw_tenths").as_int64();
        EXPECT_EQ((tenths + 9) / 10, one.at("billed_seconds").as_int64()) << json::serialize(one);
        billed += one.at("billed_seconds").as_int64();
    }
    EXPECT_EQ(shown.at("lines").at(0).at("seconds").as_int64(), billed);
    EXPECT_EQ(shown.at("billed_seconds").as_int64(), billed);
    // The list: exact sums beside what was billed, never more than a started second per call apart.
    const json::value all = json_of(get("/api/v1/invoices?month=2026-11", "chef"));
    for (const json::value &item : all.at("items").as_array()) {
        if (item.at("calls").as_int64() != 8) continue;
        const auto exact = item.at("talk_seconds").as_int64() + item.at("acw_seconds").as_int64();
        EXPECT_LE(exact, billed);
        EXPECT_GT(exact, billed - 8);
    }
}

TEST_P(Routes, DaysOfAnInvoiceRoundedOnceAddUpToo) {
    const auto agreements = billing::standard_prices(db(), kWedemark);
    ASSERT_TRUE(agreements && agreements->size() == 1);
    ASSERT_TRUE(billing::end_price(db(), agreements->front().id, {2026, 11, 30}));
    billing::StandardPrice on_sum = agreements->front();
    on_sum.id = 0;
    on_sum.valid_from = {2026, 12, 1};
    on_sum.valid_to.reset();
    on_sum.level = billing::Level::on_sum;
    on_sum.counts_after_call_work = false;
    on_sum.clause = standard_clause(on_sum);
    ASSERT_TRUE(billing::add_price(db(), on_sum));
    for (int day = 1; day <= 5; ++day) {
        write_call(CallId{800'000'200 + day}, kWedemark, PhoneNumber{"+493023125002"},
                   AgentId{agent_.value}, to_instant({2026, 12, day}, 12 * 3600),
                   {10'400ms, 5'900ms});
    }
    const std::string invoice = "/api/v1/invoices/" + to_ars(kWedemark) + "/2026-12";
    const json::value shown = json_of(get(invoice, "chef"));
    std::int64_t sum = 0;
    for (const json::value &line : shown.at("lines").as_array())
        sum += line.at("seconds").as_int64();
    EXPECT_EQ(sum, 52) << "5 x 10.4 s of talk";
    EXPECT_EQ(shown.at("billed_seconds").as_int64(), 52);
    const json::value call = json_of(get(invoice + "/lines/2026-12-01", "chef")).at("calls").at(0);
    EXPECT_EQ(call.at("talk_tenths").as_int64(), 104);
    EXPECT_EQ(call.at("acw_tenths").as_int64(), 59);
    EXPECT_TRUE(call.at("billed_seconds").is_null());
}

TEST_P(Routes, AnAuditorReadsInvoicesAndChangesNothing) {
    add_user("prüfung", {people::Role::auditor});
    sign_in("prüfung");
    const std::string invoice = "/api/v1/invoices/" + to_ars(kWedemark) + "/2026-11";
    for (const std::string &target :
         {std::string("/api/v1/invoices?month=2026-11"), invoice, invoice + "/lines/2026-11-23"})
        EXPECT_EQ(get(target, "prüfung").status, 200) << target;
    EXPECT_EQ(get("/api/v1/agents", "prüfung").status, 403);
    EXPECT_EQ(ask("PUT", target_of(kWedemark), {"prüfung", "{}", {{"if-match", "1"}}}).status, 403);
}

TEST_P(Routes, ReadinessNamesThePartThatIsMissing) {
    EXPECT_EQ(get("/healthz", "").status, 200);
    EXPECT_EQ(get("/readyz", "").status, 200);
    exchange_->situation_now.media_available = false;
    const auto unready = get("/readyz", "");
    EXPECT_EQ(unready.status, 503);
    EXPECT_FALSE(json_of(unready).at("parts").at("media").as_bool());
    exchange_->next_result = fail(ProblemKind::unavailable, "telephony.busy");
    EXPECT_FALSE(json_of(get("/readyz", "")).at("parts").at("exchange").as_bool());
    EXPECT_EQ(get("/healthz", "").status, 200) << "the process lives";
}

TEST_P(Routes, MetricsKnowNoPersonAndNoNumber) {
    get("/api/v1/calls/" + std::to_string(kCallOfWedemark), "anke");
    get(target_of(kWedemark), "chef");
    exchange_->situation_now.agents = {{routing::AgentState::talking, 1}};
    const std::string text = ask("GET", "/metrics", {.from = "127.0.0.1"}).body;
    EXPECT_NE(text.find("fernamt_calls_offered_total 2"), std::string::npos);
    EXPECT_NE(text.find("fernamt_agents{state=\"talking\"} 1"), std::string::npos);
    for (const std::string &secret :
         {std::string("anke"), std::string("chef"), std::string("+49"), to_ars(kWedemark),
          std::to_string(kCallOfWedemark), std::string("Wedemark")}) {
        EXPECT_EQ(text.find(secret), std::string::npos) << secret;
    }
}

TEST_P(Routes, MetricsAreForTheOperatorsMachine) {
    const auto from = [&](const std::string &address, const std::string &header = "") {
        Asked asked{.from = address};
        if (!header.empty()) asked.headers.emplace(header, "192.0.2.1");
        return ask("GET", "/metrics", asked);
    };
    EXPECT_EQ(from("127.0.0.1").status, 200);
    EXPECT_EQ(from("::1").status, 200);
    EXPECT_EQ(from("::ffff:127.0.0.1").status, 200);
    EXPECT_EQ(from("192.0.2.1").status, 403);
    EXPECT_EQ(code_of(from("10.0.0.1")), "metrics.not_from_here");
    for (const char *header : {"x-forwarded-for", "forwarded", "x-real-ip", "via"})
        EXPECT_EQ(from("127.0.0.1", header).status, 403) << header << ": a citizen by a proxy";
    EXPECT_EQ(ask("GET", "/metrics", {.session = "chef"}).status, 403) << "nor by sign-in";
}

TEST_P(Routes, TheEventStreamKnowsItsReader) {
    const auto authorise = api_->authorise_events();
    net::Request request;
    EXPECT_FALSE(authorise(request));
    request.cookies.emplace(kSessionCookie, tokens_["anke"]);
    EXPECT_EQ(authorise(request), "user:" + std::to_string(agent_.value) + " centre");
}

FERNAMT_ON_EVERY_ENGINE(Routes);

} // namespace
} // namespace fernamt::web::testing
