// SPDX-License-Identifier: EUPL-1.2
// The server's event streams: who may listen, what they missed, and when they have gone.
#include "base/log.h"
#include "net/server_impl.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <charconv>

// g++ 12 at -O2 inlines the new of a coroutine's frame and not its delete, and takes them for
// different allocators.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace fernamt::net {

namespace {

// A call changes what desks see six times in a few milliseconds: they are woken once for all that
// comes within this time after the last waking. Nobody sees it, and it is the publisher who waits
// for each waking.
constexpr std::chrono::milliseconds kBetweenWakings{10};

} // namespace

void ServerImpl::wake_event_streams() {
    const auto now = std::chrono::steady_clock::now();
    if (now < woken_at_ + kBetweenWakings) {
        waking_.expires_at(woken_at_ + kBetweenWakings);
        waking_.async_wait([this](const error_code &error) {
            if (!error) wake_event_streams();
        });
        return;
    }
    woken_at_ = now;
    wake_pending_ = false;
    for (const auto &connection : connections_) {
        if (connection->wake_up) connection->wake_up->cancel();
    }
}

asio::awaitable<std::optional<std::string>> ServerImpl::audience_of(const Request &request) {
    std::optional<std::string> audience;
    const auto ask = [this, &request, &audience] {
        try {
            if (authorise_events_) audience = authorise_events_(request);
        } catch (const std::exception &exception) {
            log::error("http.handler_failed", {{"request_id", request.request_id},
                                               {"route", "events"},
                                               {"reason", exception.what()}});
        }
        return Response{};
    };
    const Response asked = co_await on_worker(ask);
    static_cast<void>(asked);
    co_return audience;
}

asio::awaitable<void> ServerImpl::stream_events(std::shared_ptr<Connection> connection,
                                                Request request) {
    const std::uint64_t rechecks = hub_.rechecks(); // before asking: no sign-out slips through
    const std::optional<std::string> audience = co_await audience_of(request);
    HeadOptions head;
    head.keep_alive = false;
    head.secure = connection->stream->secure();
    head.request_id = request.request_id;
    if (!audience) {
        const Response refused =
            problem_response(401, "session.none", value_of(request.headers, "accept-language"));
        co_await send(*connection, refused, head, false);
        co_await linger(*connection);
        co_return;
    }
    // Before the answer: what happens after the client has seen it must not be missed.
    const std::int64_t newest = hub_.newest();
    Response opening;
    opening.headers = {{"Content-Type", "text/event-stream"}, {"X-Accel-Buffering", "no"}};
    head.until_close = true;
    const bool sent = co_await send(*connection, opening, head, false);
    if (!sent) co_return;
    connection->wake_up = std::make_unique<asio::steady_timer>(io_);
    hub_.count_listener(*audience, 1);
    asio::co_spawn(io_, watch(connection), asio::detached);
    try {
        co_await feed(connection, std::move(request), *audience, {newest, rechecks});
    } catch (const std::exception &exception) {
        log::error("http.event_stream_failed", {{"reason", exception.what()}});
    }
    hub_.count_listener(*audience, -1);
    connection->wake_up.reset();
}

asio::awaitable<void> ServerImpl::feed(std::shared_ptr<Connection> connection, Request request,
                                       std::string audience, Seen seen) {
    request.method = "STREAM"; // asked again for the session, not for an action of the user
    const std::string last = value_of(request.headers, "last-event-id");
    std::string text = fmt::format("retry: {}\n", 1000 + jitter_() % 2000);
    if (!last.empty()) {
        std::int64_t known = -1; // what is not a number is a gap
        const auto parsed = std::from_chars(last.data(), last.data() + last.size(), known);
        seen.cursor = parsed.ptr == last.data() + last.size() ? known : -1;
    }
    // An id without data: the client can resume from here even if it never sees an event.
    if (last.empty()) text += fmt::format("id: {}\n", seen.cursor);
    text += "\n";
    auto asked = std::chrono::steady_clock::now();
    auto beat = asked;
    while (!stopping_ && !connection->gone) {
        const std::uint64_t rechecks = hub_.rechecks();
        if (rechecks != seen.rechecks ||
            std::chrono::steady_clock::now() - asked >= options_.reauthorise) {
            seen.rechecks = rechecks;
            asked = std::chrono::steady_clock::now();
            const std::optional<std::string> still = co_await audience_of(request);
            if (still != audience) co_return;
        }
        const auto batch = hub_.after(seen.cursor, audience);
        seen.cursor = batch.cursor;
        if (batch.gap) text += fmt::format("id: {}\nevent: reset\ndata: {{}}\n\n", seen.cursor);
        text += batch.text;
        const auto now = std::chrono::steady_clock::now();
        if (text.empty() && now - beat >= options_.heartbeat)
            text = fmt::format(": heartbeat\nid: {}\n\n", seen.cursor);
        if (!text.empty()) {
            const bool sent = co_await write_text(*connection, text);
            if (!sent) co_return;
            text.clear();
            beat = std::chrono::steady_clock::now();
            continue;
        }
        connection->wake_up->expires_at(
            std::min(beat + options_.heartbeat, asked + options_.reauthorise));
        error_code woken;
        co_await connection->wake_up->async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
}

asio::awaitable<bool> ServerImpl::write_text(const Connection &connection,
                                             const std::string &text) {
    const Deadline deadline(io_, connection.stream, options_.read_timeout);
    const std::vector<asio::const_buffer> parts{asio::buffer(text)};
    const error_code error = co_await connection.stream->write(parts);
    if (error && deadline.passed()) log::info("http.slow_event_stream_dropped");
    co_return !error;
}

// Notices at once that the client of an event stream hung up, not only at the next heartbeat.
asio::awaitable<void> ServerImpl::watch(std::shared_ptr<Connection> connection) {
    std::size_t received = 0;
    while (received < 4096) { // an event stream's client has nothing to say
        std::string ignored;
        const error_code error = co_await connection->stream->read_some(ignored, 256);
        if (error) break;
        received += ignored.size();
    }
    connection->gone = true;
    connection->stream->cancel();
    if (connection->wake_up) connection->wake_up->cancel();
}

} // namespace fernamt::net
