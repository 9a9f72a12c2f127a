// SPDX-License-Identifier: EUPL-1.2
// Part 10 of the knowledge, by every route that openapi.json describes for it: Wedemark's house is
// full of marked internal notes, drafts, jobs, guides, search words. Whichever address another
// town's editor or reader or the public calls, no mark is in the answer, and what they want to
// change stays as it was, row by row; the same call by whom it is for shows or does it. A new route
// fails here by its name until somebody has said what it is.
#include "knowledge/delivery_samples.h"
#include "web/gate.h"
#include "web/openapi.h"
#include "web/testing/api_test_base.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace fernamt::web::testing {
namespace {

// One searches by the first word; the mark is read with the text alone: an answer may repeat what
// was asked for.
const std::string kSought = "Zwetschgenschluessel";
const std::string kMark = "Hausmeisterkater";
const std::string kMarked = kSought + " beim " + kMark;
const std::string kBase = "/api/v1/knowledge";
const std::string kTown = to_ars(kWedemark);

std::string quoted(const std::string &text) {
    return json::serialize(json::value(text));
}

std::string body_with_place(const std::string &rest) {
    return R"({"municipality":")" + kTown + "\"" + (rest.empty() ? "" : ",") + rest + "}";
}

std::string text_at(const std::string &part, bool internal, const std::string &rest) {
    return body_with_place(fmt::format(R"("part":"{}","internal":{},{})", part, internal, rest));
}

