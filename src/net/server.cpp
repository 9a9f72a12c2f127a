// SPDX-License-Identifier: EUPL-1.2
// The server: its connections and requests.
#include "base/address_range.h"
#include "base/log.h"
#include "base/text.h"
#include "net/compression.h"
#include "net/server_impl.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace fernamt::net {
namespace {

constexpr std::int64_t kSlowestBytesPerSecond = 64 * 1024;
constexpr Duration kLingerTime = 2s; // a refused client may finish sending before we hang up

} // namespace

bool ServerImpl::listen(std::string &error) {
    error_code failed;
    const auto address = asio::ip::make_address(options_.address, failed);
    if (failed) {
        error = "\"" + options_.address + "\" is not an IP address to listen on";
        return false;
    }
    const tcp::endpoint endpoint(address, options_.port);
    acceptor_ = std::make_unique<tcp::acceptor>(io_);
    acceptor_->open(endpoint.protocol(), failed);
    if (!failed) acceptor_->set_option(tcp::acceptor::reuse_address(true), failed);
    if (!failed) acceptor_->bind(endpoint, failed);
    if (!failed) acceptor_->listen(asio::socket_base::max_listen_connections, failed);
    if (failed == asio::error::address_in_use) {
        error = fmt::format("port {} on {} is in use by another program", options_.port,
                            options_.address);
    } else if (failed == asio::error::access_denied) {
        error = fmt::format("port {} on {} needs a privilege this process does not have",
                            options_.port, options_.address);
    } else if (failed) {
        error = fmt::format("cannot listen on {} port {}: {}", options_.address, options_.port,
                            failed.message());
    }
    if (failed) acceptor_.reset();
    if (!failed) port_ = acceptor_->local_endpoint().port();
    return !failed;
}

