// SPDX-License-Identifier: EUPL-1.2
// The towns' websites as their editors enter them over the API: who may, what is refused, what is
// told while one is being read from a real web server, and the way back after a removal.
#include "knowledge/sources.h"
#include "knowledge/testing/website.h"
#include "people/audit.h"
#include "web/testing/api_test_base.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <thread>

namespace fernamt::web::testing {
namespace {

const std::string kSites = "/api/v1/knowledge/websites";
const std::string kSources = "/api/v1/knowledge/sources";
const std::string kRead = "/api/v1/knowledge/website-readings";

class KnowledgeWebsites : public ApiTest {
  protected:
    void SetUp() override {
        ApiTest::SetUp();
        add_user("mitte", {people::Role::editor});
        add_user("lara", {people::Role::editor}, kLangenhagen);
        add_user("wanda", {people::Role::editor}, kWedemark);
        for (const char *login : {"mitte", "lara", "wanda"})
            sign_in(login);
        web_.put("/", "<p>Start</p><a href='/wald'>w</a>");
        web_.put("/wald", "<p>Die Trauerhalle öffnet um neun Uhr.</p>");
    }
    void TearDown() override {
        websites_->stop();
        ApiTest::TearDown();
    }
    net::Response send(const std::string &method, const std::string &target,
                       const std::string &login, const json::value &body,
                       const std::string &if_match = "") {
        Asked asked{login, body.is_null() ? "" : json::serialize(body), {}};
        if (!if_match.empty()) asked.headers.emplace("if-match", if_match);
        return ask(method, target, std::move(asked));
    }
    static json::object site(const std::string &address, MunicipalityId municipality) {
        json::object made = limits(address);
        made["municipality"] = to_ars(municipality);
        return made;
    }
    static json::object limits(const std::string &address) {
        json::object made;
        made["address"] = address;
        made["most_pages"] = 100;
        made["pause_seconds"] = 1;
        return made;
    }
    static json::object wish(const std::string &address) {
        json::object made;
        made["address"] = address;
        made["losses_meant"] = false;
        return made;
    }
    json::value sources(const std::string &login) { return json_of(get(kSources, login)); }
    // Waits for what a reading brings, however long that takes.
    void until(const char *what, const std::function<bool()> &holds) {
        for (int i = 0; i < 6'000; ++i) {
            if (holds()) return;
            std::this_thread::sleep_for(10ms);
        }
        ADD_FAILURE() << "never: " << what;
    }
    std::string last_audit() {
        const auto entries = people::audit_log(db(), 1);
        return entries && !entries->empty()
                   ? entries->front().action + " " + entries->front().fields
                   : "";
    }