bool shows_mark(const net::Response &response) {
    const auto holds = [](std::string text) {
        std::ranges::transform(text, text.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        return text.find("hausmeisterkater") != std::string::npos;
    };
    return holds(response.body) || std::ranges::any_of(response.headers, [&](const auto &header) {
               return holds(header.second);
           });
}

// "GET /path" of everything that is tagged as knowledge or as a page for the public.
std::set<std::string> routes_of_knowledge() {
    const json::value document =
        json::parse(json::string_view(openapi_text().data(), openapi_text().size()));
    std::set<std::string> found;
    for (const auto &path : document.at("paths").as_object()) {
        for (const auto &operation : path.value().as_object()) {
            const json::array &tags = operation.value().at("tags").as_array();
            const bool ours = std::ranges::any_of(tags, [](const json::value &tag) {
                return tag.as_string() == "knowledge" || tag.as_string() == "public";
            });
            if (!ours && path.key().find("knowledge") == json::string_view::npos) continue;
            std::string method(operation.key());
            std::ranges::transform(method, method.begin(), [](unsigned char c) {
                return static_cast<char>(std::toupper(c));
            });
            found.insert(method + " " + std::string(path.key()));
        }
    }
    return found;
}

class KnowledgeByEveryRoute : public ApiTest {
  protected:
    // wanda and wilma write for Wedemark, wim reads there; mitte and mitte2 write for the centre;
    // lara writes for Langenhagen, rita reads there.
    void SetUp() override {
        ApiTest::SetUp();
        using people::Role;
        for (const auto &[login, role, town] :
             {std::tuple{"wanda", Role::editor, std::optional(kWedemark)},
              {"wilma", Role::editor, kWedemark},
              {"wim", Role::reader, kWedemark},
              {"mitte", Role::editor, std::nullopt},
              {"lara", Role::editor, kLangenhagen},
              {"rita", Role::reader, kLangenhagen}}) {
            ids_[login] = add_user(login, {role}, town).value;
            sign_in(login);
        }
    }

    struct Call {
        std::string method, target, body;
        std::int64_t version = 0; // for If-Match; 0: none
        std::string type = "application/json";
    };
    net::Response make(const Call &call, const std::string &login) {
        Asked asked{login, call.body, {{"content-type", call.type}}};
        if (call.version > 0) {
            asked.headers.emplace("if-match", fmt::format("\"{}\"", call.version));
        }
        return ask(call.method, call.target, std::move(asked));
    }
    json::value done(const Call &call, const std::string &login) {
        const net::Response response = make(call, login);
        EXPECT_LT(response.status, 300)
            << login << ": " << call.method << " " << call.target << ": " << response.body;
        return response.body.empty() || response.status >= 300 ? json::value(json::object())
                                                               : json_of(response);
    }
    std::string pattern_of(const Call &call) const {
        const auto path = call.target.substr(0, call.target.find('?'));
        return call.method + " " + router_.match(call.method, path).pattern;
    }

    // Every row of what the knowledge stores, and of the audit log, by table.
    std::map<std::string, std::string> rows() {
        std::map<std::string, std::string> columns; // of a table, as one expression
        std::map<std::string, std::string> found;
        const std::string catalogue =
            db().engine() == storage::Engine::sqlite
                ? "SELECT t.name, c.name FROM pragma_table_list t, pragma_table_info(t.name) c "
                  "WHERE t.schema = 'main' AND t.type = 'table' ORDER BY 1, 2"
                : "SELECT table_name, column_name FROM information_schema.columns WHERE "
                  "table_schema = 'public' ORDER BY 1, 2";
        const auto read = db().read([&](storage::Connection &connection) -> Expected<void> {
            columns.clear();
            found.clear();
            auto listed = connection.each(catalogue, {}, [&](const storage::Row &row) {
                const std::string table = row.text(0);
                if (!table.starts_with("knowledge_") && table != "audit_entry") return true;
                std::string &all = columns[table];
                all += fmt::format("{}COALESCE(CAST({} AS TEXT), '')",
                                   all.empty() ? "" : " || '|' || ", row.text(1));
                return true;
            });
            if (!listed) return listed;
            for (const auto &[table, expression] : columns) {
                std::string &all = found[table];
                auto each =
                    connection.each(fmt::format("SELECT {} FROM {} ORDER BY 1", expression, table),
                                    {}, [&](const storage::Row &row) {
                                        all += row.text(0) + "\n";
                                        return true;
                                    });
                if (!each) return each;
            }
            return {};
        });
        EXPECT_TRUE(read) << describe(read.error());
        EXPECT_GT(found.size(), 40U);
        return found;
    }

    // Strangers are refused and change nothing; then `owner` does the same.
    json::value attempt(const Call &call, const std::string &owner,
                        const std::vector<std::string> &strangers = {"lara", "rita", ""}) {
        known_.insert(pattern_of(call));
        const auto before = rows();
        for (const std::string &stranger : strangers) {
            const net::Response response = make(call, stranger);
            const std::string who = (stranger.empty() ? "the public" : stranger) + ": " +
                                    call.method + " " + call.target + ": " + response.body;
            if (stranger.empty()) {
                EXPECT_EQ(response.status, 401) << who;
            } else {
                EXPECT_TRUE(response.status == 403 || response.status == 404) << who;
            }
            EXPECT_FALSE(shows_mark(response)) << who;
            const auto after = rows();
            for (const auto &[table, all] : before)
                EXPECT_TRUE(all == after.at(table)) << table << " was changed by " << who;
        }
        json::value answer = done(call, owner);
        // What everybody is refused would prove nothing. Uploads lie beside the database.
        if (call.target.find("/uploads") == std::string::npos) {
            EXPECT_TRUE(rows() != before)
                << owner << " changes nothing: " << call.method << " " << call.target;
        }
        return answer;
    }
    // For the service centre alone: Wedemark's own editor is refused, too.
    json::value attempt_of_the_centre(const Call &call, const std::string &owner = "mitte") {
        return attempt(call, owner, {"lara", "rita", "wanda", ""});
    }

    static std::string service(const std::string &rest = "") {
        return kBase + "/services/1" + rest;
    }
    static std::string at(const std::string &rest, std::int64_t id, const std::string &more = "") {
        return fmt::format("{}/{}/{}{}", kBase, rest, id, more);
    }
    static std::string guide(const std::string &title) {
        return R"("title":)" + quoted(title) + R"(,"steps":[{"key":"a","text":)" + quoted(kMarked) +
               R"(,"answers":[],"request":false,"service":0}])";
    }
    static std::string words(const std::string &said) {
        return R"("said":[)" + quoted(said) + "," + quoted(kMark) +
               R"(],"meant":["Wohngeld"],"both_ways":false)";
    }
    static std::string site(const std::string &name) {
        return fmt::format(R"("address":"https://{}.{}.example/","most_pages":5,"pause_seconds":1)",
                           name, "hausmeisterkater");
    }
    std::string job() const {
        return body_with_place(
            fmt::format(R"("service":1,"text":{},"assignee":{},"due_on":"2026-12-01")",
                        quoted(kMarked), ids_.at("wanda")));
    }

    void changes_of_deliveries() {
        const std::string delivered = knowledge::samples::transfer(
            knowledge::samples::service("1", kMark) + knowledge::samples::office("2", kMark));
        const auto begin = [&] {
            const json::value begun = attempt_of_the_centre(
                {"POST", kBase + "/uploads",
                 fmt::format(R"({{"name":"{}.xml","bytes":{}}})", kMark, delivered.size())});
            return std::string(begun.at("upload").as_string());
        };
        attempt_of_the_centre({"DELETE", kBase + "/uploads/" + begin(), ""});
        for (const bool kept : {false, true}) {
            const std::string upload = begin();
            attempt_of_the_centre({"PUT", kBase + "/uploads/" + upload + "?offset=0", delivered, 0,
                                   "application/octet-stream"});
            const std::int64_t id = id_of(attempt_of_the_centre(
                {"POST", kBase + "/deliveries",
                 R"({"upload":")" + upload + R"(","source":"land","complete":false})"}));
            deliveries_->wait_for(id);
            if (!kept) {
                attempt_of_the_centre({"DELETE", at("deliveries", id), ""});
                continue;
            }
            attempt_of_the_centre(
                {"POST", at("deliveries", id, "/apply"), R"({"allow_mass_deletion":false})"});
            deliveries_->wait_for(id);
            attempt_of_the_centre({"POST", at("deliveries", id, "/undo"), ""});
            deliveries_->wait_for(id);
        }
    }

    // A stranger changes their own wish by it, and nobody else's.
    void wish_of_ones_own() {
        const auto wish = [](const std::string &address) {
            return Call{"PUT", kBase + "/reminder", R"({"address":")" + address + R"("})"};
        };
        known_.insert(pattern_of(wish("")));
        done(wish("wanda@hausmeisterkater.example"), "wanda");
        EXPECT_EQ(make(wish("public@example.org"), "").status, 401);
        EXPECT_EQ(make(wish("rita@example.org"), "rita").status, 403) << "writes nothing";
        EXPECT_FALSE(shows_mark(make(wish("lara@example.org"), "lara")));
        EXPECT_TRUE(shows_mark(get(kBase + "/reminder", "wanda")));
        EXPECT_FALSE(shows_mark(get(kBase + "/reminder", "lara")));
    }

    static std::int64_t id_of(const json::value &made, const char *name = "id") {
        const json::value *id = made.as_object().if_contains(name);
        EXPECT_NE(id, nullptr) << json::serialize(made);
        return id != nullptr ? id->as_int64() : 0;
    }

    std::map<std::string, std::int64_t> ids_; // of people
    std::set<std::string> known_;             // routes that the tables below speak of
};
FERNAMT_ON_EVERY_ENGINE(KnowledgeByEveryRoute);

// ---- reading ----------------------------------------------------------------------------------

// Who sees a mark in some answer, of those whom Wedemark's matters concern: "mitte" (an editor of
// the centre), "anke" (an agent of it), "wanda" (Wedemark's editor), "wim" (its reader).
const std::set<std::string> kNobody;
const std::set<std::string> kItsStaff{"anke", "mitte", "wanda", "wim"};
const std::set<std::string> kItsEditors{"mitte", "wanda"};
const std::set<std::string> kTheCentre{"mitte"};
const std::map<std::string, std::set<std::string>> kReaders{
    {"/robots.txt", kNobody},
    {"/sitemap.xml", kNobody},
    {"/buerger", kNobody},
    {"/buerger/stil.css", kNobody},
    {"/buerger/barrierefreiheit", kNobody},
    {"/buerger/{ars}", kNobody},
    {"/buerger/{ars}/sitemap.xml", kNobody},
    {"/buerger/{ars}/leistung/{id}", kNobody},
    {"/buerger/{ars}/stelle/{id}", kNobody},
    {"/api/public/v1/towns", kNobody},
    {"/api/public/v1/towns/{ars}/services", kNobody},
    {"/api/public/v1/towns/{ars}/services/{id}", kNobody},
    {"/api/public/v1/towns/{ars}/offices/{id}", kNobody},
    {"/api/public/pvog/v7/servicedescriptions/{ars}", kNobody},
    {"/api/public/pvog/v6/servicedescriptions/{id}/detail", kNobody},
    {"/api/public/pvog/v3/servicedescriptions/leikaid", kNobody},
    {"/api/public/pvog/v5/servicedescriptions/csv", kNobody},
    {"/api/public/pvog/v5/organisationunits/detail", kNobody},
    {"/api/v1/knowledge/services", kItsStaff}, // its guide beside the hits
    {"/api/v1/knowledge/services/{id}", kItsStaff},
    {"/api/v1/knowledge/services/{id}/more", kNobody},
    {"/api/v1/knowledge/services/{id}/offers", kNobody},
    {"/api/v1/knowledge/services/{id}/texts", kItsEditors},
    {"/api/v1/knowledge/services/{id}/versions", kItsEditors},
    {"/api/v1/knowledge/tasks", kItsEditors},
    {"/api/v1/knowledge/editors", kNobody},
    {"/api/v1/knowledge/reminder", {"wanda"}},
    {"/api/v1/knowledge/requests", kNobody},
    {"/api/v1/knowledge/gaps", kItsEditors},
    {"/api/v1/knowledge/guides", kItsStaff},
    {"/api/v1/knowledge/guides/{id}", kItsStaff},
    {"/api/v1/knowledge/directory", kItsStaff},
    {"/api/v1/knowledge/sources", kItsEditors},
    {"/api/v1/knowledge/synonyms", kItsEditors},
    {"/api/v1/knowledge/deliveries", kTheCentre},
    {"/api/v1/knowledge/deliveries/{id}", kTheCentre},
    {"/api/v1/knowledge/top", kNobody},
    {"/api/v1/knowledge/matrix", kNobody},
    {"/api/v1/knowledge/matrix.csv", kNobody},
    {"/api/v1/knowledge/matrix.xlsx", kNobody},
    {"/api/v1/municipalities/{ars}/go-live", kItsStaff}};

TEST_P(KnowledgeByEveryRoute, NobodyElseReadsAMark) {
    const auto draft = [&](const char *part, bool internal) {
        done({"PUT", service("/draft"),
              text_at(part, internal,
                      R"("expires_on":null,"edition":0,"lines":[)" + quoted(kMarked) + "]")},
             "wanda");
    };
    const auto step = [&](const char *part, const char *to, int edition, const char *login) {
        done({"POST", service("/draft/steps"),
              text_at(part, true, fmt::format(R"("step":"{}","edition":{})", to, edition))},
             login);
    };
    draft("contact", true);
    step("contact", "submit", 1, "wanda");
    step("contact", "release", 2, "wilma");
    draft("fee", true);
    draft("fee", false);
    done({"POST", kBase + "/tasks", job()}, "wanda");
    done({"POST", kBase + "/reports", body_with_place(R"("service":1,"text":)" + quoted(kMarked))},
         "anke");
    done({"PUT", kBase + "/reminder", R"({"address":"wanda@hausmeisterkater.example"})"}, "wanda");
    const std::int64_t hidden =
        id_of(done({"POST", kBase + "/guides", body_with_place(guide(kMarked))}, "wanda"));
    const std::int64_t released =
        id_of(done({"POST", kBase + "/guides", body_with_place(guide(kMarked))}, "wanda"));
    done({"POST", at("guides", released, "/steps"), R"({"step":"submit"})", 1}, "wanda");
    done({"POST", at("guides", released, "/steps"), R"({"step":"release"})", 2}, "wilma");
    for (const char *name : {"neu", "alt"}) {
        const auto made = done({"POST", kBase + "/websites", body_with_place(site(name))}, "wanda");
        if (name[0] == 'a') done({"DELETE", at("websites", id_of(made)), "", 1}, "wanda");
    }
    for (const char *said : {"neulich", "damals"}) {
        const auto made =
            done({"POST", kBase + "/synonyms", body_with_place(words(said))}, "wanda");
        if (said[0] == 'd') done({"DELETE", at("synonyms", id_of(made)), "", 1}, "wanda");
    }
    done({"PUT", "/api/v1/municipalities/" + kTown + "/directory",
          "office;name;telephone\nHausmeister;" + kSought + " " + kMark + ";+493023125077\n", 0,
          "text/csv"},
         "wanda");
    for (int i = 0; i < 3; ++i) { // several people, and they settled on it
        for (const char *login : {"wanda", "wilma"}) {
            clock_.advance(11s);
            get(kBase + "/services?q=" + kMark + "quark&municipality=" + kTown, login);
        }
    }
    const std::string delivered = knowledge::samples::transfer(
        knowledge::samples::service("1", "Vom Land") + knowledge::samples::office("2", ""));
    const std::string upload(
        done({"POST", kBase + "/uploads",
              fmt::format(R"({{"name":"{}.xml","bytes":{}}})", kMark, delivered.size())},
             "mitte")
            .at("upload")
            .as_string());
    done({"PUT", kBase + "/uploads/" + upload + "?offset=0", delivered, 0,
          "application/octet-stream"},
         "mitte");
    const std::int64_t delivery =
        id_of(done({"POST", kBase + "/deliveries",
                    R"({"upload":")" + upload + R"(","source":"land","complete":false})"},
                   "mitte"));
    deliveries_->wait_for(delivery);
    done({"POST", "/api/v1/municipalities/" + kTown + "/go-live",
          R"({"override_reason":)" + quoted(kMarked) + "}"},
         "chef");
    ASSERT_TRUE(catalogue_->refresh());
    const json::value offices =
        json_of(get("/api/public/v1/towns/" + kTown + "/services/1", "")).at("offices");
    ASSERT_FALSE(offices.as_array().empty());
    const std::string office = std::to_string(offices.at(0).at("id").as_int64());

    const auto ids = [&](const std::string &pattern) -> std::vector<std::string> {
        const auto has = [&](const char *part) { return pattern.find(part) != std::string::npos; };
        if (has("/guides/")) return {std::to_string(hidden), std::to_string(released)};
        if (has("/deliveries/")) return {std::to_string(delivery)};
        if (has("/stelle/") || has("/offices/")) return {office};
        if (has("/pvog/")) return {"demo.LB.1"};
        return {"1"};
    };
    const auto put = [](std::string text, const std::string &name, const std::string &value) {
        const auto found = text.find(name);
        return found == std::string::npos ? text : text.replace(found, name.size(), value);
    };
    const std::string here = "municipality=" + kTown;
    const std::vector<std::string> queries{"",
                                           "?" + here,
                                           "?q=" + kSought,
                                           "?q=" + kSought + "&" + here,
                                           "?q=neulich&" + here,
                                           "?q=" + kSought.substr(0, 8) +
                                               "&kinds=office,person,guide&" + here,
                                           "?part=contact&internal=true&" + here,
                                           "?part=fee&internal=true&" + here,
                                           "?part=fee&internal=false&" + here,
                                           "?common=true&part=fee",
                                           "?ars=" + kTown,
                                           "?q=demo.OE." + kSought + "&ars=" + kTown};
    const std::set<std::string> concerned{"anke", "mitte", "wanda", "wim"};
    for (const std::string &route : routes_of_knowledge()) {
        if (!route.starts_with("GET ")) continue;
        const std::string pattern = route.substr(4);
        const auto row = kReaders.find(pattern);
        if (row == kReaders.end()) {
            ADD_FAILURE() << "who reads " << route << "? Say it in kReaders";
            continue;
        }
        std::set<std::string> seen_by;
        for (const std::string &id : ids(pattern)) {
            const std::string target = put(put(pattern, "{ars}", kTown), "{id}", id);
            ASSERT_EQ(target.find('{'), std::string::npos) << "a new parameter: " << pattern;
            for (const std::string &query : queries) {
                for (const std::string stranger : {"lara", "rita", ""}) {
                    const net::Response response = get(target + query, stranger);
                    EXPECT_FALSE(shows_mark(response))
                        << (stranger.empty() ? "the public" : stranger) << " sees "
                        << target + query << ": " << response.body.substr(0, 400);
                    EXPECT_LT(response.status, 500) << target + query;
                }
                for (const std::string &login : concerned) {
                    if (shows_mark(get(target + query, login))) seen_by.insert(login);
                }
            }
        }
        EXPECT_EQ(seen_by, row->second) << route;
    }
}

// ---- writing ----------------------------------------------------------------------------------

TEST_P(KnowledgeByEveryRoute, NobodyElseChangesARow) {
    const auto lines = R"("expires_on":null,"lines":[)" + quoted(kMarked) + "]";
    const auto draft = [&](const char *part, bool internal, int edition) {
        return Call{"PUT", service("/draft"),
                    text_at(part, internal, lines + fmt::format(R"(,"edition":{})", edition))};
    };
    const auto step = [&](const char *part, bool internal, const char *to, int edition) {
        return Call{
            "POST", service("/draft/steps"),
            text_at(part, internal, fmt::format(R"("step":"{}","edition":{})", to, edition))};
    };
    attempt(draft("contact", true, 0), "wanda");
    attempt(step("contact", true, "submit", 1), "wanda");
    attempt(step("contact", true, "release", 2), "wilma");
    attempt({"POST", service("/restore"), text_at("contact", true, R"("number":1)")}, "wanda");
    attempt(draft("fee", false, 0), "wanda");
    attempt(draft("fee", false, 1), "wilma");
    attempt(step("fee", false, "submit", 2), "wilma");
    attempt(step("fee", false, "give_back", 3), "wanda");
    attempt(step("fee", false, "discard", 4), "wilma");
    attempt({"PUT", service("/care"),
             body_with_place(
                 fmt::format(R"("editor":{},"reviewer":null,"review_days":90)", ids_.at("wilma")))},
            "wanda");
    attempt({"POST", service("/checks"), body_with_place("")}, "wanda");

    const std::int64_t task = id_of(attempt({"POST", kBase + "/tasks", job()}, "wanda"), "task");
    attempt({"POST", at("tasks", task, "/close"), R"({"outcome":"done"})"}, "wanda");
    const std::int64_t report =
        id_of(attempt({"POST", kBase + "/reports",
                       body_with_place(R"("service":1,"text":)" + quoted(kMarked))},
                      "wim"),
              "task");
    attempt({"PUT", at("reports", report), R"({"text":"stimmt nicht"})"}, "wim",
            {"lara", "rita", "wanda", ""});
    attempt({"DELETE", at("reports", report), ""}, "wim", {"lara", "rita", "wanda", ""});

    for (int i = 0; i < 3; ++i) {
        for (const char *login : {"wanda", "wilma"}) {
            clock_.advance(11s);
            get(kBase + "/services?q=qxzwvk&municipality=" + kTown, login);
        }
    }
    const json::value gaps = json_of(get(kBase + "/gaps", "wanda")).at("items");
    ASSERT_EQ(gaps.as_array().size(), 1U);
    attempt({"DELETE", at("gaps", id_of(gaps.at(0))), ""}, "wanda");

    const std::int64_t one =
        id_of(attempt({"POST", kBase + "/guides", body_with_place(guide(kMarked))}, "wanda"));
    attempt({"PUT", at("guides", one), "{" + guide(kMarked + "!") + "}", 1}, "wanda");
    attempt({"POST", at("guides", one, "/steps"), R"({"step":"submit"})", 2}, "wanda");
    attempt({"POST", at("guides", one, "/steps"), R"({"step":"give_back"})", 3}, "wilma");
    attempt({"POST", at("guides", one, "/steps"), R"({"step":"submit"})", 4}, "wanda");
    attempt({"POST", at("guides", one, "/steps"), R"({"step":"release"})", 5}, "wilma");
    attempt({"DELETE", at("guides", one), "", 6}, "wanda");

    const std::int64_t page =
        id_of(attempt({"POST", kBase + "/websites", body_with_place(site("neu"))}, "wanda"));
    attempt({"PUT", at("websites", page), "{" + site("neu") + R"(,"stopped":true})", 1}, "wanda");
    attempt({"PUT", at("websites", page), "{" + site("neu") + R"(,"stopped":false})", 2}, "wanda");
    attempt({"POST", kBase + "/website-readings",
             R"({"address":"https://neu.hausmeisterkater.example/","losses_meant":true})"},
            "wanda");
    attempt({"DELETE", at("websites", page), "", 3}, "wanda");
    attempt({"POST", at("websites", page, "/restore"), "", 4}, "wanda");

    const std::int64_t word =
        id_of(attempt({"POST", kBase + "/synonyms", body_with_place(words("neulich"))}, "wanda"));
    attempt({"PUT", at("synonyms", word), "{" + words("damals") + "}", 1}, "wanda");
    attempt({"DELETE", at("synonyms", word), "", 2}, "wanda");
    attempt({"POST", at("synonyms", word, "/restore"), "", 3}, "wanda");

    attempt({"PUT", "/api/v1/municipalities/" + kTown + "/directory",
             "office;name;telephone\nHausmeister;" + kMark + ";+493023125077\n", 0, "text/csv"},
            "wanda");
    attempt_of_the_centre({"PUT", kBase + "/top", R"({"services":[{"id":7}]})", 1});
    attempt_of_the_centre({"POST", "/api/v1/municipalities/" + kTown + "/go-live",
                           R"({"override_reason":)" + quoted(kMarked) + "}"},
                          "chef");
    changes_of_deliveries();
    wish_of_ones_own();

    for (const std::string &route : routes_of_knowledge()) {
        if (route.starts_with("GET ")) continue;
        EXPECT_TRUE(known_.contains(route)) << "who changes what by " << route << "? Try it here";
    }
}

} // namespace
} // namespace fernamt::web::testing
