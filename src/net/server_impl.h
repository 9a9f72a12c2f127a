// SPDX-License-Identifier: EUPL-1.2
// The server's inside: one I/O thread runs every connection as a coroutine, handlers run on a
// worker pool. No locks on the I/O thread's own state, because nothing else touches it. server.cpp:
// connections and requests; server_events.cpp: event streams. Nothing else includes it.
#pragma once

#include "net/event_hub.h"
#include "net/http.h"
#include "net/message.h"
#include "net/request_reader.h"
#include "net/static_files.h"
#include "net/stream.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <fmt/format.h>

#include <atomic>
#include <condition_variable>
#include <random>
#include <set>
#include <thread>

namespace fernamt::net {

using asio::ip::tcp;

[[nodiscard]] inline std::string value_of(const Parameters &values, std::string_view name) {
    const auto found = values.find(name);
    return found != values.end() ? found->second : std::string{};
}

struct Connection {
    std::shared_ptr<Stream> stream;
    std::string remote_address;
    bool is_idle = true;
    std::unique_ptr<asio::steady_timer> wake_up; // event streams only
    bool gone = false;                           // the event stream's client hung up
};

class ServerImpl final : public Server {
  public:
    ServerImpl(ServerOptions options, Router router, EventHub &hub,
               AuthoriseEvents authorise_events)
        : options_(std::move(options)), router_(std::move(router)), hub_(hub.impl()),
          authorise_events_(std::move(authorise_events)), files_(options_.static_directory) {
        std::random_device random;
        request_prefix_ = fmt::format("{:08x}", random());
        jitter_.seed(random());
    }
    ~ServerImpl() override { stop(); }

    bool start(std::string &error) override;
    void stop() override;
    [[nodiscard]] unsigned short port() const override { return port_; }

  private:
    struct Outcome {
        Response response;
        std::string route = "none";
        bool close = false;
    };

    bool listen(std::string &error);
    asio::awaitable<void> accept();
    asio::awaitable<void> serve(std::shared_ptr<Connection> connection);
    asio::awaitable<void> requests(std::shared_ptr<Connection> connection);
    asio::awaitable<Outcome> answer(RequestReader &reader);
    asio::awaitable<Outcome> handle(RequestReader &reader, Router::Match match);
    asio::awaitable<Response> on_worker(std::function<Response()> work);
    asio::awaitable<bool> send(const Connection &connection, const Response &response,
                               const HeadOptions &head, bool head_only);
    asio::awaitable<void> linger(const Connection &connection);
    asio::awaitable<void> stream_events(std::shared_ptr<Connection> connection, Request request);
    struct Seen {
        std::int64_t cursor = 0;    // the newest event
        std::uint64_t rechecks = 0; // EventHub::Impl::rechecks
    };
    asio::awaitable<void> feed(std::shared_ptr<Connection> connection, Request request,
                               std::string audience, Seen seen);
    asio::awaitable<std::optional<std::string>> audience_of(const Request &request);
    asio::awaitable<void> watch(std::shared_ptr<Connection> connection);
    asio::awaitable<bool> write_text(const Connection &connection, const std::string &text);
    void wake_event_streams();
    [[nodiscard]] std::string client_address(const Request &request, const std::string &peer) const;

    const ServerOptions options_;
    const Router router_;
    EventHub::Impl &hub_;
    const AuthoriseEvents authorise_events_;
    const StaticFiles files_;
    std::string request_prefix_;
    std::minstd_rand jitter_;

    asio::io_context io_{1};
    std::unique_ptr<asio::thread_pool> workers_;
    std::unique_ptr<asio::ssl::context> tls_;
    std::unique_ptr<tcp::acceptor> acceptor_;
    std::thread thread_;
    unsigned short port_ = 0;
    int subscription_ = 0;
    std::atomic<bool> wake_pending_ = false; // until the streams are woken
    asio::steady_timer waking_{io_};
    std::chrono::steady_clock::time_point woken_at_{};

    // I/O thread only
    bool stopping_ = false;
    std::set<std::shared_ptr<Connection>> connections_;
    std::size_t bytes_in_flight_ = 0;
    std::size_t waiting_for_worker_ = 0;
    std::uint64_t requests_seen_ = 0;

    std::mutex ended_mutex_;
    std::condition_variable ended_changed_;
    std::size_t open_ = 0;
};

} // namespace fernamt::net
