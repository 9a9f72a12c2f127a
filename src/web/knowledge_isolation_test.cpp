// SPDX-License-Identifier: EUPL-1.2
// Part 10 of the knowledge: a released internal note, a draft and an office's hint of Wedemark are
// read by nobody else's staff and by nobody outside, whichever route is tried: every GET that there
// is, searches with the note's own words, the matrix, suggestions, the event stream's address and
// the citizens' pages. The same routes do show them to whom they are for: so the test can fail.
#include "knowledge/local_text.h"
#include "knowledge/text_editing.h"
#include "web/gate.h"
#include "web/testing/api_test_base.h"

#include <array>
#include <set>

namespace fernamt::web::testing {
namespace {

// Searched for: words of the internal note and of drafts. Shown only with the texts themselves: an
// answer may well repeat what was asked.
const std::string kNote = "Zwetschgenschluessel";
const std::string kNoteMark = "Hausmeisterkater";
const std::string kDraft = "Mirabellenentwurf";
const std::string kDraftMark = "Stachelbeerwert";
const knowledge::ServiceId kService{1};

bool shows_a_secret(const std::string &body) {
    return body.find(kNoteMark) != std::string::npos || body.find(kDraftMark) != std::string::npos;
}

std::string replaced(std::string text, const std::string &from, const std::string &to) {
    const std::size_t at = text.find(from);
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

class KnowledgeIsolation : public ApiTest {
  protected:
    void SetUp() override {
        ApiTest::SetUp();
        ASSERT_TRUE(knowledge::put_local_text(db(), clock_,
                                              {.service = kService,
                                               .municipality = kWedemark,
                                               .section = knowledge::SectionKey::contact,
                                               .internal = true,
                                               .lines = {kNote + " liegt beim " + kNoteMark}}));
        const UserId writer = add_user("wanda", {people::Role::editor}, kWedemark);
        sign_in("wanda");
        knowledge::TextEditing editing(db(), clock_);
        for (const bool internal : {true, false}) {
            const auto saved =
                editing.save({writer, kWedemark},
                             {.service = kService,
                              .municipality = kWedemark,
                              .section = knowledge::SectionKey::fee,
                              .internal = internal},
                             {.lines = {kDraft + " " + kDraftMark}, .expires_on = {}}, 0);
            ASSERT_TRUE(saved) << describe(saved.error());
        }
        ASSERT_TRUE(catalogue_->refresh());
    }

    // A pattern's addresses that could show them, and searches in their own words.
    static std::vector<std::string> targets(const std::string &pattern) {
        std::string target = pattern;
        for (const auto &[name, value] :
             {std::pair<std::string, std::string>{"{ars}", to_ars(kWedemark)},
              {"{id}", "1"},
              {"{month}", "2026-11"},
              {"{key}", "2026-11-23"},
              {"{kind}", "greeting"},
              {"{version}", "1"},
              {"{number}", "1"},
              {"{form}", "csv"},
              {"{e164}", "+493023125002"},
              {"{upload}", "1"}})
            target = replaced(target, name, value);
        if (target.find('{') != std::string::npos) ADD_FAILURE() << "a new parameter: " << pattern;
        const std::string wedemark = "municipality=" + to_ars(kWedemark);
        std::vector<std::string> all{target, target + "?" + wedemark};
        const bool knows = pattern.find("knowledge") != std::string::npos ||
                           pattern.find("public") != std::string::npos ||
                           pattern.find("buerger") != std::string::npos;
        if (!knows) return all;
        for (const std::string &query :
             {"q=" + kNote, "q=" + kDraft, "q=" + kNote + "&" + wedemark,
              "q=" + kNote.substr(0, 8) + "&kinds=office,person,guide&" + wedemark,
              "part=fee&internal=true&" + wedemark, "part=contact&internal=true&" + wedemark,
              std::string("common=true&part=fee&internal=true")})
            all.push_back(target + "?" + query);
        return all;
    }
};
FERNAMT_ON_EVERY_ENGINE(KnowledgeIsolation);

TEST_P(KnowledgeIsolation, NobodyElseReadsAnInternalNoteOrADraft) {
    std::vector<std::string> strangers{""}; // who is not signed in
    for (const people::Role role : {people::Role::editor, people::Role::agent, people::Role::lead,
                                    people::Role::finance, people::Role::reader}) {
        strangers.push_back("fremd-" + std::string(to_string(role)));
        add_user(strangers.back(), {role}, kLangenhagen);
        sign_in(strangers.back());
    }
    std::set<std::string> shown_to_its_editor;
    std::set<std::string> shown_to_the_centre;
    int asked = 0;
    for (const auto &route : router_.routes()) {
        if (route.method != "GET") continue;
        for (const std::string &target : targets(route.pattern)) {
            for (const std::string &stranger : strangers) {
                const net::Response response = get(target, stranger);
                ++asked;
                EXPECT_FALSE(shows_a_secret(response.body))
                    << (stranger.empty() ? "the public" : stranger) << " sees " << target << ": "
                    << response.body.substr(0, 400);
                EXPECT_LT(response.status, 500) << target;
            }
            if (shows_a_secret(get(target, "wanda").body))
                shown_to_its_editor.insert(route.pattern);
            if (shows_a_secret(get(target, "anke").body)) shown_to_the_centre.insert(route.pattern);
        }
    }
    EXPECT_GT(asked, 500);
    EXPECT_TRUE(shown_to_its_editor.contains("/api/v1/knowledge/services/{id}"));
    EXPECT_TRUE(shown_to_its_editor.contains("/api/v1/knowledge/services/{id}/texts"));
    // An agent of the centre answers in Wedemark's name: the note, but never a draft.
    EXPECT_TRUE(shown_to_the_centre.contains("/api/v1/knowledge/services/{id}"));
    const auto article =
        get("/api/v1/knowledge/services/1?municipality=" + to_ars(kWedemark), "anke");
    EXPECT_NE(article.body.find(kNoteMark), std::string::npos);
    EXPECT_EQ(article.body.find(kDraftMark), std::string::npos);
}

TEST_P(KnowledgeIsolation, ASearchFindsItOnlyForWhoMayReadIt) {
    add_user("lara", {people::Role::editor}, kLangenhagen);
    sign_in("lara");
    const auto found = [&](const std::string &login, const std::string &municipality) {
        const auto response = get("/api/v1/knowledge/services?q=" + kNote +
                                      (municipality.empty() ? "" : "&municipality=" + municipality),
                                  login);
        if (response.status != 200) return false;
        const json::value items = json_of(response).at("items");
        return !items.as_array().empty() && items.at(0).at("internal").as_bool();
    };
    EXPECT_TRUE(found("wanda", ""));
    EXPECT_TRUE(found("anke", to_ars(kWedemark)));
    EXPECT_FALSE(found("anke", to_ars(kLangenhagen)));
    EXPECT_FALSE(found("anke", ""));
    EXPECT_FALSE(found("lara", ""));
    EXPECT_FALSE(found("lara", to_ars(kWedemark)));
    const std::string town = "/api/public/v1/towns/" + to_ars(kWedemark) + "/services?q=" + kNote;
    EXPECT_EQ(json_of(get(town, "")).at("total"), 0);
}

TEST_P(KnowledgeIsolation, ATownsReadersSeeItsNoteButNoDraft) {
    add_user("rita", {people::Role::reader}, kWedemark);
    add_user("fritz", {people::Role::reader}, kLangenhagen);
    sign_in("rita");
    sign_in("fritz");
    const std::string article = "/api/v1/knowledge/services/1";
    const auto own = get(article + "?municipality=" + to_ars(kWedemark), "rita");
    ASSERT_EQ(own.status, 200) << own.body;
    EXPECT_NE(own.body.find(kNoteMark), std::string::npos);
    EXPECT_EQ(own.body.find(kDraftMark), std::string::npos);
    EXPECT_EQ(get(article + "?municipality=" + to_ars(kWedemark), "fritz").status, 404);
    EXPECT_EQ(get(article, "fritz").body.find(kNoteMark), std::string::npos);
    EXPECT_FALSE(shows_a_secret(get(article + "/texts", "rita").body)) << "for editors";
}

TEST_P(KnowledgeIsolation, AnOfficesHintIsForTheCentreAlone) {
    const std::string hint = "Quittenhinweis";
    ASSERT_TRUE(db().write([&](storage::Connection &connection) -> Expected<void> {
        const auto done = connection.run("UPDATE knowledge_office SET desk_note = $1", {hint});
        if (!done) return tl::unexpected(done.error());
        return {};
    }));
    int shown = 0;
    for (const auto &route : router_.routes()) {
        if (route.method != "GET") continue;
        for (const std::string &target : targets(route.pattern)) {
            EXPECT_EQ(get(target, "wanda").body.find(hint), std::string::npos) << target;
            EXPECT_EQ(get(target, "").body.find(hint), std::string::npos) << target;
            if (get(target, "anke").body.find(hint) != std::string::npos) ++shown;
        }
    }
    EXPECT_GT(shown, 0);
}

TEST_P(KnowledgeIsolation, RequestsAreCountedPerServiceAndForOnesOwnTown) {
    add_user("lara", {people::Role::editor}, kLangenhagen);
    sign_in("lara");
    // Anke opens the article in five calls, in each of them twice, and once without a call.
    const std::string article = "/api/v1/knowledge/services/1?municipality=" + to_ars(kWedemark);
    telephony::DeskView &desk = exchange_->desks[AgentId{agent_.value}];
    EXPECT_EQ(get(article, "anke").status, 200);
    for (std::int64_t call = 1; call <= 5; ++call) {
        desk.call.emplace();
        desk.call->id = CallId{call};
        desk.call->municipality = kWedemark;
        EXPECT_EQ(get(article, "anke").status, 200);
        EXPECT_EQ(get(article, "anke").status, 200);
    }
    const auto listed = [&](const std::string &login) {
        return json_of(get("/api/v1/knowledge/requests", login)).at("items").as_array();
    };
    ASSERT_EQ(listed("wanda").size(), 1U);
    EXPECT_EQ(listed("wanda").at(0).at("calls"), 5);
    EXPECT_TRUE(listed("lara").empty());
    EXPECT_EQ(get("/api/v1/knowledge/requests", "anke").status, 403);
}

} // namespace
} // namespace fernamt::web::testing