    knowledge::testing::Website web_;
};

TEST_P(KnowledgeWebsites, AreReadFoundStoppedRemovedAndTakenBack) {
    websites_->start();
    const auto made = send("POST", kSites, "lara", site(web_.at(), kLangenhagen));
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(last_audit(), "website.added ");
    const std::string one = kSites + "/" + std::to_string(json_of(made).at("id").as_int64());
    until("read", [&] { return !sources("lara").at("items").at(0).at("last").is_null(); });
    const json::value item = sources("lara").at("items").at(0);
    EXPECT_EQ(item.at("last").at("outcome"), "complete");
    EXPECT_EQ(item.at("last").at("searched"), 2);
    EXPECT_EQ(item.at("site").at("most_pages"), 100);
    EXPECT_EQ(item.at("overruled"), false);
    ASSERT_TRUE(catalogue_->refresh());
    const std::string find = "/api/v1/knowledge/services?q=trauerhalle&municipality=";
    EXPECT_EQ(json_of(get(find + to_ars(kLangenhagen), "anke")).at("websites").as_array().size(),
              1U);
    EXPECT_TRUE(json_of(get(find + to_ars(kWedemark), "anke")).at("websites").as_array().empty());

    json::object stopped = limits(web_.at());
    stopped["stopped"] = true;
    EXPECT_EQ(send("PUT", one, "lara", stopped).status, 422) << "without a version";
    EXPECT_EQ(send("PUT", one, "lara", stopped, "\"7\"").status, 412);
    const auto changed = send("PUT", one, "lara", stopped, "\"1\"");
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(last_audit(), "website.changed stopped");
    EXPECT_EQ(send("POST", kRead, "lara", wish(web_.at())).status, 404) << "stopped";

    const auto removed = send("DELETE", one, "mitte", nullptr, "\"2\"");
    ASSERT_EQ(removed.status, 200) << removed.body;
    EXPECT_TRUE(sources("lara").at("items").as_array().empty());
    ASSERT_TRUE(catalogue_->refresh());
    EXPECT_TRUE(
        json_of(get(find + to_ars(kLangenhagen), "anke")).at("websites").as_array().empty());
    const json::value gone = sources("lara").at("removed").at(0);
    EXPECT_EQ(std::string_view(gone.at("address").as_string()), web_.at());
    EXPECT_EQ(gone.at("version"), 3);
    const auto back = send("POST", one + "/restore", "lara", nullptr, "\"3\"");
    ASSERT_EQ(back.status, 200) << back.body;
    EXPECT_EQ(last_audit(), "website.restored ");
    EXPECT_TRUE(sources("lara").at("removed").as_array().empty());
    EXPECT_EQ(sources("lara").at("items").at(0).at("site").at("stopped"), true);
}

TEST_P(KnowledgeWebsites, TellHowFarAReadingIs) {
    std::string links;
    for (int i = 0; i < 90; ++i) {
        links += "<a href='/" + std::to_string(i) + "'>x</a>";
        web_.put("/" + std::to_string(i), "<p>Seite " + std::to_string(i) + "</p>");
    }
    web_.put("/", "<p>Start</p>" + links);
    ASSERT_EQ(send("POST", kSites, "lara", site(web_.at(), kLangenhagen)).status, 201);
    EXPECT_EQ(sources("lara").at("items").at(0).at("waiting"), true) << "nobody reads yet";
    websites_->start();
    until("under way", [&] {
        const json::value item = sources("lara").at("items").at(0);
        return !item.at("reading").is_null() && item.at("reading").at("asked").as_int64() > 0;
    });
    EXPECT_EQ(sources("lara").at("items").at(0).at("waiting"), false);
    EXPECT_TRUE(sources("wanda").at("items").as_array().empty()) << "nothing of others";
}

TEST_P(KnowledgeWebsites, NoTownSeesOrChangesAnothers) {
    const auto made =
        send("POST", kSites, "lara", site("https://langenhagen.example/", kLangenhagen));
    ASSERT_EQ(made.status, 201) << made.body;
    const std::string one = kSites + "/" + std::to_string(json_of(made).at("id").as_int64());
    json::object stopped = limits("https://anders.example/");
    stopped["stopped"] = true;
    EXPECT_EQ(send("POST", kSites, "wanda", site("https://x.example/", kLangenhagen)).status, 404);
    EXPECT_EQ(send("PUT", one, "wanda", stopped, "\"1\"").status, 404);
    EXPECT_EQ(send("DELETE", one, "wanda", nullptr, "\"1\"").status, 404);
    EXPECT_EQ(send("POST", one + "/restore", "wanda", nullptr, "\"1\"").status, 404);
    EXPECT_EQ(send("POST", kRead, "wanda", wish("https://langenhagen.example/")).status, 404);
    EXPECT_TRUE(sources("wanda").at("items").as_array().empty());
    EXPECT_EQ(send("DELETE", one, "mitte", nullptr, "\"1\"").status, 200);
    EXPECT_TRUE(sources("wanda").at("removed").as_array().empty());
    EXPECT_EQ(sources("lara").at("removed").as_array().size(), 1U);
    for (const char *login : {"anke", "chef"}) { // no editors
        EXPECT_EQ(get(kSources, login).status, 403);
        EXPECT_EQ(send("POST", kSites, login, site("https://y.example/", kLangenhagen)).status,
                  403);
    }
    EXPECT_EQ(send("POST", kSites, "mitte", site("https://z.example/", MunicipalityId{51240000000}))
                  .status,
              404)
        << "nobody answers for that town here";
}

TEST_P(KnowledgeWebsites, RefuseWhatIsNoneAndWhatTheOperatorDoesNotAllow) {
    const auto code = [&](const std::string &address) {
        return code_of(send("POST", kSites, "lara", site(address, kLangenhagen)));
    };
    EXPECT_EQ(code("ftp://x.example/"), "website.address");
    EXPECT_EQ(code("x.example"), "website.address");
    ASSERT_EQ(send("POST", kSites, "wanda", site("https://x.example/", kWedemark)).status, 201);
    EXPECT_EQ(code("https://x.example/amt"), "website.taken");
    json::object many = site("https://viel.example/", kLangenhagen);
    many["most_pages"] = 5'001;
    EXPECT_EQ(send("POST", kSites, "lara", many).status, 422);
    EXPECT_EQ(send("POST", kRead, "lara", wish("https://nie.example/")).status, 404);

    // What was entered while more was allowed is named, and not read.
    ASSERT_EQ(send("POST", kSites, "lara", site(web_.at(), kLangenhagen)).status, 201);
    websites_ = std::make_unique<knowledge::WebsiteOffice>(db(), clock_,
                                                           knowledge::WebsiteOffice::Options{});
    start_api();
    const json::value item = sources("lara").at("items").at(0);
    EXPECT_EQ(item.at("overruled"), true);
    EXPECT_EQ(item.at("waiting"), false);
    EXPECT_EQ(code_of(send("POST", kRead, "lara", wish(web_.at()))), "website.not_public");
    const std::int64_t id = item.at("site").at("id").as_int64();
    json::object stopped = limits(web_.at());
    stopped["stopped"] = true;
    const auto done = send("PUT", kSites + "/" + std::to_string(id), "lara", stopped, "\"1\"");
    EXPECT_EQ(done.status, 200) << done.body;
    for (const char *inside : {"http://127.0.0.1/", "http://169.254.169.254/latest/meta-data/",
                               "http://rathaus.internal/", "https://www.langenhagen.example:444/"})
        EXPECT_EQ(code(inside), "website.not_public") << inside;
}

TEST_P(KnowledgeWebsites, TheConfigurationsAreShownAndReadButNotChanged) {
    using enum knowledge::Source::Kind;
    ASSERT_TRUE(knowledge::note_sources(db(), {{website, kLangenhagen, web_.at()}}));
    websites_ = std::make_unique<knowledge::WebsiteOffice>(
        db(), clock_,
        knowledge::WebsiteOffice::Options{
            .configured = {{.municipality = kLangenhagen, .start = web_.at()}},
            .guard = {.private_hosts = {web_.kHost}, .hosts = {}},
            .every = Duration{}});
    start_api();
    const json::value item = sources("lara").at("items").at(0);
    EXPECT_TRUE(item.at("site").is_null());
    EXPECT_EQ(item.at("waiting"), false) << "only when somebody asks";
    ASSERT_EQ(send("POST", kRead, "lara", wish(web_.at())).status, 204);
    EXPECT_EQ(last_audit(), "website.read_now ");
    EXPECT_EQ(sources("lara").at("items").at(0).at("waiting"), true);
    websites_->start();
    until("read", [&] { return !sources("lara").at("items").at(0).at("last").is_null(); });
    const auto lately = send("POST", kRead, "lara", wish(web_.at()));
    EXPECT_EQ(lately.status, 429);
    EXPECT_EQ(code_of(lately), "website.read_lately");
}

FERNAMT_ON_EVERY_ENGINE(KnowledgeWebsites);

} // namespace
} // namespace fernamt::web::testing
