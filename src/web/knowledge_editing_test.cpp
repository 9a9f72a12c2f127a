// SPDX-License-Identifier: EUPL-1.2
// The editors' routes: four eyes over the API, tasks and reports, the matrix and the gate; each
// also from the chair of somebody whom it does not concern.
#include "people/audit.h"
#include "telephony/wav.h"
#include "web/testing/api_test_base.h"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace fernamt::web::testing {
namespace {

const std::string kOne = "/api/v1/knowledge/services/1";
const std::string kHere = to_ars(kLangenhagen);
const std::string kThere = to_ars(kWedemark);

class KnowledgeEditing : public ApiTest {
  protected:
    // Signing in is slow on purpose: only who is needed.
    std::int64_t id_of(const std::string &login) {
        static const std::map<std::string, std::optional<MunicipalityId>> kEditors{
            {"mitte", {}},
            {"mitte2", {}},
            {"lara", kLangenhagen},
            {"leo", kLangenhagen},
            {"wanda", kWedemark}};
        const auto editor = kEditors.find(login);
        if (editor == kEditors.end() || ids_.contains(login)) return ids_[login];
        ids_[login] = add_user(login, {people::Role::editor}, editor->second).value;
        sign_in(login);
        return ids_[login];
    }
    net::Response get(const std::string &target, const std::string &login) {
        id_of(login);
        return ApiTest::get(target, login);
    }
    net::Response send(const std::string &method, const std::string &target,
                       const std::string &login, const json::value &body,
                       const std::string &if_match = "") {
        id_of(login);
        Asked asked{login, json::serialize(body), {}};
        if (!if_match.empty()) asked.headers.emplace("if-match", if_match);
        return ask(method, target, std::move(asked));
    }
    static json::object at(const json::value &municipality, const char *part = "fee") {
        return {{"municipality", municipality}, {"part", part}, {"internal", false}};
    }
    net::Response save(const std::string &login, const json::value &municipality,
                       const json::array &lines, int edition, const char *part = "fee") {
        json::object body = at(municipality, part);
        body["lines"] = lines;
        body["expires_on"] = nullptr;
        body["edition"] = edition;
        return send("PUT", kOne + "/draft", login, body);
    }
    net::Response step(const std::string &login, const json::value &municipality, const char *step,
                       int edition, const char *part = "fee") {
        json::object body = at(municipality, part);
        body["step"] = step;
        body["edition"] = edition;
        return send("POST", kOne + "/draft/steps", login, body);
    }
    json::value text_of(const net::Response &response, std::string_view part = "fee") {
        const json::value page = json_of(response);
        for (const json::value &text : page.at("texts").as_array()) {
            if (text.at("part").as_string() == part && !text.at("internal").as_bool()) return text;
        }
        ADD_FAILURE() << part;
        return {};
    }
    std::vector<std::string> kinds(const std::string &login) {
        std::vector<std::string> all;
        const json::value tasks = json_of(get("/api/v1/knowledge/tasks", login));
        for (const json::value &item : tasks.at("items").as_array()) {
            if (item.at("kind").as_string() != "review") {
                all.emplace_back(item.at("kind").as_string().c_str());
            }
        }
        return all;
    }

