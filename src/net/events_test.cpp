// SPDX-License-Identifier: EUPL-1.2
// Server-sent events over real sockets: resume, gaps, audiences, slow and vanished clients.
#include "net/client.h"
#include "net/http.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

namespace fernamt::net {
namespace {

class EventsTest : public testing::Test {
  protected:
    EventsTest() {
        options_.port = 0;
        options_.max_connections = 4000;
    }
    ~EventsTest() override {
        if (server_) server_->stop();
    }
    void start() {
        server_ = Server::create(options_, {}, *hub_, [this](const Request &request) {
            const std::lock_guard lock(mutex_);
            const auto who = request.query.find("who");
            if (who == request.query.end() || ended_sessions_.contains(who->second))
                return std::optional<std::string>{};
            if (request.method == "STREAM") ++asked_again_;
            return std::optional(who->second);
        });
        std::string error;
        ASSERT_TRUE(server_->start(error)) << error;
    }
    Expected<EventStream> open(const std::string &who, std::string_view last_id = {}) {
        return EventStream::open("127.0.0.1", server_->port(), "/api/v1/events?who=" + who, {},
                                 last_id);
    }
    // Waits until the server has seen what the client did; fails after 10 s.
    void wait_for_streams(const std::string &who, int count) {
        for (int i = 0; i < 1000 && hub_->listeners(who) != count; ++i)
            std::this_thread::sleep_for(10ms);
        ASSERT_EQ(hub_->listeners(who), count);
    }

    ServerOptions options_;
    std::unique_ptr<EventHub> hub_ = std::make_unique<EventHub>();
    std::unique_ptr<Server> server_;
    std::mutex mutex_;
    std::set<std::string> ended_sessions_;
    int asked_again_ = 0;
};

TEST_F(EventsTest, OnlyForTheSignedIn) {
    start();
    const auto refused = Client("127.0.0.1", server_->port()).get("/api/v1/events");
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 401);
    EXPECT_EQ(header(*refused, "content-type"), "application/problem+json");
}

TEST_F(EventsTest, ReachTheirAudienceInOrder) {
    start();
    auto agent = open("user:7"), lead = open("user:1");
    ASSERT_TRUE(agent && lead);
    const auto only_agent = [](const std::string &who) { return who == "user:7"; };
    hub_->publish({"desk", "{\"n\":1}", only_agent});
    hub_->publish({"situation", "{\"n\":2}", {}});
    const auto first = agent->next(5s), second = agent->next(5s), third = lead->next(5s);
    ASSERT_TRUE(first && second && third);
    EXPECT_EQ(first->event + first->data, "desk{\"n\":1}");
    EXPECT_EQ(second->event + second->data, "situation{\"n\":2}");
    EXPECT_EQ(std::stoll(second->id), std::stoll(first->id) + 1);
    EXPECT_EQ(third->event, "situation"); // and not "desk"
    EXPECT_EQ(third->id, second->id);
}

// Streams are woken once for what comes close together: the last of it, too.
TEST_F(EventsTest, ABurstArrivesWhole) {
    start();
    auto stream = open("user:7");
    ASSERT_TRUE(stream && stream->next_block(5s));
    for (int burst = 0; burst < 20; ++burst) {
        for (int i = 0; i < 3; ++i) {
            hub_->publish({"desk", std::to_string(i), {}});
            std::this_thread::sleep_for(2ms);
        }
        for (int i = 0; i < 3; ++i) {
            const auto event = stream->next(5s);
            ASSERT_TRUE(event) << burst << " " << i;
            EXPECT_EQ(event->data, std::to_string(i));
        }
    }
}

TEST_F(EventsTest, AClientResumesWhereItWas) {
    start();
    auto before = open("user:7");
    ASSERT_TRUE(before);
    ASSERT_TRUE(before->next_block(5s)); // retry and the id to resume from
    const std::string known = before->last_event_id();
    ASSERT_FALSE(known.empty());
    *before = EventStream{};
    hub_->publish({"desk", "{\"n\":1}", {}});
    hub_->publish({"desk", "{\"n\":2}", [](const std::string &who) { return who == "user:8"; }});
    hub_->publish({"desk", "{\"n\":3}", {}});
    auto after = open("user:7", known);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->next(5s)->data, "{\"n\":1}");
    EXPECT_EQ(after->next(5s)->data, "{\"n\":3}");
}

TEST_F(EventsTest, AGapOrAnotherProcessMeansReset) {
    hub_ = std::make_unique<EventHub>(4, SystemClock{}.now());
    start();
    auto stream = open("user:7");
    ASSERT_TRUE(stream && stream->next_block(5s));
    const std::string known = stream->last_event_id();
    for (int i = 0; i < 10; ++i)
        hub_->publish({"situation", "{}", {}});
    for (const std::string &last : {known, std::string("17"), std::string("99999999999999999"),
                                    std::string("x"), std::string("-3")}) {
        auto back = open("user:7", last);
        ASSERT_TRUE(back);
        const auto event = back->next(5s);
        ASSERT_TRUE(event) << last;
        EXPECT_EQ(event->event, "reset") << last;
        hub_->publish({"desk", "{}", {}}); // and it goes on from there
        EXPECT_EQ(back->next(5s)->event, "desk");
    }
}

