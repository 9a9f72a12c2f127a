// SPDX-License-Identifier: EUPL-1.2
// The API of a house whose search index is still being built: everything but the search is as ever,
// the search finds names and says so to whoever asks, and nothing of that is kept by anybody.
#include "web/testing/api_test_base.h"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace fernamt::web::testing {
namespace {

const std::string kTown = to_ars(kLangenhagen);

class SearchBuilding : public ApiTest {
  protected:
    void SetUp() override {
        ApiTest::SetUp();
        auto opened = knowledge::Catalogue::open(db(), directory_.path() + "/not_built", 0);
        ASSERT_TRUE(opened) << describe(opened.error());
        catalogue_ = std::move(*opened);
        start_api();
    }
    json::value desk(const std::string &words) {
        const auto answer =
            get("/api/v1/knowledge/services?municipality=" + kTown + "&q=" + words, "anke");
        EXPECT_EQ(answer.status, 200) << answer.body;
        return json_of(answer);
    }
    net::Response page(const std::string &words) {
        return get("/buerger/" + kTown + "?q=" + words, "");
    }
    static std::string header(const net::Response &response, std::string_view name) {
        for (const auto &[known, value] : response.headers) {
            if (known == name) return value;
        }
        return "";
    }
    std::string metrics() { return ask("GET", "/metrics", {.from = "127.0.0.1"}).body; }
};
FERNAMT_ON_EVERY_ENGINE(SearchBuilding);

TEST_P(SearchBuilding, TheDeskFindsNamesAndIsToldSo) {
    const auto found = desk("personalausweis");
    EXPECT_EQ(found.at("building").at("done"), 0);
    EXPECT_GT(found.at("building").at("of").as_int64(), 100);
    ASSERT_GT(found.at("total").as_int64(), 0);
    const auto id = found.at("items").at(0).at("id").as_int64();
    EXPECT_EQ(
        get("/api/v1/knowledge/services/" + std::to_string(id) + "?municipality=" + kTown, "anke")
            .status,
        200);
    EXPECT_GT(desk("").at("total").as_int64(), 20);
    ASSERT_TRUE(catalogue_->refresh_index());
    EXPECT_TRUE(desk("personalausweis").at("building").is_null());
    EXPECT_TRUE(desk("").at("building").is_null());
}

TEST_P(SearchBuilding, WhatNamesDoNotFindIsNoGap) {
    add_user("berta", {people::Role::agent});
    add_user("mitte", {people::Role::editor});
    sign_in("berta");
    sign_in("mitte");
    const std::string target = "/api/v1/knowledge/services?municipality=" + kTown + "&q=qxzwvk";
    const auto gaps_after_searches = [&] {
        for (int i = 0; i < 3; ++i) {
            for (const char *login : {"anke", "berta"}) {
                clock_.advance(11s); // they have settled on it
                const auto answer = get(target, login);
                EXPECT_EQ(json_of(answer).at("total").as_int64(), 0) << answer.body;
            }
        }
        return json_of(get("/api/v1/knowledge/gaps", "mitte")).at("items").as_array().size();
    };
    EXPECT_EQ(gaps_after_searches(), 0U);
    ASSERT_TRUE(catalogue_->refresh_index());
    EXPECT_EQ(gaps_after_searches(), 1U);
}

TEST_P(SearchBuilding, CitizensReadSoAndNoCacheKeepsIt) {
    const std::string german = "Die Suche wird gerade aufgebaut.";
    const auto found = page("personalausweis");
    EXPECT_EQ(found.status, 200);
    EXPECT_NE(found.body.find(german), std::string::npos);
    EXPECT_NE(found.body.find("Personalausweis"), std::string::npos);
    EXPECT_NE(found.body.find("href=\"/buerger/" + kTown + "?q=personalausweis\""),
              std::string::npos)
        << "to search again";
    EXPECT_EQ(header(found, "Cache-Control"), "no-store");
    EXPECT_EQ(header(found, "ETag"), "");
    const auto nothing = page("Blaubeer\"><b>schokolade&lang=en");
    EXPECT_NE(nothing.body.find("The search is being built."), std::string::npos);
    EXPECT_EQ(nothing.body.find("<b>"), std::string::npos);
    EXPECT_EQ(page("").body.find(german), std::string::npos) << "the list needs no index";
    const auto open = get("/api/public/v1/towns/" + kTown + "/services?q=personalausweis", "");
    EXPECT_TRUE(json_of(open).at("building").is_object());
    EXPECT_EQ(header(open, "Cache-Control"), "no-store");

    ASSERT_TRUE(catalogue_->refresh_index());
    EXPECT_EQ(page("personalausweis").body.find(german), std::string::npos);
    EXPECT_EQ(header(page("personalausweis"), "Cache-Control"), "public, max-age=60");
    EXPECT_TRUE(json_of(get("/api/public/v1/towns/" + kTown + "/services?q=personalausweis", ""))
                    .at("building")
                    .is_null());
}

// A client written for the portal's shape cannot be told anything else than to come again.
TEST_P(SearchBuilding, ThePortalsShapeComesAgain) {
    const std::string portal = "/api/public/pvog/v7/servicedescriptions/" + kTown;
    const auto refused = get(portal + "?q=personalausweis", "");
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(code_of(refused), "search.building");
    EXPECT_EQ(header(refused, "Retry-After"), "5");
    EXPECT_EQ(get(portal, "").status, 200) << "all of them need no index";
    ASSERT_TRUE(catalogue_->refresh_index());
    EXPECT_EQ(get(portal + "?q=personalausweis", "").status, 200);
}

TEST_P(SearchBuilding, IsReadyForCallsAndCounted) {
    EXPECT_EQ(get("/readyz", "").status, 200);
    EXPECT_NE(metrics().find("fernamt_search_ready 0\n"), std::string::npos);
    ASSERT_TRUE(catalogue_->refresh_index());
    EXPECT_NE(metrics().find("fernamt_search_ready 1\n"), std::string::npos);
}

} // namespace
} // namespace fernamt::web::testing