bool ServerImpl::start(std::string &error) {
    if (thread_.joinable()) {
        error = "the server is running already";
        return false;
    }
    if (options_.certificate_file.empty() != options_.key_file.empty()) {
        error = "TLS needs both a certificate and a key";
        return false;
    }
    if (!options_.certificate_file.empty()) {
        tls_ = make_tls_context(options_.certificate_file, options_.key_file, error);
        if (!tls_) return false;
    }
    if (!listen(error)) return false;
    workers_ = std::make_unique<asio::thread_pool>(
        static_cast<std::size_t>(std::max(options_.worker_threads, 1)));
    subscription_ = hub_.subscribe([this] {
        if (wake_pending_.exchange(true)) return;
        asio::post(io_, [this] { wake_event_streams(); });
    });
    asio::co_spawn(io_, accept(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
    return true;
}

void ServerImpl::stop() {
    if (!thread_.joinable()) return;
    hub_.unsubscribe(subscription_);
    asio::post(io_, [this] {
        stopping_ = true;
        acceptor_->close();
        for (const auto &connection : connections_) {
            if (connection->is_idle) connection->stream->cancel();
            if (connection->wake_up) connection->wake_up->cancel();
        }
    });
    std::unique_lock lock(ended_mutex_);
    const auto all_ended = [this] { return open_ == 0; };
    if (!ended_changed_.wait_for(lock, options_.stop_grace, all_ended)) {
        asio::post(io_, [this] {
            for (const auto &connection : connections_)
                connection->stream->close();
        });
        ended_changed_.wait(lock, all_ended); // a handler that blocks is waited for
    }
    lock.unlock();
    io_.stop();
    thread_.join();
    workers_->join();
}

asio::awaitable<void> ServerImpl::accept() {
    while (!stopping_) {
        error_code error;
        tcp::socket socket =
            co_await acceptor_->async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (error && stopping_) co_return;
        if (error) { // out of file descriptors and the like: breathe, then go on
            log::warning("http.accept_failed", {{"reason", error.message()}});
            asio::steady_timer pause(io_, std::chrono::milliseconds(100));
            error_code ignored;
            co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
            continue;
        }
        const tcp::endpoint peer = socket.remote_endpoint(error);
        if (error) continue;
        socket.set_option(tcp::no_delay(true), error);
        socket.set_option(tcp::socket::keep_alive(true), error);
        auto connection = std::make_shared<Connection>();
        connection->remote_address = peer.address().to_string();
        connection->stream =
            tls_ ? make_tls_stream(std::move(socket), *tls_) : make_plain_stream(std::move(socket));
        connections_.insert(connection);
        {
            const std::lock_guard lock(ended_mutex_);
            ++open_;
        }
        asio::co_spawn(io_, serve(connection), asio::detached);
    }
}

asio::awaitable<void> ServerImpl::serve(std::shared_ptr<Connection> connection) {
    try {
        co_await requests(connection);
    } catch (const std::exception &exception) {
        log::error("http.connection_failed", {{"reason", exception.what()}});
    }
    connection->stream->close();
    connections_.erase(connection);
    const std::lock_guard lock(ended_mutex_);
    if (--open_ == 0) ended_changed_.notify_all();
}

asio::awaitable<void> ServerImpl::requests(std::shared_ptr<Connection> connection) {
    if (tls_) {
        const Deadline deadline(io_, connection->stream, options_.read_timeout);
        const error_code error = co_await connection->stream->handshake();
        if (error) co_return;
    }
    if (connections_.size() > options_.max_connections) {
        Response busy = problem_response(503, "http.busy");
        busy.headers.emplace_back("Retry-After", "5");
        HeadOptions head;
        head.keep_alive = false;
        head.secure = connection->stream->secure();
        co_await send(*connection, busy, head, false);
        co_await linger(*connection);
        co_return;
    }
    RequestReader reader(io_, connection->stream, options_, bytes_in_flight_);
    Duration patience = options_.read_timeout;
    while (!stopping_) {
        connection->is_idle = true;
        const RequestReader::Head got = co_await reader.read_head(patience);
        connection->is_idle = false;
        patience = options_.idle_timeout;
        if (got == RequestReader::Head::closed) co_return;
        const auto began = std::chrono::steady_clock::now();
        Request &request = reader.request();
        request.remote_address = client_address(request, connection->remote_address);
        request.request_id = fmt::format("{}-{:x}", request_prefix_, ++requests_seen_);
        const bool is_get = request.method == "GET";
        if (got == RequestReader::Head::complete && is_get && !options_.events_path.empty() &&
            request.path == options_.events_path && !reader.has_body()) {
            co_await stream_events(connection, request);
            co_return;
        }
        Outcome outcome = co_await answer(reader);
        HeadOptions head;
        head.keep_alive = reader.keep_alive() && !outcome.close && !stopping_;
        head.secure = connection->stream->secure();
        head.request_id = request.request_id;
        const bool head_only = request.method == "HEAD";
        const std::string method = request.method;
        const bool sent = co_await send(*connection, outcome.response, head, head_only);
        const auto took =
            std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - began);
        if (options_.observe)
            options_.observe(method, outcome.route, outcome.response.status, took);
        if (!sent) co_return;
        if (!head.keep_alive) {
            co_await linger(*connection);
            co_return;
        }
        reader.forget_body();
    }
}

asio::awaitable<ServerImpl::Outcome> ServerImpl::answer(RequestReader &reader) {
    Outcome outcome;
    const std::string language = value_of(reader.request().headers, "accept-language");
    const Fault head_fault = reader.fault();
    if (head_fault) {
        outcome.response = problem_response(head_fault.status, head_fault.code, language);
        outcome.close = true;
        co_return outcome;
    }
    Request &request = reader.request();
    Router::Match match = router_.match(request.method, request.path);
    if (match.handler != nullptr) {
        outcome = co_await handle(reader, std::move(match));
        co_return outcome;
    }
    outcome.close = reader.has_body(); // unread: what follows is not a request
    const bool reads = request.method == "GET" || request.method == "HEAD";
    if (match.allowed.empty() && request.path == options_.events_path) match.allowed = {"GET"};
    if (match.allowed.empty() && reads && !outcome.close) {
        const auto find_file = [this, &request, &language] {
            auto file = files_.answer(request);
            return file ? std::move(*file) : problem_response(404, "http.not_found", language);
        };
        outcome.response = co_await on_worker(find_file);
        outcome.route = "static";
        co_return outcome;
    }
    if (match.allowed.empty()) {
        outcome.response = problem_response(404, "http.not_found", language);
        co_return outcome;
    }
    outcome.response = problem_response(405, "http.method_not_allowed", language);
    outcome.response.headers.emplace_back("Allow",
                                          fmt::format("{}", fmt::join(match.allowed, ", ")));
    co_return outcome;
}

asio::awaitable<ServerImpl::Outcome> ServerImpl::handle(RequestReader &reader,
                                                        Router::Match match) {
    Outcome outcome;
    outcome.route = match.pattern;
    Request &request = reader.request();
    const std::string language = value_of(request.headers, "accept-language");
    const Fault body_fault = co_await reader.read_body();
    if (body_fault) {
        outcome.response = problem_response(body_fault.status, body_fault.code, language);
        if (body_fault.status == 503) outcome.response.headers.emplace_back("Retry-After", "2");
        outcome.close = true;
        co_return outcome;
    }
    request.path_parameters = std::move(match.parameters);
    const auto work = [&request, &match, &language] {
        try {
            Response response = (*match.handler)(request);
            compress_for(request, response);
            static_cast<void>(serialise_head(response, {})); // a broken header is a defect, too
            return response;
        } catch (const std::exception &exception) {
            log::error("http.handler_failed", {{"request_id", request.request_id},
                                               {"route", match.pattern},
                                               {"reason", exception.what()}});
        } catch (...) {
            log::error("http.handler_failed",
                       {{"request_id", request.request_id}, {"route", match.pattern}});
        }
        return problem_response(500, "internal", language, {{"request_id", request.request_id}});
    };
    outcome.response = co_await on_worker(work);
    co_return outcome;
}

asio::awaitable<Response> ServerImpl::on_worker(std::function<Response()> work) {
    if (waiting_for_worker_ >= options_.max_waiting_requests) {
        Response busy = problem_response(503, "http.busy");
        busy.headers.emplace_back("Retry-After", "2");
        co_return busy;
    }
    ++waiting_for_worker_;
    const auto run = [](std::function<Response()> job) -> asio::awaitable<Response> {
        co_return job();
    };
    Response response = co_await asio::co_spawn(workers_->get_executor(), run(std::move(work)),
                                                asio::use_awaitable);
    --waiting_for_worker_;
    co_return response;
}

asio::awaitable<bool> ServerImpl::send(const Connection &connection, const Response &response,
                                       const HeadOptions &head, bool head_only) {
    const std::string text = serialise_head(response, head);
    std::vector<asio::const_buffer> parts{asio::buffer(text)};
    const bool bodiless = head_only || response.status == 204 || response.status == 304;
    if (!bodiless && !response.body.empty()) parts.push_back(asio::buffer(response.body));
    const auto seconds = static_cast<std::int64_t>(response.body.size()) / kSlowestBytesPerSecond;
    const Deadline deadline(io_, connection.stream,
                            options_.read_timeout + Duration{std::chrono::seconds{seconds}});
    const error_code error = co_await connection.stream->write(parts);
    co_return !error;
}

// Closing with unread input resets the connection and may destroy the answer under way
// (RFC 9112 section 9.6): stop writing, then drop what still comes for a moment.
asio::awaitable<void> ServerImpl::linger(const Connection &connection) {
    const Deadline deadline(io_, connection.stream, kLingerTime);
    const error_code unsent = co_await connection.stream->finish_writing();
    if (unsent) co_return;
    std::size_t dropped = 0;
    while (!deadline.passed() && !stopping_ && dropped < 2 * options_.max_body_bytes) {
        std::string rest;
        const error_code error = co_await connection.stream->read_some(rest, 16 * 1024);
        if (error) co_return;
        dropped += rest.size();
    }
}

std::string ServerImpl::client_address(const Request &request, const std::string &peer) const {
    const auto &trusted = options_.trusted_proxies;
    const bool is_proxy = std::any_of(trusted.begin(), trusted.end(),
                                      [&](const auto &range) { return lies_in(peer, range); });
    if (!is_proxy) return peer;
    const std::string forwarded = value_of(request.headers, "x-forwarded-for");
    const std::size_t comma = forwarded.rfind(',');
    const std::string_view last =
        trimmed(std::string_view(forwarded).substr(comma == std::string::npos ? 0 : comma + 1),
                kBlanksOfALine);
    error_code invalid;
    const auto address = asio::ip::make_address(std::string(last), invalid);
    return invalid ? peer : address.to_string();
}

std::unique_ptr<Server> Server::create(ServerOptions options, Router router, EventHub &hub,
                                       AuthoriseEvents authorise_events) {
    return std::make_unique<ServerImpl>(std::move(options), std::move(router), hub,
                                        std::move(authorise_events));
}

} // namespace fernamt::net