    std::map<std::string, std::int64_t> ids_;
};
FERNAMT_ON_EVERY_ENGINE(KnowledgeEditing);

TEST_P(KnowledgeEditing, FourEyesOverTheApi) {
    const auto first = get(kOne + "/texts", "lara");
    EXPECT_EQ(json_of(first).at("service").at("level"), "local"); // R-47
    const json::value before = text_of(first);
    EXPECT_TRUE(before.at("own").is_null());
    ASSERT_FALSE(before.at("lines").as_array().empty());
    const auto saved = save("lara", kHere.c_str(), {"nur 1 Euro"}, 0);
    ASSERT_EQ(saved.status, 200) << saved.body;
    const json::value draft = text_of(saved).at("draft");
    EXPECT_EQ(draft.at("state"), "draft");
    EXPECT_EQ(draft.at("author").at("name"), "Person lara");
    EXPECT_TRUE(std::ranges::any_of(draft.at("changes").as_array(), [](const json::value &piece) {
        return piece.at("change") == "added" &&
               piece.at("text").as_string().find("1") != json::string::npos;
    })) << json::serialize(draft);
    EXPECT_EQ(code_of(step("leo", kHere.c_str(), "release", 1)), "knowledge.draft_state");
    ASSERT_EQ(step("lara", kHere.c_str(), "submit", 1).status, 200);
    EXPECT_EQ(kinds("lara"), std::vector<std::string>{"draft"});
    EXPECT_EQ(kinds("leo"), std::vector<std::string>{"release"});
    EXPECT_EQ(kinds("mitte"), std::vector<std::string>{"release"});
    EXPECT_TRUE(kinds("wanda").empty());
    const auto own = step("lara", kHere.c_str(), "release", 2);
    EXPECT_EQ(own.status, 409);
    EXPECT_EQ(code_of(own), "knowledge.four_eyes");
    EXPECT_EQ(step("leo", kHere.c_str(), "release", 1).status, 412);
    const auto released = step("leo", kHere.c_str(), "release", 2);
    ASSERT_EQ(released.status, 200) << released.body;
    EXPECT_EQ(text_of(released).at("lines").at(0), "nur 1 Euro");
    EXPECT_EQ(text_of(released).at("own").at("version"), 1);
    EXPECT_TRUE(text_of(released).at("draft").is_null());
    const json::value article = json_of(get(kOne + "?municipality=" + kHere, "anke"));
    EXPECT_NE(json::serialize(article).find("nur 1 Euro"), std::string::npos);
    const json::value other = json_of(get(kOne + "?municipality=" + kThere, "anke"));
    EXPECT_EQ(json::serialize(other).find("nur 1 Euro"), std::string::npos);
}

TEST_P(KnowledgeEditing, NothingOfAMunicipalityReachesAnother) { // issue C, part 10
    ASSERT_EQ(save("lara", kHere.c_str(), {"Geheimer Entwurf"}, 0).status, 200);
    EXPECT_EQ(get(kOne + "/texts?municipality=" + kHere, "wanda").status, 404);
    EXPECT_EQ(get(kOne + "/versions?part=fee&municipality=" + kHere, "wanda").status, 404);
    EXPECT_EQ(save("wanda", kHere.c_str(), {"x"}, 1).status, 404);
    EXPECT_EQ(step("wanda", kHere.c_str(), "submit", 1).status, 404);
    EXPECT_EQ(step("wanda", kHere.c_str(), "discard", 1).status, 404);
    EXPECT_EQ(send("POST", kOne + "/checks", "wanda", json::object{{"municipality", kHere}}).status,
              404);
    EXPECT_EQ(save("wanda", nullptr, {"x"}, 0).status, 403);
    EXPECT_EQ(get(kOne + "/texts?common=true", "wanda").status, 403);
    EXPECT_EQ(get(kOne + "/texts?common=ja", "mitte").status, 422);
    for (const char *login : {"anke", "chef"}) {
        EXPECT_EQ(get(kOne + "/texts?municipality=" + kHere, login).status, 403) << login;
        const auto found = get("/api/v1/knowledge/services?q=geheimer entwurf", login);
        EXPECT_EQ(found.body.find("Geheimer"), std::string::npos);
    }
    const auto seen_by_centre = get(kOne + "/texts?municipality=" + kHere, "mitte");
    EXPECT_NE(seen_by_centre.body.find("Geheimer"), std::string::npos);
    const auto editors = get("/api/v1/knowledge/editors", "wanda");
    EXPECT_EQ(editors.body.find("lara"), std::string::npos);
    EXPECT_NE(editors.body.find("mitte"), std::string::npos);
}

TEST_P(KnowledgeEditing, CommonTextAndVersionsAndTheWayBack) {
    for (const auto &[edition, sentence] :
         {std::pair{0, "Erster Satz."}, std::pair{0, "Zweiter Satz."}}) {
        ASSERT_EQ(save("mitte", nullptr, {sentence}, edition, "telephone").status, 200);
        ASSERT_EQ(step("mitte", nullptr, "submit", 1, "telephone").status, 200);
        ASSERT_EQ(step("mitte2", nullptr, "release", 2, "telephone").status, 200);
    }
    const json::value versions =
        json_of(get(kOne + "/versions?common=true&part=telephone", "mitte")).at("items");
    ASSERT_EQ(versions.as_array().size(), 3U); // with what the demo said before
    EXPECT_EQ(versions.at(0).at("written_by").at("name"), "Person mitte");
    EXPECT_EQ(versions.at(0).at("released_by").at("name"), "Person mitte2");
    EXPECT_EQ(json::serialize(versions.at(0).at("changes")),
              R"([{"change":"removed","text":"Erster"},{"change":"added","text":"Zweiter"},)"
              R"({"change":"same","text":" Satz."}])");
    json::object body = at(nullptr, "telephone");
    body["number"] = 2;
    const auto back = send("POST", kOne + "/restore", "mitte", body);
    ASSERT_EQ(back.status, 200) << back.body;
    EXPECT_EQ(text_of(back, "telephone").at("lines").at(0), "Erster Satz.");
    body["number"] = 9;
    EXPECT_EQ(code_of(send("POST", kOne + "/restore", "mitte", body)),
              "knowledge.version_not_found");
    EXPECT_EQ(send("POST", kOne + "/restore", "lara", body).status, 403);
}

TEST_P(KnowledgeEditing, BadTextsAreNamed) {
    EXPECT_EQ(save("lara", kHere.c_str(), {std::string(401, 'a').c_str()}, 0, "telephone").status,
              422);
    EXPECT_EQ(save("lara", kHere.c_str(), {""}, 0).status, 422);
    EXPECT_EQ(save("lara", kHere.c_str(), {"x"}, 0, "price").status, 422);
    EXPECT_EQ(save("lara", kHere.c_str(), json::array(101, json::value("x")), 0).status, 422);
    const auto huge = save("lara", kHere.c_str(), {std::string(2'000'000, 'x').c_str()}, 0);
    EXPECT_EQ(huge.status, 413);
    EXPECT_EQ(send("PUT", "/api/v1/knowledge/services/4711/draft", "lara",
                   json::object{{"municipality", kHere},
                                {"part", "fee"},
                                {"internal", false},
                                {"lines", json::array{"x"}},
                                {"expires_on", nullptr},
                                {"edition", 0}})
                  .status,
              404);
}

TEST_P(KnowledgeEditing, ATextWhoseLastDayIsOverIsRefusedWithWords) {
    const auto with_day = [&](const char *day) {
        const json::value body{{"municipality", kHere}, {"part", "telephone"},
                               {"internal", false},     {"lines", json::array{"Ein Satz."}},
                               {"expires_on", day},     {"edition", 0}};
        return send("PUT", kOne + "/draft", "lara", body);
    };
    const auto over = with_day("2026-11-22");
    EXPECT_EQ(over.status, 422);
    EXPECT_EQ(code_of(over), "knowledge.text_over");
    EXPECT_NE(over.body.find("schon vorbei"), std::string::npos) << over.body;
    EXPECT_EQ(with_day("2026-11-23").status, 200) << "today is shown";
    const auto long_text =
        save("lara", kHere.c_str(), {std::string(401, 'a').c_str()}, 1, "telephone");
    EXPECT_EQ(code_of(long_text), "knowledge.text_too_long");
    EXPECT_NE(long_text.body.find("höchstens 400 Zeichen"), std::string::npos) << long_text.body;
}

TEST_P(KnowledgeEditing, OneKeyInACallMakesATask) {
    const json::value report{{"service", 1}, {"municipality", kHere}, {"section", "fee"}};
    const auto told = send("POST", "/api/v1/knowledge/reports", "anke", report);
    ASSERT_EQ(told.status, 201) << told.body;
    const json::value again{
        {"service", 1}, {"municipality", kHere}, {"section", "fee"}, {"text", "37 Euro"}};
    EXPECT_EQ(json_of(send("POST", "/api/v1/knowledge/reports", "anke", again)), json_of(told));
    EXPECT_EQ(kinds("lara"), std::vector<std::string>{"wrong"});
    EXPECT_TRUE(kinds("wanda").empty());
    EXPECT_EQ(send("POST", "/api/v1/knowledge/reports", "wanda", report).status, 404);
    const json::value tasks = json_of(get("/api/v1/knowledge/tasks", "lara"));
    const auto wrong = std::ranges::find_if(
        tasks.at("items").as_array(), [](const json::value &i) { return i.at("kind") == "wrong"; });
    EXPECT_EQ(wrong->at("times"), 2);
    EXPECT_EQ(wrong->at("text"), "37 Euro");
    const std::string close =
        "/api/v1/knowledge/tasks/" + std::to_string(wrong->at("task").as_int64()) + "/close";
    const json::value done{{"outcome", "done"}};
    EXPECT_EQ(send("POST", close, "wanda", done).status, 404);
    EXPECT_EQ(send("POST", close, "anke", done).status, 403);
    EXPECT_EQ(send("POST", close, "lara", done).status, 204);
    EXPECT_EQ(send("POST", close, "lara", done).status, 409);
}

TEST_P(KnowledgeEditing, JobsAndCareAreGivenToEditors) {
    const json::value job{{"service", 1},
                          {"municipality", kHere},
                          {"text", "Satzung neu"},
                          {"assignee", id_of("lara")},
                          {"due_on", "2026-12-01"}};
    EXPECT_EQ(send("POST", "/api/v1/knowledge/tasks", "mitte", job).status, 201);
    EXPECT_EQ(send("POST", "/api/v1/knowledge/tasks", "wanda", job).status, 404);
    EXPECT_EQ(kinds("lara"), std::vector<std::string>{"job"});
    const auto care = [&](const std::string &login, const json::value &municipality,
                          std::int64_t editor, const json::value &reviewer) {
        return send("PUT", kOne + "/care", login,
                    json::object{{"municipality", municipality},
                                 {"editor", editor},
                                 {"reviewer", reviewer},
                                 {"review_days", 90}});
    };
    EXPECT_EQ(care("lara", kHere.c_str(), id_of("leo"), nullptr).status, 200);
    EXPECT_EQ(code_of(care("lara", kHere.c_str(), id_of("wanda"), nullptr)),
              "knowledge.not_an_editor");
    EXPECT_EQ(care("lara", nullptr, 0, nullptr).status, 403);
    const auto shared = care("mitte", nullptr, id_of("lara"), kHere.c_str());
    ASSERT_EQ(shared.status, 200) << shared.body;
    EXPECT_EQ(json_of(shared).at("care").at("reviewer"), json::value(kHere));
    // Now Langenhagen checks the common text for all.
    EXPECT_EQ(get(kOne + "/texts?common=true", "lara").status, 200);
    const auto checked =
        send("POST", kOne + "/checks", "lara", json::object{{"municipality", nullptr}});
    ASSERT_EQ(checked.status, 200);
    EXPECT_EQ(json_of(checked).at("care").at("checked_on"), "2026-11-23");
    EXPECT_EQ(json_of(checked).at("care").at("due_on"), "2027-02-21");
}

TEST_P(KnowledgeEditing, SearchesWithoutAHitAreSuggestedWithoutNamingAnybody) {
    const auto ask_for = [&](const std::string &login, const std::string &words) {
        clock_.advance(11s);
        get("/api/v1/knowledge/services?municipality=" + kHere + "&q=" + words, login);
    };
    for (int i = 0; i < 2; ++i) {
        ask_for("anke", "qxzwvk");
        ask_for("lara", "qxzwvk");
        ask_for("anke", "wqkxjz"); // one person alone
    }
    ask_for("anke", "ausweis");
    const auto gaps = get("/api/v1/knowledge/gaps", "lara");
    const json::value items = json_of(gaps).at("items");
    ASSERT_EQ(items.as_array().size(), 1U) << gaps.body;
    EXPECT_EQ(items.at(0).at("query"), "qxzwvk");
    // What only shares a part of a word with the question is no answer.
    for (int i = 0; i < 2; ++i) {
        ask_for("anke", "hundeschule");
        ask_for("lara", "hundeschule");
        ask_for("anke", "hundesteuer");
        ask_for("lara", "hundesteuer");
    }
    ask_for("anke", "ausweis");
    const json::value more = json_of(get("/api/v1/knowledge/gaps", "lara")).at("items");
    ASSERT_EQ(more.as_array().size(), 2U);
    EXPECT_TRUE(more.at(0).at("query") == "hundeschule" || more.at(1).at("query") == "hundeschule");
    EXPECT_TRUE(json_of(get("/api/v1/knowledge/gaps", "wanda")).at("items").as_array().empty());
    const std::string one =
        "/api/v1/knowledge/gaps/" + std::to_string(items.at(0).at("id").as_int64());
    EXPECT_EQ(ask("DELETE", one, {"wanda", "", {}}).status, 404);
    EXPECT_EQ(ask("DELETE", one, {"lara", "", {}}).status, 204);
    const json::value left = json_of(get("/api/v1/knowledge/gaps", "mitte")).at("items");
    ASSERT_EQ(left.as_array().size(), 1U);
    EXPECT_EQ(left.at(0).at("query"), "hundeschule");
}

TEST_P(KnowledgeEditing, TheMatrixIsShownEditedAndExported) {
    const json::value all = json_of(get("/api/v1/knowledge/matrix", "chef"));
    EXPECT_EQ(all.at("services").as_array().size(), 100U);
    EXPECT_EQ(all.at("municipalities").as_array().size(), 2U);
    const json::value own = json_of(get("/api/v1/knowledge/matrix", "wanda")).at("municipalities");
    ASSERT_EQ(own.as_array().size(), 1U);
    EXPECT_EQ(own.at(0).at("ars"), json::value(kThere));
    EXPECT_TRUE(json_of(get("/api/v1/knowledge/matrix?municipality=" + kHere, "wanda"))
                    .at("municipalities")
                    .as_array()
                    .empty());
    const auto csv = get("/api/v1/knowledge/matrix.csv", "wanda");
    EXPECT_EQ(std::ranges::count(csv.body, '\n'), 101);
    EXPECT_EQ(csv.body.find("Langenhagen"), std::string::npos);
    EXPECT_TRUE(get("/api/v1/knowledge/matrix.xlsx", "chef").body.starts_with("PK"));

    const std::string top = "/api/v1/knowledge/top";
    const json::value list{{"services", json::array{json::object{{"id", 7}}}}};
    EXPECT_EQ(send("PUT", top, "lara", list, "1").status, 403);
    EXPECT_EQ(send("PUT", top, "mitte", list, "9").status, 412);
    const auto changed = send("PUT", top, "mitte", list, "1");
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(json_of(changed).at("version"), 2);
    EXPECT_EQ(json_of(get("/api/v1/knowledge/matrix", "chef")).at("services").as_array().size(),
              1U);
    EXPECT_EQ(people::audit_log(db(), 1)->front().action, "knowledge.top_list");
}

TEST_P(KnowledgeEditing, GoingLiveNeedsACompleteMatrixOrANamedReason) { // R-40
    const std::string gate = "/api/v1/municipalities/" + kHere + "/go-live";
    const json::value without{{"override_reason", nullptr}};
    const json::value with{{"override_reason", "Beschluss der Lenkungsgruppe"}};
    const json::value seen = json_of(get(gate, "lara"));
    EXPECT_FALSE(seen.at("open").as_bool());
    EXPECT_EQ(json::serialize(seen.at("lacks")), R"(["greeting"])") << "no voice of its own yet";
    EXPECT_EQ(get(gate, "wanda").status, 404);
    EXPECT_EQ(send("POST", gate, "lara", with).status, 403);
    const auto closed = send("POST", gate, "chef", without);
    EXPECT_EQ(closed.status, 409);
    EXPECT_EQ(code_of(closed), "knowledge.gate_closed");
    const auto open = send("POST", gate, "chef", with);
    ASSERT_EQ(open.status, 200) << open.body;
    EXPECT_EQ(json_of(open).at("decision").at("decided_by").at("name"), "Person chef");
    EXPECT_EQ(code_of(send("POST", gate, "chef", with)), "knowledge.gate_passed");
    const auto entry = people::audit_log(db(), 1)->front();
    EXPECT_EQ(entry.action, "municipality.went_live");
    EXPECT_EQ(entry.subject, kLangenhagen.value);
    EXPECT_EQ(entry.fields, "override_reason,greeting") << "what was passed over";
    EXPECT_EQ(json::serialize(json_of(open).at("decision").at("lacks")), R"(["greeting"])");
}

// Hours, greeting and the checklist are asked for as well as the texts.
TEST_P(KnowledgeEditing, TheGateSeesWhatACallerWouldMiss) {
    people::Municipality town;
    town.id = MunicipalityId{32410012012};
    town.name = town.short_name = town.greeting = "Neustadt";
    ASSERT_TRUE(municipalities_->add(town, admin_));
    const std::string base = "/api/v1/municipalities/" + to_ars(town.id);
    const auto lacks = [&] {
        return json::serialize(json_of(get(base + "/go-live", "chef")).at("lacks"));
    };
    EXPECT_EQ(lacks(), R"(["hours","greeting"])");
    ASSERT_EQ(send("POST", base + "/onboarding", "chef", {{"go_live", "2027-07-01"}}).status, 201);
    EXPECT_EQ(lacks(), R"(["hours","greeting","checklist"])");
    std::int64_t version = 1;
    const json::value joining = json_of(get(base + "/onboarding", "chef"));
    for (const json::value &task : joining.at("list").as_array()) {
        const std::string due(task.at("due").as_string());
        if (due >= "2027-07-01") continue; // after the first day
        const json::value done{{"due", due}, {"done", "2026-11-23"}, {"note", ""}};
        const auto ticked =
            send("PUT", base + "/onboarding/tasks/" + std::string(task.at("key").as_string()),
                 "chef", done, std::to_string(version++));
        ASSERT_EQ(ticked.status, 200) << ticked.body;
    }
    EXPECT_EQ(lacks(), R"(["hours","greeting"])");
    auto known = municipalities_->find(town.id).value();
    known.hours = {{Weekday::monday, 8 * 3600, 18 * 3600}};
    ASSERT_TRUE(municipalities_->change(known, admin_));
    EXPECT_EQ(lacks(), R"(["greeting"])");
    const std::string voice = telephony::write_wav(telephony::ALaw(8'000, 0x55));
    const auto kept = announcements_->keep(voice);
    ASSERT_TRUE(kept);
    announcements_->follow({{{town.id, "greeting"}, clock_.now(), kept->file}});
    EXPECT_EQ(lacks(), "[]") << "numbers come after it";

    const json::value with{{"override_reason", "Die Leitung kommt am Montag."}};
    const auto open = send("POST", base + "/go-live", "chef", with);
    ASSERT_EQ(open.status, 200) << open.body;
    EXPECT_EQ(json::serialize(json_of(open).at("decision").at("lacks")), "[]");
}

TEST_P(KnowledgeEditing, AGuideLeadsAgentsWhenItHasNoFaultAndWasSeenByTwo) { // R-38
    const auto step = [](const char *key, const json::array &answers) {
        return json::object{{"key", key},
                            {"text", std::string("Text ") + key},
                            {"answers", answers},
                            {"request", false},
                            {"service", 0}};
    };
    const auto answer = [](const char *text, const char *next) {
        return json::object{{"text", text}, {"next", next}};
    };
    const json::array looped{step("a", {answer("ja", "b"), answer("nein", "a")}), step("b", {})};
    const json::array good{step("a", {answer("ja", "b"), answer("nein", "c")}), step("b", {}),
                           step("c", {})};
    const std::string all = "/api/v1/knowledge/guides";
    const auto added =
        send("POST", all, "lara",
             json::object{{"municipality", kHere}, {"title", "Umzug"}, {"steps", looped}});
    ASSERT_EQ(added.status, 201) << added.body;
    const json::value guide = json_of(added);
    EXPECT_EQ(json::serialize(guide.at("draft").at("faults")), R"([{"fault":"loop","step":"a"}])");
    const std::string one = all + "/" + std::to_string(guide.at("id").as_int64());
    const auto move = [&](const std::string &login, const char *to, const char *version) {
        return send("POST", one + "/steps", login, json::object{{"step", to}}, version);
    };
    EXPECT_EQ(code_of(move("lara", "submit", "1")), "knowledge.guide_faulty");
    const json::value content{{"title", "Umzug"}, {"steps", good}};
    EXPECT_EQ(send("PUT", one, "lara", content, "7").status, 412);
    ASSERT_EQ(send("PUT", one, "lara", content, "1").status, 200);
    ASSERT_EQ(move("lara", "submit", "2").status, 200);
    EXPECT_EQ(code_of(move("lara", "release", "3")), "knowledge.four_eyes");
    // Until it is released nobody but its editors knows of it.
    EXPECT_EQ(get(one, "anke").status, 404);
    EXPECT_EQ(get(one, "wanda").status, 404);
    EXPECT_TRUE(json_of(get(all, "anke")).at("items").as_array().empty());
    EXPECT_EQ(json_of(get(all, "leo")).at("items").as_array().size(), 1U);
    ASSERT_EQ(move("leo", "release", "3").status, 200);
    const json::value shown = json_of(get(one, "anke"));
    EXPECT_EQ(shown.at("steps").as_array().size(), 3U);
    EXPECT_EQ(shown.at("title"), "Umzug");
    EXPECT_TRUE(shown.at("draft").is_null());
    EXPECT_EQ(json_of(get(all + "?municipality=" + kHere, "anke")).at("items").as_array().size(),
              1U);
    EXPECT_TRUE(
        json_of(get(all + "?municipality=" + kThere, "anke")).at("items").as_array().empty());
    EXPECT_EQ(get(one, "wanda").status, 404);
    EXPECT_EQ(send("PUT", one, "wanda", content, "4").status, 404);
    EXPECT_EQ(ask("DELETE", one, {"wanda", "", {{"if-match", "4"}}}).status, 404);
    EXPECT_EQ(ask("DELETE", one, {"lara", "", {{"if-match", "4"}}}).status, 204);
    EXPECT_EQ(get(one, "lara").status, 404);
}

// R-27: to the form or the online service of the town that was called.
TEST_P(KnowledgeEditing, AGuideEndsAtAForm) {
    const auto guide = [](std::int64_t service, const json::value &offer, bool request = false) {
        const json::object step{
            {"key", "a"},         {"text", "Bitte anmelden."}, {"answers", json::array{}},
            {"request", request}, {"service", service},        {"offer", offer}};
        return json::object{
            {"municipality", kHere}, {"title", "Umzug"}, {"steps", json::array{step}}};
    };
    const std::string all = "/api/v1/knowledge/guides";
    EXPECT_EQ(send("POST", all, "lara", guide(3, 0, true)).status, 422);
    EXPECT_EQ(send("POST", all, "lara", guide(3, -1)).status, 422);
    const auto added = send("POST", all, "lara", guide(3, 0));
    ASSERT_EQ(added.status, 201) << added.body;
    const json::value draft = json_of(added).at("draft");
    EXPECT_TRUE(draft.at("faults").as_array().empty()) << added.body;
    EXPECT_EQ(draft.at("steps").at(0).at("offer"), 0);
    const json::value none = json_of(send("POST", all, "lara", guide(3, nullptr))).at("draft");
    EXPECT_TRUE(none.at("steps").at(0).at("offer").is_null());
    const json::value faulty = json_of(send("POST", all, "lara", guide(3, 4711))).at("draft");
    EXPECT_EQ(json::serialize(faulty.at("faults")), R"([{"fault":"form_missing","step":"a"}])");

    const auto offered = get("/api/v1/knowledge/services/3/offers?municipality=" + kHere, "anke");
    const json::value items = json_of(offered).at("items");
    ASSERT_EQ(items.as_array().size(), 1U) << offered.body;
    EXPECT_EQ(items.at(0).at("form"), false);
    EXPECT_EQ(json_of(get("/api/v1/knowledge/services/3/offers", "mitte")).at("items"), items);
    EXPECT_EQ(get("/api/v1/knowledge/services/3/offers?municipality=" + kHere, "wanda").status,
              404);
    EXPECT_EQ(get("/api/v1/knowledge/services/x/offers", "lara").status, 404);
}

TEST_P(KnowledgeEditing, WhoCalledATextWrongMaySayMoreOrTakeItBackAndNobodyElse) {
    const std::string reports = "/api/v1/knowledge/reports";
    const json::value wrong{{"service", 1}, {"municipality", kHere}, {"section", "fee"}};
    const auto told = send("POST", reports, "anke", wrong);
    ASSERT_EQ(told.status, 201) << told.body;
    const std::string one =
        reports + "/" + std::to_string(json_of(told).at("task").to_number<std::int64_t>());
    const auto take_back = [&](const std::string &login) {
        return ask("DELETE", one, {login, "", {}}).status;
    };
    const auto text = [&] {
        const json::value tasks = json_of(get("/api/v1/knowledge/tasks", "lara"));
        for (const json::value &item : tasks.at("items").as_array()) {
            if (item.at("kind") == "wrong") return std::string(item.at("text").as_string());
        }
        return std::string("none");
    };
    EXPECT_EQ(send("PUT", one, "wanda", json::value{{"text", "fremd"}}).status, 404);
    EXPECT_EQ(take_back("wanda"), 404);
    EXPECT_EQ(send("PUT", one, "anke", json::value{{"text", ""}}).status, 422);
    EXPECT_EQ(send("PUT", one, "anke", json::value{{"text", "37 Euro"}}).status, 204);
    EXPECT_EQ(send("PUT", one, "anke", json::value{{"text", "seit Mai"}}).status, 204);
    EXPECT_EQ(text(), "37 Euro / seit Mai");
    EXPECT_EQ(take_back("anke"), 204);
    EXPECT_EQ(take_back("anke"), 404) << "once";
    EXPECT_EQ(text(), "none") << "the last one closes it";
    // Two told it: one taken back leaves the other's.
    const auto again = send("POST", reports, "anke", wrong);
    ASSERT_EQ(send("POST", reports, "wanda", wrong).status, 404);
    ASSERT_EQ(send("POST", reports, "lara", wrong).status, 201);
    const std::string two =
        reports + "/" + std::to_string(json_of(again).at("task").to_number<std::int64_t>());
    EXPECT_EQ(ask("DELETE", two, {"anke", "", {}}).status, 204);
    EXPECT_EQ(text(), "");
}

TEST_P(KnowledgeEditing, WhatCitizensCanReadBeyondTheSectionsIsThereForWhoeverAnswersThem) {
    const std::string more = "/api/v1/knowledge/services/1/more?municipality=";
    const auto shown = get(more + kHere, "anke");
    ASSERT_EQ(shown.status, 200) << shown.body;
    EXPECT_TRUE(json_of(shown).at("modules").is_array());
    EXPECT_EQ(get(more + kHere, "wanda").status, 404);
    EXPECT_EQ(get("/api/v1/knowledge/services/1/more", "anke").status, 422);
}

TEST_P(KnowledgeEditing, ATownHallBringsItsDirectoryAndAgentsFindItsPeople) {
    const std::string import = "/api/v1/municipalities/" + kHere + "/directory";
    const auto put = [&](const std::string &login, const std::string &target,
                         const std::string &csv) {
        id_of(login);
        return ask("PUT", target, {login, csv, {{"content-type", "text/csv"}}});
    };
    // Offices by the names that callers have for them, and by mistake.
    for (const char *asked : {"einwohnermeldeamt telefon", "bürgerbürro"}) {
        const json::value offices = json_of(
            get("/api/v1/knowledge/directory?municipality=" + kHere + "&q=" + asked, "lara"));
        ASSERT_EQ(offices.at("items").as_array().size(), 1U) << asked;
        EXPECT_TRUE(offices.at("items").at(0).at("office").as_string().starts_with("Bürgerbüro"));
    }
    const std::string good = "Amt;Name;Telefon\nBauamt;Meike Müßig;0221 4710-104\n";
    const auto looked = put("lara", import + "?dry_run=true", good);
    EXPECT_EQ(json_of(looked),
              (json::value{{"entries", 1}, {"stored", false}, {"faults", json::array{}}}));
    const auto faulty = put("lara", import, "Amt;Telefon\nBauamt;nichts\n");
    EXPECT_FALSE(json_of(faulty).at("stored").as_bool());
    EXPECT_EQ(json::serialize(json_of(faulty).at("faults")), R"([{"line":2,"field":"telephone"}])");
    EXPECT_TRUE(json_of(put("lara", import, good)).at("stored").as_bool());
    EXPECT_EQ(put("wanda", import, good).status, 404);
    EXPECT_EQ(put("anke", import, good).status, 403);
    EXPECT_EQ(put("lara", import, std::string("Amt\nB\x01\n")).status, 422);
    const std::string find = "/api/v1/knowledge/directory?q=meike&municipality=";
    const json::value found = json_of(get(find + kHere, "anke")).at("items");
    ASSERT_EQ(found.as_array().size(), 1U);
    EXPECT_EQ(found.at(0).at("telephone").at("e164"), "+492214710104");
    EXPECT_EQ(found.at(0).at("municipality").as_string(), kHere);
    EXPECT_EQ(found.at(0).at("reach"), "unknown") << "no hours";
    EXPECT_EQ(get(find + kHere, "wanda").status, 404);
    EXPECT_EQ(get("/api/v1/knowledge/directory", "anke").status, 422);
    // It is Monday noon. A closure of the town closes its offices, as it does the switchboard.
    const auto reach = [&] {
        return std::string(
            json_of(get(find + kHere, "anke")).at("items").at(0).at("reach").as_string());
    };
    put("lara", import,
        "Amt;Name;Telefon;Zeiten\nBauamt;Meike Müßig;0221 4710-104;Mo-Fr 8-16 Uhr\n");
    EXPECT_EQ(reach(), "open");
    const auto outing =
        ask("POST", "/api/v1/municipalities/" + kHere + "/hours-exceptions",
            {"chef",
             R"({"line":null,"first_day":"2026-11-23","last_day":"2026-11-23","open":false,)"
             R"("from":"11:00","to":"24:00","reason":"Betriebsausflug"})",
             {}});
    ASSERT_LT(outing.status, 300) << outing.body;
    EXPECT_EQ(reach(), "closed");
    put("lara", import, good);
    // The centre finds a neighbour's people with a word, a town hall only its own.
    const json::value near = json_of(get(find + kThere, "anke")).at("items");
    ASSERT_EQ(near.as_array().size(), 1U);
    EXPECT_EQ(near.at(0).at("municipality").as_string(), kHere);
    EXPECT_TRUE(json_of(get("/api/v1/knowledge/directory?q=meike", "wanda"))
                    .at("items")
                    .as_array()
                    .empty());
    EXPECT_FALSE(
        json_of(get("/api/v1/knowledge/directory", "wanda")).at("items").as_array().empty());
}

} // namespace
} // namespace fernamt::web::testing
