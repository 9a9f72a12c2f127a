// SPDX-License-Identifier: EUPL-1.2
// Synonyms as editors enter them over the API: who may, what is refused, what agents and citizens
// find by them at once and why, and the way back after a removal.
#include "people/audit.h"
#include "web/testing/api_test_base.h"

#include <boost/json/serialize.hpp>

namespace fernamt::web::testing {
namespace {

const std::string kSynonyms = "/api/v1/knowledge/synonyms";

class KnowledgeSynonyms : public ApiTest {
  protected:
    void SetUp() override {
        ApiTest::SetUp();
        add_user("mitte", {people::Role::editor});
        add_user("lara", {people::Role::editor}, kLangenhagen);
        add_user("wanda", {people::Role::editor}, kWedemark);
        for (const char *login : {"mitte", "lara", "wanda"})
            sign_in(login);
    }
    net::Response send(const std::string &method, const std::string &target,
                       const std::string &login, const json::value &body,
                       const std::string &if_match = "") {
        Asked asked{login, body.is_null() ? "" : json::serialize(body), {}};
        if (!if_match.empty()) asked.headers.emplace("if-match", if_match);
        return ask(method, target, std::move(asked));
    }
    static json::object words(const std::string &said, const std::string &meant) {
        return {{"said", json::array{said}}, {"meant", json::array{meant}}, {"both_ways", false}};
    }
    net::Response enter(const std::string &login, const std::string &said, const std::string &meant,
                        std::optional<MunicipalityId> municipality = {}) {
        json::object body = words(said, meant);
        body["municipality"] = municipality ? json::value(to_ars(*municipality)) : nullptr;
        return send("POST", kSynonyms, login, body);
    }
    json::value list(const std::string &login) { return json_of(get(kSynonyms, login)); }
    // The first hit's name and why: "Hund anmelden synonym".
    std::string found(const std::string &words, MunicipalityId municipality) {
        EXPECT_TRUE(catalogue_->refresh());
        const json::value answer = json_of(
            get("/api/v1/knowledge/services?q=" + words + "&municipality=" + to_ars(municipality),
                "anke"));
        const json::array &items = answer.at("items").as_array();
        if (items.empty()) return "";
        return std::string(items[0].at("colloquial").as_string()) + " " +
               std::string(items[0].at("why").at(0).at("by").as_string());
    }
    std::string last_audit() {
        const auto entries = people::audit_log(db(), 1);
        return entries && !entries->empty()
                   ? entries->front().action + " " + entries->front().fields
                   : "";
    }
};

TEST_P(KnowledgeSynonyms, AreEnteredFoundChangedRemovedAndTakenBack) {
    EXPECT_EQ(found("zwuggel", kWedemark), "");
    const auto made = enter("mitte", "Zwuggel", "Hundesteuer");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(last_audit(), "synonym.added ");
    EXPECT_TRUE(found("zwuggel", kWedemark).ends_with(" synonym"));
    const std::string one = kSynonyms + "/" + std::to_string(json_of(made).at("id").as_int64());
    const json::value item = list("lara").at("items").at(0);
    EXPECT_TRUE(item.at("municipality").is_null());
    EXPECT_EQ(item.at("writable"), false) << "the centre's";
    EXPECT_EQ(list("mitte").at("items").at(0).at("writable"), true);
    EXPECT_GT(list("lara").at("shipped").as_array().size(), 100U);

    const json::object wanted = words("Zwuggel", "Wohngeld");
    EXPECT_EQ(send("PUT", one, "mitte", wanted).status, 422) << "without a version";
    EXPECT_EQ(code_of(send("PUT", one, "mitte", wanted, "\"7\"")), "synonym.stale");
    const auto changed = send("PUT", one, "mitte", wanted, "\"1\"");
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(last_audit(), "synonym.changed meant");
    EXPECT_EQ(found("zwuggel", kWedemark), "Wohngeld synonym");
    const auto removed = send("DELETE", one, "mitte", nullptr, "\"2\"");
    ASSERT_EQ(removed.status, 200) << removed.body;
    EXPECT_EQ(found("zwuggel", kWedemark), "");
    EXPECT_TRUE(list("mitte").at("items").as_array().empty());
    EXPECT_TRUE(list("lara").at("removed").as_array().empty()) << "nothing that she may take back";
    EXPECT_EQ(list("mitte").at("removed").at(0).at("version"), 3);
    const auto back = send("POST", one + "/restore", "mitte", nullptr, "\"3\"");
    ASSERT_EQ(back.status, 200) << back.body;
    EXPECT_EQ(last_audit(), "synonym.restored ");
    EXPECT_EQ(found("zwuggel", kWedemark), "Wohngeld synonym");
}

TEST_P(KnowledgeSynonyms, ATownSeesAndChangesItsOwnAlone) {
    ASSERT_EQ(enter("mitte", "Zwuggel", "Hundesteuer").status, 201);
    const auto made = enter("lara", "Blombotsch", "Wohngeld", kLangenhagen);
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(found("blombotsch", kLangenhagen), "Wohngeld synonym");
    EXPECT_EQ(found("blombotsch", kWedemark), "");
    EXPECT_EQ(list("lara").at("items").as_array().size(), 2U);
    EXPECT_EQ(list("wanda").at("items").as_array().size(), 1U);
    EXPECT_EQ(list("mitte").at("items").as_array().size(), 2U);

    const std::string house = kSynonyms + "/1";
    const std::string hers = kSynonyms + "/2";
    const json::object other = words("ganz", "anders");
    EXPECT_EQ(code_of(enter("lara", "alle", "Wohngeld")), "synonym.centre_only");
    EXPECT_EQ(code_of(enter("lara", "alle", "Wohngeld", kWedemark)), "municipality.not_found");
    for (const auto &[method, path, body] : {std::tuple{"PUT", "", json::value(other)},
                                             {"DELETE", "", nullptr},
                                             {"POST", "/restore", nullptr}}) {
        EXPECT_EQ(send(method, house + path, "lara", body, "\"1\"").status, 403) << method;
        EXPECT_EQ(send(method, hers + path, "wanda", body, "\"1\"").status, 404) << method;
    }
    EXPECT_EQ(enter("mitte", "Fern", "Wohngeld", MunicipalityId{51240000000}).status, 404)
        << "nobody answers for that town here";
    EXPECT_EQ(send("DELETE", hers, "mitte", nullptr, "\"1\"").status, 200);
    EXPECT_EQ(list("lara").at("removed").as_array().size(), 1U);
    EXPECT_TRUE(list("wanda").at("removed").as_array().empty());
    for (const char *login : {"anke", "chef"}) { // no editors
        EXPECT_EQ(get(kSynonyms, login).status, 403);
        EXPECT_EQ(enter(login, "nie", "Wohngeld").status, 403);
    }
}

TEST_P(KnowledgeSynonyms, RefuseWhatSaysNothing) {
    const auto refused = enter("mitte", "was ist das", "Wohngeld");
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(code_of(refused), "synonym.words");
    EXPECT_EQ(code_of(enter("mitte", "", "Wohngeld")), "request.invalid");
    ASSERT_EQ(enter("mitte", "Zwuggel", "Hundesteuer").status, 201);
    EXPECT_EQ(code_of(enter("mitte", "Zwuggel", "Hundesteuer")), "synonym.taken");
    EXPECT_EQ(send("PUT", kSynonyms + "/99", "mitte", words("a1", "b1"), "\"1\"").status, 404);
    EXPECT_EQ(send("PUT", kSynonyms + "/x", "mitte", words("a1", "b1"), "\"1\"").status, 404);
}

FERNAMT_ON_EVERY_ENGINE(KnowledgeSynonyms);

} // namespace
} // namespace fernamt::web::testing
