// SPDX-License-Identifier: EUPL-1.2
// The chairs of money by REST: finance of the centre previews, issues, takes back; the paying town
// reads, downloads, asks; the auditor looks on. Every answer is held against openapi.json.
#include "billing/evidence.h"
#include "web/testing/api_test_base.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace fernamt::web::testing {
namespace {

const std::string kLangenhagenArs = to_ars(kLangenhagen);
const std::string kWedemarkArs = to_ars(kWedemark);

class Finance : public ApiTest {
  protected:
    void SetUp() override {
        ApiTest::SetUp();
        for (const auto &[login, role] : {std::pair{"geld", people::Role::finance},
                                          std::pair{"prüfung", people::Role::auditor}}) {
            add_user(login, {role});
            sign_in(login);
        }
        add_user("langenhagen", {people::Role::finance}, kLangenhagen);
        add_user("wedemark", {people::Role::finance}, kWedemark);
        sign_in("langenhagen");
        sign_in("wedemark");
        const PhoneNumber number{"+493023125001"};
        for (int i = 0; i < 4; ++i) {
            write_call(CallId{700'000'100 + i}, kLangenhagen, number, AgentId{agent_.value},
                       to_instant({2026, 10, 5 + i}, 10 * 3600), {120s, 30s});
        }
    }

    net::Response send(const std::string &method, const std::string &path, const std::string &login,
                       const json::value &body, std::optional<std::int64_t> version = {}) {
        Asked asked{login, json::serialize(body), {}};
        if (version) asked.headers["if-match"] = "\"" + std::to_string(*version) + "\"";
        return ask(method, "/api/v1" + path, asked);
    }
    net::Response read(const std::string &path, const std::string &login) {
        return get("/api/v1" + path, login);
    }