TEST_F(EventsTest, HeartbeatsMoveTheIdOn) {
    options_.heartbeat = 50ms;
    start();
    auto stream = open("user:7");
    ASSERT_TRUE(stream && stream->next_block(5s));
    const std::string first = stream->last_event_id();
    hub_->publish({"desk", "{}", [](const std::string &) { return false; }});
    const auto beat = stream->next_block(5s);
    ASSERT_TRUE(beat);
    EXPECT_EQ(beat->event, "");
    for (int i = 0; i < 200 && stream->last_event_id() == first; ++i)
        stream->next_block(5s);
    EXPECT_EQ(std::stoll(stream->last_event_id()), std::stoll(first) + 1);
}

TEST_F(EventsTest, EndWhenTheSessionEnds) {
    options_.reauthorise = 50ms;
    start();
    auto stream = open("user:7");
    ASSERT_TRUE(stream && stream->next_block(5s));
    {
        const std::lock_guard lock(mutex_);
        ended_sessions_.insert("user:7");
    }
    EXPECT_FALSE(stream->next(10s));
    EXPECT_TRUE(stream->ended());
    wait_for_streams("user:7", 0);
}

TEST_F(EventsTest, EndAtOnceWhenAskedToCheckAgain) {
    start(); // would ask by itself only after 60 s
    auto gone = open("user:7"), stays = open("user:8");
    ASSERT_TRUE(gone && stays);
    wait_for_streams("user:7", 1);
    wait_for_streams("user:8", 1);
    EXPECT_EQ(hub_->listeners(), 2);
    {
        const std::lock_guard lock(mutex_);
        ended_sessions_.insert("user:7");
    }
    hub_->recheck_listeners();
    hub_->publish({"situation", "{}", {}}); // not for whoever has signed out
    EXPECT_FALSE(gone->next(10s));
    EXPECT_TRUE(gone->ended());
    EXPECT_EQ(stays->next(10s)->event, "situation");
    wait_for_streams("user:7", 0);
    EXPECT_EQ(hub_->listeners(), 1);
}

TEST_F(EventsTest, AVanishedClientIsNoticedAtOnce) {
    start(); // with a heartbeat of 10 s: not what notices it here
    auto stream = open("user:7"), other = open("user:7");
    ASSERT_TRUE(stream && other);
    wait_for_streams("user:7", 2);
    *stream = EventStream{};
    wait_for_streams("user:7", 1);
}

TEST_F(EventsTest, ASlowClientIsDroppedAndTheOthersAreNot) {
    options_.read_timeout = 3s;
    start();
    auto slow = open("user:7"), quick = open("user:8");
    ASSERT_TRUE(slow && quick);
    wait_for_streams("user:7", 1);
    // More than socket buffers hold, in steps the quick one keeps up with.
    const std::string bulk = fmt::format("\"{}\"", std::string(100'000, 'x'));
    for (int i = 0; i < 200; ++i) {
        hub_->publish({"situation", bulk, {}});
        ASSERT_TRUE(quick->next(10s));
    }
    wait_for_streams("user:7", 0);
    EXPECT_EQ(hub_->listeners("user:8"), 1);
}

TEST_F(EventsTest, StopEndsTheStreams) {
    start();
    auto stream = open("user:7");
    ASSERT_TRUE(stream && stream->next_block(5s));
    server_->stop();
    EXPECT_FALSE(stream->next(5s));
    EXPECT_TRUE(stream->ended());
}

TEST_F(EventsTest, AThousandClientsLoseNothing) {
    constexpr int kClients = 1000;
    start();
    std::vector<EventStream> streams;
    for (int i = 0; i < kClients; ++i) {
        auto stream = open(fmt::format("user:{}", i));
        ASSERT_TRUE(stream) << i << describe(stream.error());
        streams.push_back(std::move(*stream));
    }
    const auto mine = [](int i) {
        return
            [wanted = fmt::format("user:{}", i)](const std::string &who) { return who == wanted; };
    };
    for (int i = 0; i < kClients; ++i) {
        wait_for_streams(fmt::format("user:{}", i), 1);
        hub_->publish({"desk", fmt::format("{{\"of\":{}}}", i), mine(i)});
    }
    hub_->publish({"situation", "{}", {}});
    int complete = 0;
    for (int i = 0; i < kClients; ++i) {
        auto &stream = streams[static_cast<std::size_t>(i)];
        const auto first = stream.next(20s), second = stream.next(20s);
        if (first && second && first->data == fmt::format("{{\"of\":{}}}", i) &&
            second->event == "situation")
            ++complete;
    }
    EXPECT_EQ(complete, kClients);

    // All lose the network, each misses one event of its own, all come back.
    std::vector<std::string> known;
    for (auto &stream : streams) {
        known.push_back(stream.last_event_id());
        stream = EventStream{};
    }
    for (int i = 0; i < kClients; ++i)
        hub_->publish({"desk", "{\"again\":1}", mine(i)});
    int resumed = 0;
    for (int i = 0; i < kClients; ++i) {
        const auto place = static_cast<std::size_t>(i);
        auto stream = open(fmt::format("user:{}", i), known[place]);
        ASSERT_TRUE(stream) << i;
        const auto event = stream->next(20s);
        if (event && event->data == "{\"again\":1}") ++resumed;
    }
    EXPECT_EQ(resumed, kClients);
}

} // namespace
} // namespace fernamt::net
