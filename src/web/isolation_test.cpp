// SPDX-License-Identifier: EUPL-1.2
// OWASP API1 (broken object level authorization): every readable route, asked by every role with
// and without a municipality, about its own and a foreign one, must not let a single foreign value
// through. Routes come from the router itself, so a new one is in the test the day it is added.
#include "agreements/template.h"
#include "billing/dispute_book.h"
#include "knowledge/sources.h"
#include "web/gate.h"
#include "web/testing/api_test_base.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <set>

namespace fernamt::web::testing {
namespace {

constexpr std::array kRoles = {people::Role::agent,   people::Role::lead,  people::Role::editor,
                               people::Role::finance, people::Role::admin, people::Role::auditor,
                               people::Role::reader};

// What only Wedemark's data contains.
const std::vector<std::string> &marks_of_wedemark() {
    static const std::vector<std::string> marks{to_ars(kWedemark), "\"Wedemark\"",
                                                std::to_string(kCallOfWedemark), "+493023125002"};
    return marks;
}

bool shows_wedemark(const net::Response &response) {
    return std::any_of(
        marks_of_wedemark().begin(), marks_of_wedemark().end(),
        [&](const std::string &mark) { return response.body.find(mark) != std::string::npos; });
}

std::string replaced(std::string text, const std::string &from, const std::string &to) {
    const std::size_t at = text.find(from);
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

class Isolation : public ApiTest {
  protected:
    // The addresses of a pattern that ask about Wedemark, or about nobody in particular.
    std::vector<std::string> targets(const std::string &pattern) {
        std::string target = replaced(pattern, "{ars}", to_ars(kWedemark));
        target = replaced(target, "{month}", "2026-11");
        target = replaced(target, "{key}", "2026-11-23");
        target = replaced(target, "{kind}", "greeting");
        target = replaced(target, "{version}", "1");
        target = replaced(target, "{number}", document_);
        target = replaced(target, "{form}", "csv");
        if (target.find("/agreements/{id}") != std::string::npos) {
            return {replaced(target, "{id}", std::to_string(agreement_))};
        }
        if (target.find("/calls/{id}") != std::string::npos) {
            return {replaced(target, "{id}", std::to_string(kCallOfWedemark))}; // and its why
        }
        target = replaced(target, "{id}", std::to_string(service_));
        EXPECT_EQ(target.find('{'), std::string::npos) << "a new parameter: " << pattern;
        const std::string municipality = "municipality=" + to_ars(kWedemark);
        const std::string days = "?from=2026-11-01&to=2026-11-30";
        return {target, target + "?month=2026-11", target + "?" + municipality, target + days,
                target + days + "&" + municipality};
    }

    // An issued document and an agreement of Wedemark.
    void bill_wedemark() {
        const auto make = [](const char *name, const char *leitweg) {
            return billing::Party{.name = name,
                                  .street = "Am Markt 1",
                                  .postcode = "30900",
                                  .city = "Ort",
                                  .leitweg_id = leitweg,
                                  .tax_number = "25/123/45678",
                                  .contact = "Kasse",
                                  .phone = "+49 511 1",
                                  .email = "kasse@example.org",
                                  .iban = "DE89370400440532013000"};
        };
        billing::InvoiceBook book(db());
        ASSERT_TRUE(book.set_party(billing::InvoiceBook::kCentre, make("Mitte", "")));
        ASSERT_TRUE(book.set_party(kWedemark, make("Wedemark", "03241019-1-06")));
        const billing::Change change{admin_, clock_.now(), "Probe"};
        const auto issued = book.issue(kWedemark, {2026, 10}, change);
        ASSERT_TRUE(issued) << describe(issued.error());
        document_ = issued->document.number;
        const auto dispute = billing::DisputeBook(db()).open(
            {document_, {}, {}, "Frage", billing::DisputeSide::centre}, change);
        ASSERT_TRUE(dispute) << describe(dispute.error());
        dispute_ = dispute->id;
        agreements::TemplateTown town{.municipality = kWedemark, .name = "Wedemark"};
        const auto agreement = billing::AgreementBook(db()).create(
            agreements::from_template(agreements::Template::minute_price, town, {2027, 1, 1}),
            change);
        ASSERT_TRUE(agreement) << describe(agreement.error());
        agreement_ = agreement->agreement.id;
    }

    // "mitte" sees it.
    std::int64_t enter_site_of_wedemark() {
        const UserId editor = add_user("mitte", {people::Role::editor});
        sign_in("mitte");
        const auto made =
            knowledge::WebsiteRules(db(), clock_, {})
                .add({editor, kWedemark},
                     {.municipality = kWedemark, .start = "https://wedemark.example/"},
                     [](storage::Connection &, std::string_view, std::int64_t,
                        const std::vector<std::string> &) { return Expected<void>{}; });
        EXPECT_TRUE(made) << describe(made.error());
        return made ? made->id : 0;
    }

    std::int64_t service_ = 0;
    std::int64_t agreement_ = 0;
    std::int64_t dispute_ = 0;
    std::string document_;
};

TEST_P(Isolation, NoRoleOfLangenhagenSeesAnythingOfWedemark) {
    service_ = json_of(get("/api/v1/knowledge/services?limit=1", "chef"))
                   .at("items")
                   .at(0)
                   .at("id")
                   .as_int64();
    const LocalDate today = to_local(clock_.now()).date;
    ASSERT_TRUE(catalogue_->article(knowledge::ServiceId{service_}, kWedemark, today));
    exchange_->situation_now.municipalities = {{kWedemark, 1, 1}};
    bill_wedemark();
    ASSERT_TRUE(knowledge::note_sources(
        db(), {{knowledge::Source::Kind::website, kWedemark, "https://wedemark.example/"}}));

    std::vector<std::string> strangers;
    std::vector<std::string> centre;
    for (const people::Role role : kRoles) {
        const std::string name(to_string(role));
        strangers.push_back("fremd-" + name);
        centre.push_back("mitte-" + name);
        add_user(strangers.back(), {role}, kLangenhagen);
        add_user(centre.back(), {role});
        sign_in(strangers.back());
        sign_in(centre.back());
    }

    int asked = 0;
    std::set<std::string> shown_to_the_centre;
    for (const auto &route : router_.routes()) {
        if (route.method != "GET" || !route.pattern.starts_with("/api/v1/")) continue;
        for (const std::string &target : targets(route.pattern)) {
            for (const std::string &stranger : strangers) {
                const net::Response response = get(target, stranger);
                ++asked;
                EXPECT_FALSE(shows_wedemark(response))
                    << stranger << " sees " << target << ": " << response.body.substr(0, 500);
                EXPECT_LT(response.status, 500) << target;
                const bool about_wedemark = target.find(to_ars(kWedemark)) != std::string::npos;
                if (!about_wedemark || response.status != 200) continue;
                // A query that the route does not know is no harm; a path is.
                EXPECT_EQ(route.pattern.find("{ars}"), std::string::npos) << target;
            }
            for (const std::string &one : centre) {
                if (shows_wedemark(get(target, one))) shown_to_the_centre.insert(route.pattern);
            }
        }
    }
    EXPECT_GT(asked, 200);
    // The test could not fail if the routes showed nothing to anybody.
    for (const char *pattern :
         {"/api/v1/municipalities", "/api/v1/municipalities/{ars}", "/api/v1/situation",
          "/api/v1/calls/{id}", "/api/v1/calls/{id}/why", "/api/v1/reports/calls",
          "/api/v1/municipalities/{ars}/lines", "/api/v1/knowledge/services/{id}",
          "/api/v1/invoices", "/api/v1/invoices/{ars}/{month}",
          "/api/v1/invoices/{ars}/{month}/lines/{key}", "/api/v1/documents",
          "/api/v1/documents/{number}", "/api/v1/disputes", "/api/v1/agreements",
          "/api/v1/agreements/{id}", "/api/v1/municipalities/{ars}/forecast"}) {
        EXPECT_TRUE(shown_to_the_centre.count(pattern)) << pattern;
    }
}

TEST_P(Isolation, NobodyOfLangenhagenChangesAnythingOfWedemark) {
    for (const people::Role role : kRoles) {
        const std::string login = "fremd-" + std::string(to_string(role));
        add_user(login, {role}, kLangenhagen);
        sign_in(login);
    }
    bill_wedemark();
    const auto site = enter_site_of_wedemark();
    const json::value sources = json_of(get("/api/v1/knowledge/sources", "mitte"));
    const json::value before = json_of(get("/api/v1/municipalities/" + to_ars(kWedemark), "chef"));
    const json::value documents = json_of(get("/api/v1/documents", "chef"));
    const json::value agreements = json_of(get("/api/v1/agreements", "chef"));
    const json::value disputes = json_of(get("/api/v1/disputes", "chef"));
    const json::value settings = json_of(get("/api/v1/settings", "chef"));
    const json::value people = json_of(get("/api/v1/agents", "chef"));
    const std::string prices = "/api/v1/municipalities/" + to_ars(kWedemark) + "/prices";
    const json::value paid = json_of(get(prices, "chef"));
    const auto price_id = paid.at("items").at(0).at("id").as_int64();
    const std::string town = json::serialize(before);
    const std::string wedemark = to_ars(kWedemark);
    const auto of_wedemark = [&](const std::string &rest) {
        return R"({"municipality":")" + wedemark + R"(","part":"fee","internal":false)" + rest +
               "}";
    };
    const std::string report = R"({"service":1,"municipality":")" + wedemark + R"("})";
    const auto task = json_of(ask("POST", "/api/v1/knowledge/reports", {"chef", report, {}}))
                          .at("task")
                          .as_int64();
    const std::map<std::string, std::string> bodies{
        {"PUT /api/v1/municipalities/{ars}", town},
        {"POST /api/v1/municipalities/{ars}/numbers", R"({"number":"+493023125055"})"},
        {"POST /api/v1/municipalities/{ars}/prices",
         R"({"price":"0.01","unit":"second","level":"per_call","counts_after_call_work":true,)"
         R"("valid_from":"2020-01-01","valid_to":"2020-12-31"})"},
        {"PUT /api/v1/municipalities/{ars}/prices/{id}", R"({"valid_to":"2026-12-31"})"},
        {"PUT /api/v1/knowledge/services/{id}/draft",
         of_wedemark(R"(,"lines":["x"],)"
                     R"("expires_on":null,"edition":0)")},
        {"POST /api/v1/knowledge/services/{id}/draft/steps",
         of_wedemark(R"(,"edition":1,"step":"release")")},
        {"POST /api/v1/knowledge/services/{id}/restore", of_wedemark(R"(,"number":1)")},
        {"PUT /api/v1/knowledge/services/{id}/care",
         R"({"municipality":")" + wedemark + R"(","editor":0,"reviewer":null,"review_days":9})"},
        {"POST /api/v1/knowledge/services/{id}/checks",
         R"({"municipality":")" + wedemark + R"("})"},
        {"POST /api/v1/knowledge/tasks", R"({"service":1,"municipality":")" + wedemark +
                                             R"(","text":"x","assignee":0,"due_on":"2026-12-01"})"},
        {"POST /api/v1/knowledge/tasks/{id}/close", R"({"outcome":"done"})"},
        {"POST /api/v1/knowledge/reports", report},
        {"POST /api/v1/knowledge/guides",
         R"({"municipality":")" + wedemark + R"(","title":"x","steps":[]})"},
        {"POST /api/v1/knowledge/websites",
         R"({"municipality":")" + wedemark +
             R"(","address":"https://neu.example/","most_pages":5,"pause_seconds":1})"},
        {"PUT /api/v1/knowledge/websites/{id}",
         R"({"address":"https://neu.example/","most_pages":5,"pause_seconds":1,"stopped":true})"},
        {"POST /api/v1/knowledge/website-readings",
         R"({"address":"https://wedemark.example/","losses_meant":false})"},
        {"POST /api/v1/knowledge/synonyms",
         R"({"municipality":")" + wedemark + R"(","said":["x"],"meant":["y"],"both_ways":false})"},
        {"PUT /api/v1/knowledge/synonyms/{id}",
         R"({"said":["x"],"meant":["y"],"both_ways":false})"},
        {"PUT /api/v1/settings", json::serialize(settings)}};

    int refused = 0;
    for (const auto &route : router_.routes()) {
        if (route.method == "GET" || route.pattern.find("/session") != std::string::npos) continue;
        if (route.pattern == "/api/v1/helpers") continue; // asks for a code, not for who one is
        if (route.pattern == "/api/v1/knowledge/reminder") continue; // one's own wish
        std::string target = replaced(route.pattern, "{ars}", to_ars(kWedemark));
        target = replaced(target, "{e164}", "+493023125002");
        target = replaced(target, "{kind}", "greeting");
        target = replaced(target, "{version}", "1");
        target = replaced(target, "{number}", document_);
        const bool agreement = target.find("/agreements/") != std::string::npos;
        const bool dispute = target.find("/disputes/") != std::string::npos;
        const bool call = target.find("/calls/") != std::string::npos;
        const bool price = target.find("/prices/") != std::string::npos;
        const bool website = target.find("/websites/") != std::string::npos;
        const bool own_task = target.find("/tasks/") != std::string::npos;
        target = replaced(target, "{id}",
                          std::to_string(call        ? kCallOfWedemark
                                         : price     ? price_id
                                         : own_task  ? task
                                         : agreement ? agreement_
                                         : dispute   ? dispute_
                                         : website   ? site
                                                     : agent_.value));
        const auto body = bodies.find(route.method + " " + route.pattern);
        for (const people::Role role : kRoles) {
            Asked asked{"fremd-" + std::string(to_string(role)),
                        body == bodies.end() ? "{}" : body->second,
                        {{"if-match", "1"}}};
            const net::Response response = ask(route.method, target, asked);
            EXPECT_TRUE(response.status == 403 || response.status == 404)
                << route.method << " " << target << " as " << asked.session << ": "
                << response.status << " " << response.body;
            ++refused;
        }
    }
    EXPECT_GT(refused, 70);
    EXPECT_EQ(json_of(get("/api/v1/municipalities/" + to_ars(kWedemark), "chef")), before);
    EXPECT_EQ(json_of(get("/api/v1/knowledge/sources", "mitte")), sources);
    EXPECT_EQ(json_of(get("/api/v1/settings", "chef")), settings);
    EXPECT_EQ(json_of(get("/api/v1/agents", "chef")), people);
    EXPECT_EQ(json_of(get(prices, "chef")), paid);
    EXPECT_EQ(json_of(get("/api/v1/documents", "chef")), documents);
    EXPECT_EQ(json_of(get("/api/v1/agreements", "chef")), agreements);
    EXPECT_EQ(json_of(get("/api/v1/disputes", "chef")), disputes);
    EXPECT_EQ(exchange_->rule_changes, 0);
    EXPECT_TRUE(exchange_->commands.empty());
}

FERNAMT_ON_EVERY_ENGINE(Isolation);

} // namespace
} // namespace fernamt::web::testing
