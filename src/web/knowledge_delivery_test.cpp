// SPDX-License-Identifier: EUPL-1.2
// Deliveries over REST from the first piece to undo, and who may do it; what a reader in a town
// hall sees and what not.
#include "knowledge/delivery_samples.h"
#include "people/audit.h"
#include "web/testing/api_test_base.h"

#include <boost/json/serialize.hpp>

namespace fernamt::web {
namespace {

using knowledge::samples::service;
using knowledge::samples::transfer;
using testing::kCallOfLangenhagen;
using testing::kLangenhagen;
using testing::kWedemark;
namespace json = boost::json;

class KnowledgeDeliveries : public testing::ApiTest {
  protected:
    void SetUp() override {
        ApiTest::SetUp();
        add_user("rita", {people::Role::editor});
        sign_in("rita");
    }
    static std::string path(const std::string &rest) { return "/api/v1/knowledge" + rest; }
    net::Response post(const std::string &rest, const json::value &body,
                       const std::string &login = "rita") {
        return ask("POST", path(rest), {login, json::serialize(body), {}});
    }
    net::Response put_piece(const std::string &upload, std::size_t offset, const std::string &bytes,
                            const std::string &login = "rita") {
        return ask("PUT", path("/uploads/" + upload + "?offset=" + std::to_string(offset)),
                   {login, bytes, {{"content-type", "application/octet-stream"}}});
    }
    json::value shown(std::int64_t id) {
        return json_of(get(path("/deliveries/" + std::to_string(id)), "rita"));
    }
    std::string upload(const std::string &text) {
        const auto begun =
            post("/uploads", json::object{{"name", "land.xml"}, {"bytes", text.size()}});
        EXPECT_EQ(begun.status, 201) << begun.body;
        const std::string id(json_of(begun).at("upload").as_string());
        const std::size_t half = text.size() / 2;
        EXPECT_EQ(put_piece(id, 0, text.substr(0, half)).status, 200);
        EXPECT_EQ(put_piece(id, half, text.substr(half)).status, 200);
        return id;
    }
    std::int64_t read(const std::string &text) {
        const auto made =
            post("/deliveries",
                 json::object{{"upload", upload(text)}, {"source", "land"}, {"complete", false}});
        EXPECT_EQ(made.status, 201) << made.body;
        const std::int64_t id = json_of(made).at("id").as_int64();
        deliveries_->wait_for(id);
        return id;
    }
};
FERNAMT_ON_EVERY_ENGINE(KnowledgeDeliveries);

TEST_P(KnowledgeDeliveries, FromTheFileToUndo) {
    const std::int64_t id =
        read(transfer(service("1", "Vom Land") + knowledge::samples::office("2", "")));
    const std::string one = "/deliveries/" + std::to_string(id);
    json::value report = shown(id);
    EXPECT_EQ(report.at("state").as_string(), "staged");
    EXPECT_EQ(report.at("file").as_string(), "land.xml");
    EXPECT_EQ(report.at("by").at("name").as_string(), "Person rita");
    EXPECT_EQ(report.at("kinds").at(0).at("created").as_int64(), 1);
    ASSERT_EQ(report.at("findings").as_array().size(), 1U);
    EXPECT_TRUE(report.at("progress").is_null());

    ASSERT_EQ(post(one + "/apply", json::object{{"allow_mass_deletion", false}}).status, 200);
    deliveries_->wait_for(id);
    report = shown(id);
    EXPECT_EQ(report.at("state").as_string(), "applied");
    EXPECT_TRUE(report.at("undoable").as_bool());
    EXPECT_EQ(report.at("undo_until").as_string(), "2027-02-21");
    EXPECT_EQ(ask("DELETE", path(one), {"rita", "", {}}).status, 409);
    ASSERT_EQ(ask("POST", path(one + "/undo"), {"rita", "", {}}).status, 200);
    deliveries_->wait_for(id);
    EXPECT_EQ(shown(id).at("state").as_string(), "undone");
    EXPECT_FALSE(shown(id).at("undoable").as_bool());
    const json::value all = json_of(get(path("/deliveries"), "rita"));
    EXPECT_EQ(all.at("deliveries").at(0).at("id").as_int64(), id);
}

// The same share as the command's --most-vanishing; who raises it stands in the audit log.
TEST_P(KnowledgeDeliveries, AShareSaysHowMuchMayVanish) {
    std::string hundred;
    for (int i = 0; i < 100; ++i)
        hundred += service(std::to_string(i), "Vom Land " + std::to_string(i));
    const std::int64_t all = read(transfer(hundred));
    const auto apply = [&](std::int64_t id, const json::value &how) {
        const auto done = post("/deliveries/" + std::to_string(id) + "/apply", how);
        deliveries_->wait_for(id);
        return done.status;
    };
    ASSERT_EQ(apply(all, json::object{{"allow_mass_deletion", false}}), 200);
    EXPECT_EQ(people::audit_log(db(), 1)->front().action, "knowledge.delivery_applied");
    std::string removals;
    for (int i = 0; i < 30; ++i)
        removals += knowledge::samples::removal("Leistung", std::to_string(i));
    const std::int64_t fewer = read(transfer(removals));
    const auto most = [](int percent) {
        return json::object{{"allow_mass_deletion", false}, {"most_vanishing_percent", percent}};
    };
    EXPECT_EQ(apply(fewer, json::object{{"allow_mass_deletion", false}}), 409);
    EXPECT_EQ(apply(fewer, most(29)), 409);
    EXPECT_EQ(apply(fewer, most(101)), 422);
    EXPECT_EQ(apply(fewer, most(30)), 200);
    EXPECT_EQ(shown(fewer).at("state").as_string(), "applied");
    const people::AuditEntry entry = people::audit_log(db(), 1)->front();
    EXPECT_EQ(entry.action, "knowledge.delivery_forced");
    EXPECT_EQ(entry.fields, "most_vanishing_percent");
}

TEST_P(KnowledgeDeliveries, UndoIsRefusedAfterItsLastDay) {
    const std::int64_t id = read(transfer(service("1", "Vom Land")));
    const std::string one = "/deliveries/" + std::to_string(id);
    ASSERT_EQ(post(one + "/apply", json::object{{"allow_mass_deletion", false}}).status, 200);
    deliveries_->wait_for(id);
    clock_.set(to_instant({2027, 2, 22}, 9 * 3600));
    sign_in("rita");
    EXPECT_FALSE(shown(id).at("undoable").as_bool());
    EXPECT_EQ(shown(id).at("undo_until").as_string(), "2027-02-21");
    const auto refused = ask("POST", path(one + "/undo"), {"rita", "", {}});
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(json_of(refused).at("code").as_string(), "knowledge.undo_over");
    EXPECT_NE(refused.body.find("2027-02-21"), std::string::npos) << refused.body;
}

TEST_P(KnowledgeDeliveries, WhatIsWrongIsSaidInWords) {
    const std::int64_t id = read("<broken");
    EXPECT_EQ(shown(id).at("state").as_string(), "failed");
    EXPECT_EQ(shown(id).at("problem").at("code").as_string(), "knowledge.xml_malformed");
    EXPECT_EQ(ask("DELETE", path("/deliveries/" + std::to_string(id)), {"rita", "", {}}).status,
              204);
    EXPECT_EQ(get(path("/deliveries/" + std::to_string(id)), "rita").status, 404);
}

TEST_P(KnowledgeDeliveries, TheServiceCentresEditorsAlone) {
    add_user("nah", {people::Role::editor}, kLangenhagen);
    sign_in("nah");
    const json::object body{{"name", "land.xml"}, {"bytes", 3}};
    EXPECT_EQ(post("/uploads", body, "nah").status, 403);
    EXPECT_EQ(get(path("/deliveries"), "nah").status, 403);
    EXPECT_EQ(post("/uploads", body, "anke").status, 403); // an agent
    const auto begun = post("/uploads", body);
    const std::string upload(json_of(begun).at("upload").as_string());
    EXPECT_EQ(put_piece(upload, 0, "abc", "chef").status, 404); // somebody else's
    EXPECT_EQ(put_piece(upload, 1, "bc").status, 409);
    EXPECT_EQ(ask("DELETE", path("/uploads/" + upload), {"rita", "", {}}).status, 204);
}

// the town hall reads what the centre tells its citizens, and nothing else.
TEST_P(KnowledgeDeliveries, AReaderReadsAndNothingElse) {
    add_user("rathaus", {people::Role::reader}, kLangenhagen);
    sign_in("rathaus");
    EXPECT_EQ(get(path("/services?q=ausweis&ars=") + to_ars(kLangenhagen), "rathaus").status, 200);
    for (const std::string &closed :
         {std::string("/desk"), std::string("/situation"), std::string("/reports/calls"),
          std::string("/invoices"), std::string("/agents"), std::string("/audit"),
          std::string("/knowledge/tasks"), std::string("/knowledge/gaps"),
          std::string("/knowledge/deliveries"), "/calls/" + std::to_string(kCallOfLangenhagen)}) {
        EXPECT_EQ(get("/api/v1" + closed, "rathaus").status, 403) << closed;
    }
    EXPECT_EQ(get("/api/v1/municipalities/" + to_ars(kWedemark), "rathaus").status, 404);
    EXPECT_EQ(post("/tasks", json::object{}, "rathaus").status, 403);
}

} // namespace
} // namespace fernamt::web
