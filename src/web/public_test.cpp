// SPDX-License-Identifier: EUPL-1.2
// The public pages and the open API: what they show, how caches keep it, and what never appears on
// them: drafts, internal notes, desk notes, persons' texts of the house, other towns' own texts.
#include "knowledge/local_text.h"
#include "knowledge/text_editing.h"
#include "web/public_html.h"
#include "web/testing/api_test_base.h"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <set>

namespace fernamt::web::testing {
namespace {

using knowledge::SectionKey;
using knowledge::ServiceId;

const std::string kHere = "/buerger/" + to_ars(kLangenhagen);
const std::string kThere = "/buerger/" + to_ars(kWedemark);
const std::string kOpen = "/api/public/v1/towns/";

class PublicPages : public ApiTest {
  protected:
    net::Response page(const std::string &target) { return get(target, ""); }
    static std::string header(const net::Response &response, std::string_view name) {
        for (const auto &[known, value] : response.headers) {
            if (known == name) return value;
        }
        return "";
    }
    static std::string linked_data(const net::Response &response) {
        const std::string begin = "<script type=\"application/ld+json\">";
        const auto at = response.body.find(begin);
        if (at == std::string::npos) return "";
        const auto from = at + begin.size();
        return response.body.substr(from, response.body.find("</script>", from) - from);
    }
    std::int64_t service_here() {
        const auto all = catalogue_->offered(kLangenhagen);
        EXPECT_GT(all.size(), 20U);
        return all.empty() ? 0 : all.front().id.value;
    }
    void put(MunicipalityId where, const std::string &text, bool internal) {
        const knowledge::LocalText own{.service = ServiceId{service_here()},
                                       .municipality = where,
                                       .section = SectionKey::fee,
                                       .internal = internal,
                                       .lines = {text},
                                       .expires_on = {}};
        ASSERT_TRUE(knowledge::put_local_text(db(), clock_, own));
    }
    // Every public address there is, filled in for both towns.
    std::vector<std::string> every_public_target() {
        std::vector<std::string> targets;
        const std::string service = std::to_string(service_here());
        const std::string portal = "demo.LB." + service;
        for (const auto &route : router_.routes()) {
            const bool open = route.pattern.starts_with("/buerger") ||
                              route.pattern.starts_with("/api/public") ||
                              route.pattern == "/sitemap.xml" || route.pattern == "/robots.txt";
            if (!open) continue;
            EXPECT_EQ(route.method, "GET") << route.pattern;
            for (const MunicipalityId town : {kLangenhagen, kWedemark}) {
                std::string target = route.pattern;
                const auto fill = [&](const std::string &name, const std::string &value) {
                    const auto at = target.find(name);
                    if (at != std::string::npos) target.replace(at, name.size(), value);
                };
                const bool pvog = target.find("pvog") != std::string::npos;
                fill("{ars}", to_ars(town));
                fill("{id}", pvog ? portal : service);
                const std::string ars = "ars=" + to_ars(town);
                targets.push_back(pvog ? target + "?" + ars : target);
                if (!pvog) targets.push_back(target + "?lang=en");
                for (const char *word : {"Gebührenmarke", "Hintertür", "Entwurfswort"})
                    targets.push_back(target + "?q=" + word + "&" + ars);
            }
        }
        return targets;
    }
};

TEST_P(PublicPages, LeadFromTheTownsToTheAnswerAndTheOffice) {
    const auto towns = page("/buerger");
    EXPECT_EQ(towns.status, 200);
    EXPECT_NE(towns.body.find("href=\"" + kHere + "\""), std::string::npos);
    const auto town = page(kHere);
    const std::string path = kHere + "/leistung/" + std::to_string(service_here());
    EXPECT_NE(town.body.find("href=\"" + path + "\""), std::string::npos);
    EXPECT_NE(town.body.find("tel:+493023125001"), std::string::npos);
    const auto article = page(path);
    EXPECT_EQ(article.status, 200) << article.body;
    EXPECT_NE(article.body.find("<html lang=\"de\">"), std::string::npos);
    EXPECT_NE(article.body.find("Öffnungszeiten"), std::string::npos);
    const auto at = article.body.find(kHere + "/stelle/");
    ASSERT_NE(at, std::string::npos) << article.body;
    const std::string office = article.body.substr(at, article.body.find('"', at) - at);
    const auto shown = page(office);
    EXPECT_EQ(shown.status, 200);
    EXPECT_NE(shown.body.find("Zuständig für"), std::string::npos);
    // An office of this town is none of the other's.
    const auto foreign = kThere + office.substr(kHere.size());
    EXPECT_EQ(page(foreign).status, 404);
}

TEST_P(PublicPages, FindWhatCitizensSay) {
    const auto found = page(kHere + "?q=perso verloren");
    EXPECT_NE(found.body.find(">Ausweis verloren</a>"), std::string::npos) << found.body;
    EXPECT_NE(found.body.find("noindex"), std::string::npos);
    const auto nothing = page(kHere + "?q=qxqxqx");
    EXPECT_NE(nothing.body.find("Nichts gefunden"), std::string::npos);
    const auto script = page(kHere + "?q=<script>alert(1)</script>\"'");
    EXPECT_EQ(script.status, 200);
    EXPECT_EQ(script.body.find("<script>alert"), std::string::npos);
    EXPECT_EQ(page("/buerger/000000000000").status, 404);
    EXPECT_EQ(page("/buerger/nirgends").status, 404);
    EXPECT_EQ(page(kHere + "/leistung/999999").status, 404);
    EXPECT_EQ(page(kHere + "/leistung/x").status, 404);
}

TEST_P(PublicPages, TellSearchEnginesWhatTheyAre) {
    const auto article = page(kHere + "/leistung/" + std::to_string(service_here()));
    const json::value data = json::parse(linked_data(article));
    EXPECT_EQ(data.at("@type").as_string(), "GovernmentService");
    EXPECT_EQ(data.at("areaServed").at("identifier").as_string(), to_ars(kLangenhagen));
    const json::value &office = data.at("provider");
    EXPECT_EQ(office.at("@type").as_string(), "GovernmentOffice");
    EXPECT_EQ(office.at("address").at("@type").as_string(), "PostalAddress");
    EXPECT_GE(office.at("address").as_object().size(), 3U) << "a place that can be found";
    EXPECT_FALSE(office.at("openingHoursSpecification").as_array().empty());
    EXPECT_TRUE(std::string(office.at("url").as_string()).starts_with("https://auskunft.example/"));

    const auto index = page("/sitemap.xml");
    EXPECT_NE(index.body.find("<loc>https://auskunft.example" + kHere + "/sitemap.xml</loc>"),
              std::string::npos);
    const auto map = page(kHere + "/sitemap.xml");
    EXPECT_NE(map.body.find("/leistung/" + std::to_string(service_here()) + "</loc>"),
              std::string::npos);
    EXPECT_NE(map.body.find("/stelle/"), std::string::npos);
    const auto robots = page("/robots.txt");
    EXPECT_NE(robots.body.find("Disallow: /\n"), std::string::npos);
    EXPECT_NE(robots.body.find("Allow: /buerger\n"), std::string::npos);
}

// Everything but the answer speaks English; the answer is marked as German (WCAG 3.1.1, 3.1.2), and
// nobody falls out of a language by following a link.
TEST_P(PublicPages, SpeakEnglishAroundTheGermanAnswer) {
    const std::string service = kHere + "/leistung/" + std::to_string(service_here());
    const std::string office = [&] {
        const std::string body = page(service).body;
        const auto at = body.find(kHere + "/stelle/");
        return body.substr(at, body.find('"', at) - at);
    }();
    const auto holds = [](const std::string &body, const std::string &text) {
        return body.find(text) != std::string::npos;
    };
    for (const std::string &path : {std::string("/buerger"), kHere, service, office,
                                    std::string("/buerger/barrierefreiheit")}) {
        const std::string german = page(path).body;
        EXPECT_TRUE(holds(german, "<html lang=\"de\">")) << path;
        EXPECT_TRUE(
            holds(german, "href=\"" + path + "?lang=en\" lang=\"en\" hreflang=\"en\">English</a>"))
            << path;
        EXPECT_FALSE(holds(german, "<h1 lang=") || holds(german, "<div lang=")) << path;
        const std::string english = page(path + "?lang=en").body;
        EXPECT_TRUE(holds(english, "<html lang=\"en\">")) << path;
        EXPECT_TRUE(holds(english, "href=\"" + path + "\" lang=\"de\" hreflang=\"de\">Deutsch</a>"))
            << path;
        const std::string here = "https://auskunft.example" + path;
        EXPECT_TRUE(holds(english, "rel=\"canonical\" href=\"" + here + "?lang=en\"")) << path;
        for (const std::string &body : {german, english}) {
            EXPECT_TRUE(holds(body, "hreflang=\"de\" href=\"" + here + "\"")) << path;
            EXPECT_TRUE(holds(body, "hreflang=\"en\" href=\"" + here + "?lang=en\"")) << path;
        }
        EXPECT_TRUE(holds(english, "To the content")) << path;
        for (const char *left :
             {"Zum Inhalt", "Alle Kommunen", "Suchen<", "Sie sind hier", "Geprüft am"})
            EXPECT_FALSE(holds(english, left)) << path << ": " << left;
        // Every link to a page of ours but the switch goes on in English.
        std::size_t links = 0;
        for (auto at = english.find("<a href=\"/buerger"); at != std::string::npos;
             at = english.find("<a href=\"/buerger", at + 1)) {
            const auto end = english.find('>', at);
            const std::string link = english.substr(at, end - at);
            if (holds(link, "hreflang")) continue;
            ++links;
            EXPECT_TRUE(holds(link, "?lang=en")) << path << ": " << link;
        }
        EXPECT_GT(links, 1u) << path;
    }
    const std::string article = page(service + "?lang=en").body;
    EXPECT_TRUE(holds(article, "<h1 lang=\"de\">"));
    EXPECT_TRUE(holds(article, "available in German only"));
    EXPECT_TRUE(holds(article, "tabindex=\"-1\">Opening hours</h2><div lang=\"de\">"));
    EXPECT_TRUE(holds(article, ">Level of administration: municipality or district<"));
    EXPECT_TRUE(holds(page(service).body, ">Verwaltungsebene: Kommune<"));
    const std::string found = page(kHere + "?q=perso verloren&lang=en").body;
    EXPECT_TRUE(holds(found, "found for “perso verloren”"));
    EXPECT_TRUE(holds(found, "name=\"lang\" value=\"en\"")) << "the search stays English";
    EXPECT_TRUE(holds(found, "href=\"" + kHere + "?q=perso%20verloren\" lang=\"de\""));
    EXPECT_TRUE(holds(found, "<ol class=\"treffer\" lang=\"de\">"));
    const auto gone = page(kHere + "/leistung/999999?lang=en");
    EXPECT_EQ(gone.status, 404);
    EXPECT_TRUE(holds(gone.body, "This page does not exist"));
    EXPECT_TRUE(holds(page(kHere + "?lang=fr").body, "<html lang=\"de\">"));
    const std::string map = page(kHere + "/sitemap.xml").body;
    EXPECT_TRUE(holds(map, "<loc>https://auskunft.example" + service + "?lang=en</loc>"));
    EXPECT_TRUE(
        holds(map, "hreflang=\"en\" href=\"https://auskunft.example" + service + "?lang=en\"/>"));
}

TEST_P(PublicPages, AreKeptByCachesAndAskedForAgainCheaply) {
    const auto first = page(kHere);
    EXPECT_EQ(header(first, "Cache-Control"), "public, max-age=300");
    const std::string tag = header(first, "ETag");
    ASSERT_TRUE(tag.starts_with("W/\"")) << tag;
    const auto again = ask("GET", kHere, {"", "", {{"if-none-match", tag}}});
    EXPECT_EQ(again.status, 304);
    EXPECT_TRUE(again.body.empty());
    put(kLangenhagen, "jetzt anders", false);
    const std::string article = kHere + "/leistung/" + std::to_string(service_here());
    const std::string old = header(page(article), "ETag");
    put(kLangenhagen, "noch anders", false);
    EXPECT_EQ(ask("GET", article, {"", "", {{"if-none-match", old}}}).status, 200);
}

// By every public route, with and without a search for the very word.
TEST_P(PublicPages, ShowNothingInternalNoDraftAndNoOtherTownsOwnText) {
    put(kLangenhagen, "Gebührenmarke zu fünf Euro", false);
    put(kLangenhagen, "Hintertür rechts, nur für das Haus", true);
    put(kWedemark, "Hintertür links, nur für das Haus", true);
    knowledge::TextEditing editing(db(), clock_);
    const knowledge::Editor editor{admin_, {}};
    for (const bool submitted : {false, true}) {
        const knowledge::TextPlace place{.service = ServiceId{service_here()},
                                         .municipality = kLangenhagen,
                                         .section =
                                             submitted ? SectionKey::where : SectionKey::deadline,
                                         .internal = false};
        const auto draft =
            editing.save(editor, place, {.lines = {"Entwurfswort"}, .expires_on = {}}, 0);
        ASSERT_TRUE(draft) << describe(draft.error());
        if (!submitted) continue;
        ASSERT_TRUE(editing.submit(editor, place, draft->edition));
    }
    ASSERT_TRUE(db().write([&](storage::Connection &connection) -> Expected<void> {
        auto done =
            connection.run("UPDATE knowledge_office SET desk_note = 'Hintertür für Agenten'");
        if (!done) return tl::unexpected(done.error());
        // Whoever answers for an office by name is known to those who are signed in.
        done = connection.run(
            "INSERT INTO knowledge_person (id, office, ordinal, salutation, title, given_name, "
            "family_name, position, room, hours_text) SELECT -id, id, 0, '', '', 'Hintertür', "
            "'Beispielperson', '', '', '' FROM knowledge_office");
        if (!done) return tl::unexpected(done.error());
        return {};
    }));
    ASSERT_TRUE(catalogue_->refresh());

    int shown_own = 0;
    int asked = 0;
    for (const std::string &target : every_public_target()) {
        const auto answer = page(target);
        ++asked;
        EXPECT_LT(answer.status, 500) << target;
        // The question itself stands on the page; what it would find does not.
        for (const char *secret : {"nur für das Haus", "für Agenten", "Beispielperson"})
            EXPECT_EQ(answer.body.find(secret), std::string::npos) << target;
        if (target.find("q=") == std::string::npos) {
            EXPECT_EQ(answer.body.find("Entwurfswort"), std::string::npos) << target;
        }
        const bool of_wedemark = target.find(to_ars(kWedemark)) != std::string::npos;
        const bool own = answer.body.find("zu fünf Euro") != std::string::npos;
        EXPECT_FALSE(own && of_wedemark) << target;
        shown_own += own ? 1 : 0;
    }
    EXPECT_GT(asked, 100);
    EXPECT_GT(shown_own, 3) << "the test could not fail if nothing were shown";
    const auto found = json_of(page(kOpen + to_ars(kLangenhagen) + "/services?q=Hintertür"));
    EXPECT_EQ(found.at("total").as_int64(), 0) << "an internal word must not lead to the service";
}

TEST_P(PublicPages, AnswerOtherChannels) {
    const std::string base = kOpen + to_ars(kLangenhagen);
    EXPECT_EQ(json_of(page("/api/public/v1/towns")).at("items").as_array().size(), 2U);
    const json::value hits = json_of(page(base + "/services?q=reisepass gebühr"));
    EXPECT_EQ(hits.at("items").at(0).at("section").as_string(), "fee");
    const auto id = hits.at("items").at(0).at("id").as_int64();
    const json::value service = json_of(page(base + "/services/" + std::to_string(id)));
    EXPECT_EQ(service.at("level"), "local");
    ASSERT_FALSE(service.at("offices").as_array().empty());
    const auto office = service.at("offices").at(0).at("id").as_int64();
    const json::value shown = json_of(page(base + "/offices/" + std::to_string(office)));
    EXPECT_FALSE(shown.at("hours").as_array().empty());
    EXPECT_EQ(page(base + "/services?limit=0").status, 422);
    EXPECT_EQ(page(kOpen + "1/services").status, 404);
}

// Whoever has checked nothing has not checked it on the first of January 1970.
TEST_P(PublicPages, WhatNobodyHasCheckedHasNoDate) {
    const std::string id = std::to_string(service_here());
    ASSERT_TRUE(db().write([&](storage::Connection &connection) -> Expected<void> {
        const auto done = connection.run("DELETE FROM knowledge_review WHERE service = $1",
                                         {std::int64_t{service_here()}});
        if (!done) return tl::unexpected(done.error());
        return {};
    }));
    const std::string ars = to_ars(kLangenhagen);
    const json::value open = json_of(page(kOpen + ars + "/services/" + id));
    EXPECT_TRUE(open.at("checked_on").is_null()) << open;
    EXPECT_EQ(open.at("state").as_string(), "due");
    const json::value inside =
        json_of(get("/api/v1/knowledge/services/" + id + "?municipality=" + ars, "chef"));
    EXPECT_TRUE(inside.at("checked_on").is_null()) << inside;
    for (const std::string &target :
         {kHere + "/leistung/" + id,
          "/api/public/pvog/v6/servicedescriptions/demo.LB." + id + "/detail?ars=" + ars}) {
        const auto shown = page(target);
        EXPECT_EQ(shown.status, 200) << target;
        EXPECT_EQ(shown.body.find("1970"), std::string::npos) << target;
        EXPECT_EQ(shown.body.find("Geprüft am"), std::string::npos) << target;
    }
}

TEST_P(PublicPages, SpeakTheFederalPortalsShape) {
    const std::string ars = to_ars(kLangenhagen);
    const std::string pvog = "/api/public/pvog";
    const json::value all = json_of(page(pvog + "/v7/servicedescriptions/" + ars + "?size=7"));
    EXPECT_EQ(all.at("content").as_array().size(), 7U);
    const auto total = all.at("totalElements").as_int64();
    EXPECT_EQ(total, static_cast<std::int64_t>(catalogue_->offered(kLangenhagen).size()));
    std::set<std::string> seen;
    for (std::int64_t at = 0; at < all.at("totalPages").as_int64(); ++at) {
        const json::value part = json_of(
            page(pvog + "/v7/servicedescriptions/" + ars + "?size=7&page=" + std::to_string(at)));
        for (const json::value &one : part.at("content").as_array())
            seen.emplace(one.at("id").as_string().c_str());
    }
    EXPECT_EQ(static_cast<std::int64_t>(seen.size()), total);
    const json::value found =
        json_of(page(pvog + "/v7/servicedescriptions/" + ars + "?q=personalausweis"));
    const json::value first = found.at("content").at(0);
    const std::string id(first.at("id").as_string());
    EXPECT_TRUE(id.starts_with("demo.LB."));
    const json::value detail =
        json_of(page(pvog + "/v6/servicedescriptions/" + id + "/detail?ars=" + ars));
    const auto &modules = detail.at("details").as_array();
    const auto has = [&](const char *code) {
        return std::ranges::any_of(modules, [&](const json::value &module) {
            return module.at("code").as_string() == code;
        });
    };
    EXPECT_TRUE(has("03") && has("08") && has("98"));
    const std::string office(detail.at("organisationIds").at(0).as_string());
    const json::value shown =
        json_of(page(pvog + "/v5/organisationunits/detail?q=" + office + "&ars=" + ars));
    EXPECT_FALSE(shown.at("communicationSystems").as_array().empty());
    const std::string leika(first.at("leikakeys").at(0).as_string());
    const json::value by_key =
        json_of(page(pvog + "/v3/servicedescriptions/leikaid?leikaIds=" + leika + "&ars=" + ars));
    EXPECT_GE(by_key.at("totalElements").as_int64(), 1);
    // Keys are compared, not looked for in the list's text; the list may have blanks.
    const auto found_by = [&](const std::string &keys) {
        return json_of(
                   page(pvog + "/v3/servicedescriptions/leikaid?leikaIds=" + keys + "&ars=" + ars))
            .at("totalElements")
            .as_int64();
    };
    EXPECT_EQ(found_by("1" + leika + "1"), 0);
    EXPECT_EQ(found_by("1, " + leika), found_by(leika));
    const auto table = page(pvog + "/v5/servicedescriptions/csv?ars=" + ars);
    EXPECT_GT(std::ranges::count(table.body, '\n'), total);
    EXPECT_EQ(page(pvog + "/v5/servicedescriptions/csv").status, 422);
    EXPECT_EQ(page(pvog + "/v6/servicedescriptions/x/detail?ars=" + ars).status, 404);
}

TEST_P(PublicPages, AreSwitchedOffAsAWhole) {
    Api closed(ApiParts{.exchange = *exchange_,
                        .database = db(),
                        .ledger = *ledger_,
                        .clock = clock_,
                        .hub = hub_,
                        .projector = *projector_,
                        .catalogue = *catalogue_,
                        .announcements = *announcements_,
                        .deliveries = *deliveries_,
                        .websites = *websites_,
                        .draining = {},
                        .tls = true});
    const auto targets = every_public_target();
    router_ = closed.router();
    for (const std::string &target : targets) {
        const auto answer = page(target);
        if (target.starts_with("/robots.txt")) {
            EXPECT_EQ(answer.body, "User-agent: *\nDisallow: /\n");
        } else {
            EXPECT_EQ(answer.status, 404) << target;
        }
    }
}

TEST_P(PublicPages, LeaveATownOutThatIsNotServedAnyMore) {
    const auto town = municipalities_->find(kWedemark);
    ASSERT_TRUE(town);
    ASSERT_TRUE(db().write([&](storage::Connection &connection) -> Expected<void> {
        const people::Change change{connection, clock_.now(), admin_};
        auto done =
            people::set_term(change, kWedemark, town->version, std::nullopt, clock_.now() - 1s);
        if (!done) return tl::unexpected(done.error());
        return {};
    }));
    EXPECT_EQ(page(kThere).status, 404);
    EXPECT_EQ(page("/buerger").body.find(kThere), std::string::npos);
    EXPECT_EQ(page(kHere).status, 200);
}

FERNAMT_ON_EVERY_ENGINE(PublicPages);

} // namespace
} // namespace fernamt::web::testing