    static json::object details(const std::string &name, const std::string &leitweg = "") {
        json::object object;
        for (const char *member : {"street", "postcode", "city", "vat_id", "tax_number", "contact",
                                   "phone", "email", "iban"}) {
            object[member] = "";
        }
        object["name"] = name;
        object["leitweg_id"] = leitweg;
        object["street"] = "Am Markt 1";
        object["postcode"] = "30001";
        object["city"] = "Musterstedt";
        return object;
    }
    void set_details() {
        json::object centre = details("Regionsstadt, Servicecenter");
        centre["contact"] = "Kämmerei";
        centre["phone"] = "+49 511 12340";
        centre["email"] = "kaemmerei@regionsstadt.example";
        centre["iban"] = "DE89370400440532013000";
        centre["tax_number"] = "25/123/45678";
        EXPECT_EQ(send("PUT", "/billing-details", "geld", centre).status, 200);
        json::object town = details("Stadt Langenhagen", "03241001-1234512345-06");
        town["email"] = "rathaus@langenhagen.example";
        EXPECT_EQ(send("PUT", "/municipalities/" + kLangenhagenArs + "/billing-details",
                       "langenhagen", town)
                      .status,
                  200);
    }
    std::string issued() {
        const auto answer =
            send("POST", "/documents", "geld",
                 {{"kind", "invoice"}, {"municipality", kLangenhagenArs}, {"period", "2026-10"}});
        EXPECT_EQ(answer.status, 201) << answer.body;
        return json_of(answer).at("number").as_string().c_str();
    }
};

FERNAMT_ON_EVERY_ENGINE(Finance);

TEST_P(Finance, PreviewsIssuesTakesBackAndIssuesAnew) {
    const std::string draft = "/invoices/" + kLangenhagenArs + "/2026-10/draft";
    EXPECT_EQ(code_of(read(draft, "geld")), "invoice.party_missing");
    set_details();
    const json::value shown = json_of(read(draft, "geld"));
    EXPECT_TRUE(shown.at("document").at("number").is_null());
    // 4 x 150 s at 0.95 EUR per minute: 4 x 2.375 -> 2.38
    EXPECT_EQ(shown.at("document").at("payable_cents").as_int64(), 952);
    EXPECT_EQ(shown.at("calls").as_int64(), 4);
    EXPECT_EQ(shown.at("before").at("net_cents").as_int64(), 0);
    const auto pdf = ask("GET", "/api/v1" + draft, {"geld", "", {{"accept", "application/pdf"}}});
    EXPECT_EQ(pdf.body.substr(0, 8), "%PDF-1.7");
    EXPECT_EQ(json_of(read("/documents", "geld")).at("items").as_array().size(), 0u)
        << "a preview stores nothing";

    EXPECT_EQ(issued(), "R2026-000001");
    EXPECT_EQ(code_of(send(
                  "POST", "/documents", "geld",
                  {{"kind", "invoice"}, {"municipality", kLangenhagenArs}, {"period", "2026-10"}})),
              "invoice.already_issued");
    EXPECT_EQ(code_of(send(
                  "POST", "/documents", "geld",
                  {{"kind", "invoice"}, {"municipality", kLangenhagenArs}, {"period", "2026-11"}})),
              "invoice.month_open");
    const auto taken = send("POST", "/documents/R2026-000001/cancellation", "geld",
                            {{"reason", "Falscher Empfänger"}});
    EXPECT_EQ(taken.status, 201);
    EXPECT_EQ(json_of(taken).at("number").as_string(), "S2026-000001");
    EXPECT_EQ(json_of(read("/documents/R2026-000001", "geld")).at("cancelled_by").as_string(),
              "S2026-000001");
    EXPECT_EQ(issued(), "R2026-000002");
    const json::value list = json_of(read("/documents", "geld"));
    ASSERT_EQ(list.at("items").as_array().size(), 3u);
    EXPECT_EQ(list.at("items").at(0).at("number").as_string(), "R2026-000002");
    EXPECT_EQ(list.at("items").at(2).at("cancelled_by").as_string(), "S2026-000001");
}

TEST_P(Finance, AdvancesAndCreditsTakeExactAmountsOnly) {
    set_details();
    const auto advance = [&](const char *net) {
        return send("POST", "/documents", "geld",
                    {{"kind", "advance"},
                     {"municipality", kLangenhagenArs},
                     {"period", "2026-11"},
                     {"net", net}});
    };
    for (const char *wrong : {"", "x", "1,005", "-5", "0", "1e3", "99999999999999999999"})
        EXPECT_EQ(advance(wrong).status, 422) << wrong;
    const auto made = advance("1250,50");
    EXPECT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(json_of(made).at("payable_cents").as_int64(), 125'050);
    const std::string number = issued();
    const auto credit = [&](const char *net) {
        return send("POST", "/documents/" + number + "/credits", "geld",
                    {{"text", "Kulanz"}, {"reason", "Leitungsstörung"}, {"net", net}});
    };
    EXPECT_EQ(code_of(credit("9,53")), "invoice.credit_too_high");
    EXPECT_EQ(json_of(credit("9,52")).at("number").as_string(), "G2026-000001");
}

TEST_P(Finance, TheTownReadsAndDownloadsItsOwnAndProvesItByItself) {
    set_details();
    const std::string number = issued();
    const std::string files = "/documents/" + number + "/files/";
    EXPECT_EQ(read("/documents/" + number, "langenhagen").status, 200);
    EXPECT_EQ(read(files + "pdf", "langenhagen").body.substr(0, 5), "%PDF-");
    EXPECT_EQ(read(files + "xlsx", "langenhagen").body.substr(0, 2), "PK");
    EXPECT_NE(read(files + "xrechnung", "langenhagen").body.find("03241001-1234512345-06"),
              std::string::npos);
    EXPECT_NE(read(files + "csv", "langenhagen").body.find("700000100"), std::string::npos);
    EXPECT_EQ(read(files + "doc", "langenhagen").status, 404);
    const auto verdict = billing::verify_invoice(read(files + "evidence", "langenhagen").body);
    ASSERT_TRUE(verdict);
    EXPECT_TRUE(verdict->findings.empty());
    EXPECT_EQ(verdict->calls, 4);
    for (const std::string &path : {"/documents/" + number, files + "pdf", files + "evidence"})
        EXPECT_EQ(code_of(read(path, "wedemark")), "invoice.not_found") << path;
    EXPECT_TRUE(json_of(read("/documents", "wedemark")).at("items").as_array().empty());
    EXPECT_EQ(read("/documents?municipality=" + kLangenhagenArs, "wedemark").status, 404);
    EXPECT_EQ(read("/documents/" + number, "prüfung").status, 200);
}

TEST_P(Finance, OnlyFinanceOfTheCentreIssues) {
    set_details();
    const std::string number = issued();
    const json::value invoice{
        {"kind", "invoice"}, {"municipality", kLangenhagenArs}, {"period", "2026-09"}};
    const json::value reason{{"reason", "Warum nicht"}};
    for (const char *login : {"langenhagen", "prüfung", "chef", "anke"}) {
        EXPECT_EQ(send("POST", "/documents", login, invoice).status, 403) << login;
        EXPECT_EQ(send("POST", "/documents/" + number + "/cancellation", login, reason).status, 403)
            << login;
        EXPECT_EQ(read("/invoices/" + kLangenhagenArs + "/2026-10/draft", login).status, 403)
            << login;
    }
    EXPECT_EQ(send("PUT", "/municipalities/" + kLangenhagenArs + "/billing-details", "wedemark",
                   details("Wedemark"))
                  .status,
              404);
    EXPECT_EQ(send("PUT", "/billing-details", "langenhagen", details("Wir")).status, 403);
}

TEST_P(Finance, AMonthIsLookedAtAndIssuedInOneGo) {
    EXPECT_EQ(read("/run-preview?month=2026-10", "langenhagen").status, 403);
    const json::value before = json_of(read("/run-preview?month=2026-10", "geld"));
    ASSERT_FALSE(before.at("items").as_array().empty());
    for (const json::value &item : before.at("items").as_array())
        EXPECT_FALSE(item.at("clean").as_bool()) << "no billing details yet";
    const json::value month{{"month", "2026-10"}};
    EXPECT_EQ(code_of(send("POST", "/runs", "geld", month)), "run.nothing_to_issue");
    set_details();
    EXPECT_EQ(code_of(send("POST", "/runs", "geld", {{"month", "2026-11"}})), "run.month_open");
    EXPECT_EQ(send("POST", "/runs", "langenhagen", month).status, 403);
    const auto run = send("POST", "/runs", "geld", month);
    ASSERT_EQ(run.status, 201) << run.body;
    const json::value done = json_of(run);
    ASSERT_EQ(done.at("items").as_array().size(), 1U);
    EXPECT_EQ(done.at("items").at(0).at("number").as_string(), "R2026-000001");
    EXPECT_EQ(json_of(read("/documents", "langenhagen")).at("items").as_array().size(), 1U);
    const std::string resume = "/runs/" + std::to_string(done.at("id").as_int64()) + "/resume";
    EXPECT_EQ(send("POST", resume, "geld", json::object{}).status, 200);
    EXPECT_EQ(json_of(read("/documents", "geld")).at("items").as_array().size(), 1U);
    EXPECT_EQ(json_of(read("/runs", "geld")).at("items").as_array().size(), 1U);
}

TEST_P(Finance, APartnerHasAnAccountInBothDirections) {
    const json::value partner{{"name", "Servicecenter Nord"}, {"number", "+49511168115"}};
    const auto made = ask("POST", "/api/v1/partners", {"chef", json::serialize(partner), {}});
    ASSERT_EQ(made.status, 201) << made.body;
    const std::string id = std::to_string(json_of(made).at("id").as_int64());
    const json::value price{{"from", "2026-11"},
                            {"taken_for", "0,95"},
                            {"taken_by", "1,10"},
                            {"counts_after_call_work", true},
                            {"words", "Aushilfe"}};
    EXPECT_EQ(send("PUT", "/partner-accounts/" + id, "langenhagen", price).status, 403);
    const auto set = send("PUT", "/partner-accounts/" + id, "geld", price);
    ASSERT_EQ(set.status, 200) << set.body;
    const json::value account = json_of(set).at("items").at(0);
    EXPECT_EQ(account.at("statement").at("balance_cents").as_int64(), 0);
    EXPECT_EQ(code_of(send("PUT", "/partner-accounts/999", "geld", price)), "partner.not_found");
    json::value late = price;
    late.as_object()["from"] = "2026-10";
    EXPECT_EQ(code_of(send("PUT", "/partner-accounts/" + id, "geld", late)), "partner.price_past");
    const auto table = ask("GET", "/api/v1/partner-accounts?month=2026-11",
                           {"geld", "", {{"accept", "text/csv"}}});
    EXPECT_NE(table.body.find("2026-11;Servicecenter Nord;fuer den Partner angenommen;0;0;0,95"),
              std::string::npos)
        << table.body;
    const auto letter = [&](const std::string &whose) {
        return ask("GET", "/api/v1/partner-accounts?month=2026-11&partner=" + whose,
                   {"geld", "", {{"accept", "application/pdf"}}});
    };
    EXPECT_EQ(code_of(letter(id)), "invoice.party_missing") << "who writes it?";
    set_details();
    EXPECT_EQ(letter(id).body.substr(0, 5), "%PDF-");
    EXPECT_EQ(code_of(letter("999")), "partner.not_found");
}

TEST_P(Finance, AnEndedCallIsGivenToTheTownThatWasMeant) {
    const std::string call = "/calls/700000101/classification";
    EXPECT_EQ(read(call, "langenhagen").status, 403);
    const json::value before = json_of(read(call, "geld"));
    EXPECT_EQ(before.at("municipality").at("ars").as_string(), kLangenhagenArs);
    EXPECT_EQ(before.at("kind").as_string(), "own_number");
    const json::value given{{"municipality", kWedemarkArs}, {"reason", "misrouted"}};
    const std::string effects = call + "/effects?municipality=" + kWedemarkArs;
    EXPECT_EQ(read(effects, "langenhagen").status, 403);
    const auto shown = read(effects, "geld");
    ASSERT_EQ(shown.status, 200) << shown.body;
    const json::value first = json_of(shown).at("items").at(0);
    EXPECT_EQ(first.at("municipality").at("ars").as_string(), kLangenhagenArs);
    EXPECT_EQ(first.at("month").as_string(), "2026-10");
    EXPECT_LT(first.at("difference").at("cents").as_int64(), 0);
    EXPECT_TRUE(first.at("billed_by").is_null());
    EXPECT_EQ(read(call + "/effects?kind=abandoned", "geld").status, 422);
    EXPECT_EQ(code_of(read(call + "/effects", "geld")), "call.same_classification");
    EXPECT_EQ(send("POST", call, "langenhagen", given).status, 403);
    const auto answer = send("POST", call, "geld", given);
    ASSERT_EQ(answer.status, 201) << answer.body;
    const json::value after = json_of(answer);
    EXPECT_EQ(after.at("municipality").at("ars").as_string(), kWedemarkArs);
    EXPECT_EQ(after.at("changes").at(0).at("role").as_string(), "finance");
    EXPECT_EQ(code_of(send("POST", call, "geld", given)), "call.same_classification");
    EXPECT_EQ(code_of(send("POST", "/calls/1/classification", "geld", given)), "call.not_found");
    EXPECT_EQ(code_of(send("POST", call, "geld", {{"kind", "abandoned"}, {"reason", "test"}})),
              "request.invalid");
    EXPECT_EQ(code_of(send("POST", call, "geld",
                           {{"municipality", "099999999999"}, {"reason", "misrouted"}})),
              "municipality.not_found");
}

TEST_P(Finance, CorrectionsAreLookedAtBeforeTheyAreIssued) {
    set_details();
    (void)issued();
    const std::string path = std::string("/municipalities/") + kLangenhagenArs + "/corrections";
    EXPECT_EQ(read(path, "langenhagen").status, 403);
    EXPECT_TRUE(json_of(read(path, "geld")).at("items").as_array().empty());
    ASSERT_EQ(send("POST", "/calls/700000101/classification", "geld",
                   {{"kind", "test_call"}, {"reason", "test"}})
                  .status,
              201);
    const auto preview = read(path, "geld");
    ASSERT_EQ(preview.status, 200) << preview.body;
    const json::value shown = json_of(preview).at("items").at(0);
    EXPECT_TRUE(shown.at("number").is_null());
    EXPECT_LT(shown.at("net_cents").as_int64(), 0);
    const json::value corrected = json_of(send("POST", path, "geld", json::object{}));
    EXPECT_EQ(corrected.at("items").at(0).at("payable_cents"), shown.at("payable_cents"));
    EXPECT_TRUE(json_of(read(path, "geld")).at("items").as_array().empty());
}

TEST_P(Finance, AQueryIsUpheldByTheCallItself) {
    set_details();
    const std::string number = issued();
    const json::value opened =
        json_of(send("POST", "/documents/" + number + "/disputes", "langenhagen",
                     {{"call", 700'000'102}, {"text", "Das war ein Test."}}));
    const std::string dispute = "/disputes/" + std::to_string(opened.at("id").as_int64());
    const json::value decided =
        json_of(send("POST", dispute + "/decision", "geld",
                     {{"outcome", "reclassified"}, {"text", "Stimmt."}, {"kind", "test_call"}}));
    EXPECT_EQ(decided.at("state").as_string(), "upheld");
    EXPECT_TRUE(decided.at("reclassified").as_bool());
    EXPECT_TRUE(decided.at("credit_note").is_null());
    const json::value call = json_of(read("/calls/700000102/classification", "geld"));
    EXPECT_EQ(call.at("kind").as_string(), "test_call");
    EXPECT_EQ(call.at("changes").at(0).at("dispute"), opened.at("id"));
}

TEST_P(Finance, ATownQueriesALineAndGetsACorrection) {
    set_details();
    const std::string number = issued();
    const std::string path = "/documents/" + number + "/disputes";
    const json::value question{{"line", 1}, {"call", 700'000'101}, {"text", "Nicht unser Anruf."}};
    EXPECT_EQ(send("POST", path, "wedemark", question).status, 404);
    EXPECT_EQ(send("POST", path, "prüfung", question).status, 403);
    const json::value opened = json_of(send("POST", path, "langenhagen", question));
    const std::string dispute = "/disputes/" + std::to_string(opened.at("id").as_int64());
    EXPECT_EQ(opened.at("comments").at(0).at("side").as_string(), "municipality");
    EXPECT_EQ(json_of(read("/documents", "geld")).at("items").at(0).at("open_disputes").as_int64(),
              1);
    EXPECT_EQ(send("POST", dispute + "/comments", "wedemark", {{"text", "Wir auch."}}).status, 404);
    EXPECT_EQ(send("POST", dispute + "/comments", "geld", {{"text", "Wir prüfen."}}).status, 201);
    const json::value upheld{{"outcome", "upheld"}, {"text", "Stimmt."}, {"net", "2,38"}};
    EXPECT_EQ(send("POST", dispute + "/decision", "langenhagen", upheld).status, 403);
    const json::value decided = json_of(send("POST", dispute + "/decision", "geld", upheld));
    EXPECT_EQ(decided.at("state").as_string(), "upheld");
    const std::string credit = decided.at("credit_note").as_string().c_str();
    const json::value note = json_of(read("/documents/" + credit, "langenhagen"));
    EXPECT_EQ(note.at("refers_to").as_string(), number);
    EXPECT_EQ(note.at("net_cents").as_int64(), 238);
    EXPECT_EQ(code_of(send("POST", dispute + "/decision", "geld",
                           {{"outcome", "refused"}, {"text", "Doch nicht."}})),
              "dispute.closed");
    EXPECT_TRUE(json_of(read("/disputes", "wedemark")).at("items").as_array().empty());
    EXPECT_EQ(json_of(read("/disputes", "langenhagen")).at("items").as_array().size(), 1u);
}

TEST_P(Finance, AnAgreementGoesFromATemplateIntoForceAndPrices) {
    set_details();
    const auto created = send("POST", "/agreements", "geld",
                              {{"municipality", kLangenhagenArs},
                               {"template", "minute_price"},
                               {"begins", "2026-12-01"}});
    ASSERT_EQ(created.status, 201) << created.body;
    json::value agreement = json_of(created);
    const std::string path = "/agreements/" + std::to_string(agreement.at("id").as_int64());
    EXPECT_EQ(agreement.at("state").as_string(), "draft");
    EXPECT_TRUE(agreement.at("problems").as_array().empty())
        << json::serialize(agreement.at("problems"));
    EXPECT_EQ(read(path + "/annex", "langenhagen").body.substr(0, 5), "%PDF-");

    json::object fields = agreement.at("fields").as_object();
    fields["title"] = "Vereinbarung Langenhagen";
    fields["prices"].at(0).at("minute_price").at("steps").at(0).as_object()["price"] = 1'050'000;
    fields["budgets"] = json::array{
        json::object{{"year", 2026}, {"amount", 1000}, {"product", "11109"}, {"cost_centre", ""}}};
    const json::value change{{"fields", fields}, {"reason", "Preis nach Kalkulation"}};
    EXPECT_EQ(send("PUT", path, "geld", change, 7).status, 412);
    EXPECT_EQ(send("PUT", path, "langenhagen", change, 1).status, 403);
    const auto changed = send("PUT", path, "geld", change, 1);
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(json_of(changed).at("version").as_int64(), 2);
    fields["title"] = 5;
    EXPECT_EQ(code_of(send("PUT", path, "geld", {{"fields", fields}, {"reason", "x"}}, 2)),
              "document.wrong_value");

    std::int64_t version = 2;
    for (const char *to : {"resolved", "signed"}) {
        const auto moved =
            send("POST", path + "/states", "geld",
                 {{"to", to}, {"on", "2026-11-23"}, {"note", "Ratsbeschluss"}}, version++);
        ASSERT_EQ(moved.status, 200) << moved.body;
    }
    EXPECT_EQ(code_of(send("POST", path + "/states", "geld",
                           {{"to", "resolved"}, {"on", "2026-11-23"}, {"note", ""}}, version)),
              "agreement.transition_forbidden");
    clock_.set(to_instant({2027, 1, 4}, 9 * 3600));
    sign_in("geld");
    sign_in("langenhagen");
    sign_in("wedemark");
    const json::value now = json_of(read(path, "langenhagen"));
    EXPECT_EQ(now.at("state").as_string(), "active");
    EXPECT_TRUE(now.at("today").at("active").as_bool());
    EXPECT_EQ(now.at("next_end").at("last_day").as_string(), "2028-11-30");
    EXPECT_EQ(now.at("versions").as_array().size(), 4u);
    EXPECT_EQ(code_of(read(path, "wedemark")), "agreement.not_found");
    EXPECT_TRUE(json_of(read("/agreements", "wedemark")).at("items").as_array().empty());

    write_call(CallId{700'000'300}, kLangenhagen, PhoneNumber{"+493023125001"},
               AgentId{agent_.value}, to_instant({2026, 12, 7}, 10 * 3600), {60s, 0s});
    const json::value december =
        json_of(read("/invoices/" + kLangenhagenArs + "/2026-12", "langenhagen"));
    EXPECT_EQ(december.at("total_cents").as_int64(), 105) << "the agreement's price, from its day";
    // 9,52 in October, 1,05 in December, 1,43 by the call of November: beyond 10 euros.
    const json::value forecast =
        json_of(read("/municipalities/" + kLangenhagenArs + "/forecast?year=2026", "langenhagen"));
    // From October on, with which the service began: empty months before it are none.
    ASSERT_EQ(forecast.at("months").as_array().size(), 3u);
    EXPECT_EQ(forecast.at("budget_cents").as_int64(), 1000);
    EXPECT_EQ(forecast.at("months").at(2).at("spent_cents").as_int64(), 952 + 143 + 105);
    EXPECT_EQ(forecast.at("months").at(1).at("alarm").as_string(), "exceeded");
    EXPECT_EQ(read("/municipalities/" + kLangenhagenArs + "/forecast", "wedemark").status, 404);
}

} // namespace
} // namespace fernamt::web::testing
