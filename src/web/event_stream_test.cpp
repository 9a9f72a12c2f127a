// SPDX-License-Identifier: EUPL-1.2
// The event stream of the real server behind the real API: who hears what, who is counted, and that
// nothing is heard after signing out.
#include "net/client.h"
#include "web/audience.h"
#include "web/gate.h"
#include "web/testing/api_test_base.h"

#include <boost/json/serialize.hpp>

#include <thread>

namespace fernamt::web::testing {
namespace {

TEST(Audience, NamesThePersonAndTheCentre) {
    const people::Principal centre{UserId{7}, {people::Role::lead}, std::nullopt};
    const people::Principal town{UserId{7}, {people::Role::lead}, kWedemark};
    EXPECT_TRUE(is_user(audience_of(centre), UserId{7}));
    EXPECT_TRUE(is_user(audience_of(town), UserId{7}));
    EXPECT_FALSE(is_user(audience_of(centre), UserId{77}));
    EXPECT_FALSE(is_user(audience_of({UserId{77}, {}, std::nullopt}), UserId{7}));
    EXPECT_TRUE(is_centre(audience_of(centre)));
    EXPECT_FALSE(is_centre(audience_of(town)));
}

class EventStreams : public ApiTest {
  protected:
    void SetUp() override {
        ApiTest::SetUp();
        server_ = net::Server::create({.port = 0}, api_->router(), hub_, api_->authorise_events());
        std::string error;
        ASSERT_TRUE(server_->start(error)) << error;
    }
    void TearDown() override { server_->stop(); }

    net::EventStream listen(const std::string &login) {
        const std::string cookie = std::string(kSessionCookie) + "=" + tokens_[login];
        auto stream = net::EventStream::open("127.0.0.1", server_->port(), "/api/v1/events",
                                             {{"Cookie", cookie}});
        EXPECT_TRUE(stream) << login;
        return stream ? std::move(*stream) : net::EventStream{};
    }
    void wait_for_listeners(int count) {
        for (int i = 0; i < 1000 && hub_.listeners() != count; ++i)
            std::this_thread::sleep_for(10ms);
        ASSERT_EQ(hub_.listeners(), count);
    }

    std::unique_ptr<net::Server> server_;
};

TEST_P(EventStreams, AMunicipalityHearsNothingOfTheCentresQueue) {
    add_user("fremd", {people::Role::lead}, kWedemark);
    sign_in("fremd");
    auto agent = listen("anke"), stranger = listen("fremd");
    wait_for_listeners(2);
    publish_change(hub_, {{AgentId{agent_.value}}, true});
    hub_.publish({"knowledge", "{}", {}});
    EXPECT_EQ(agent.next(10s)->event, "desk");
    EXPECT_EQ(agent.next(10s)->event, "situation");
    EXPECT_EQ(agent.next(10s)->event, "knowledge");
    EXPECT_EQ(stranger.next(10s)->event, "knowledge");
}

// Part 10 of the knowledge: a town's internal note and its draft pass nobody's stream.
TEST_P(EventStreams, SayThatKnowledgeHasChangedAndNeverWhat) {
    add_user("wanda", {people::Role::editor}, kWedemark);
    add_user("lara", {people::Role::editor}, kLangenhagen);
    for (const char *login : {"wanda", "lara"})
        sign_in(login);
    std::vector<net::EventStream> streams;
    for (const char *login : {"anke", "wanda", "lara"})
        streams.push_back(listen(login));
    wait_for_listeners(3);
    const std::string secret = "Zwetschgenschluessel";
    const std::string draft = R"({"municipality":")" + to_ars(kWedemark) +
                              R"(","part":"fee","internal":true,"lines":[")" + secret +
                              R"("],"expires_on":null,"edition":0})";
    const auto saved = ask("PUT", "/api/v1/knowledge/services/1/draft", {"wanda", draft, {}});
    ASSERT_EQ(saved.status, 200) << saved.body;
    ASSERT_NE(get("/api/v1/knowledge/services/1/texts?municipality=" + to_ars(kWedemark), "wanda")
                  .body.find(secret),
              std::string::npos);
    hub_.publish({"knowledge", "{}", {}}); // as when it is released
    hub_.publish({"end", "{}", {}});
    for (net::EventStream &stream : streams) {
        auto event = stream.next(10s);
        for (; event && event->event != "end"; event = stream.next(10s))
            EXPECT_EQ(event->data, "{}") << event->event;
        EXPECT_TRUE(event) << "heard to the end";
    }
}

TEST_P(EventStreams, EndWithTheirSessionAndNoOther) {
    auto here = listen("anke");
    const std::string first = tokens_["anke"];
    sign_in("anke"); // the same person in a second browser
    auto there = listen("anke");
    wait_for_listeners(2);
    EXPECT_NE(ask("GET", "/metrics", {.from = "127.0.0.1"}).body.find("fernamt_sse_clients 2"),
              std::string::npos);

    tokens_["first"] = first;
    ASSERT_EQ(ask("DELETE", "/api/v1/session", {"first", "", {}}).status, 204);
    EXPECT_FALSE(here.next(30s)); // the server itself asks only every 60 s
    EXPECT_TRUE(here.ended());
    wait_for_listeners(1);
    hub_.publish({"knowledge", "{}", {}});
    EXPECT_EQ(there.next(10s)->event, "knowledge");
    EXPECT_NE(ask("GET", "/metrics", {.from = "127.0.0.1"}).body.find("fernamt_sse_clients 1"),
              std::string::npos);
}

TEST_P(EventStreams, EndWhenThePersonIsDeactivated) {
    auto stream = listen("anke");
    wait_for_listeners(1);
    const json::value people = json_of(get("/api/v1/agents", "chef"));
    json::object anke;
    for (const json::value &one : people.at("items").as_array()) {
        if (one.at("login").as_string() == "anke") anke = one.as_object();
    }
    const std::string version = std::to_string(anke.at("version").as_int64());
    const json::object change{{"display_name", anke.at("display_name")},
                              {"roles", anke.at("roles")},
                              {"municipality", nullptr},
                              {"active", false}};
    const auto changed = ask("PUT", "/api/v1/agents/" + std::to_string(agent_.value),
                             {"chef", json::serialize(change), {{"if-match", version}}});
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_FALSE(stream.next(30s));
    EXPECT_TRUE(stream.ended());
}

FERNAMT_ON_EVERY_ENGINE(EventStreams);

} // namespace
} // namespace fernamt::web::testing
