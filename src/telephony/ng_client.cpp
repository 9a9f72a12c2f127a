// SPDX-License-Identifier: EUPL-1.2
#include "telephony/ng_client.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <utility>
#include <vector>

namespace fernamt::telephony {
namespace {

int connected_socket(std::string host, int port) {
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo *found = nullptr;
    if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return -1;
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
    for (const auto *to = found; to != nullptr; to = to->ai_next) {
        const int fd = ::socket(to->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0) continue;
        // Connected, so that the kernel reports a dead rtpengine on this host (ECONNREFUSED) at
        // once.
        if (::connect(fd, to->ai_addr, to->ai_addrlen) == 0) return fd;
        ::close(fd);
    }
    return -1;
}

auto unavailable() {
    return fail(ProblemKind::unavailable, "media.unavailable");
}

Expected<ng::Dict> judged(ng::Dict reply) {
    const auto *result = ng::text(reply, "result");
    if (result != nullptr && (*result == "ok" || *result == "pong")) return reply;
    const auto *reason = ng::text(reply, "error-reason");
    if (reason != nullptr && *reason == "Unknown call-id")
        return fail(ProblemKind::unavailable, "media.lost");
    // `statistics` has no result of its own in 10.5.
    if (result == nullptr && ng::dictionary(reply, "statistics") != nullptr) return reply;
    return fail(ProblemKind::internal, "media.refused",
                {{"reason", reason == nullptr ? "" : *reason}});
}

} // namespace

Expected<std::unique_ptr<NgClient>> NgClient::create(Loop &loop, Options options) {
    const int fd = connected_socket(options.host, options.port);
    if (fd < 0) return fail(ProblemKind::invalid_input, "media.address");
    std::unique_ptr<NgClient> client(new NgClient(loop, std::move(options), fd));
    return client;
}

NgClient::NgClient(Loop &loop, Options options, int fd)
    : loop_(loop), options_(std::move(options)), fd_(fd) {
    // rtpengine remembers cookies: a restarted process of ours must never repeat one.
    std::random_device random;
    cookie_prefix_ = fmt::format("{:08x}{:08x}", random(), random());
    loop_.watch(fd_, [this] { read(); });
    // The first look waits for the loop to run, so that a handler can be set before.
    probe_timer_ = loop_.after(0us, [this] { probe(); });
}

NgClient::~NgClient() {
    loop_.unwatch(fd_);
    loop_.cancel(probe_timer_);
    loop_.cancel(silence_timer_);
    ::close(fd_);
}

void NgClient::request(const ng::Command &command, Reply reply) {
    if (state_ == State::gone) {
        loop_.post([reply = std::move(reply)] { reply(unavailable()); });
        return;
    }
    start(command, std::move(reply), false);
}

void NgClient::start(const ng::Command &command, Reply reply, bool is_probe) {
    auto cookie = fmt::format("{}_{}", cookie_prefix_, next_cookie_++);
    auto datagram = cookie + ' ' + command.fields.text();
    const bool whole = command.name == "statistics" || command.name == "list";
    open_.emplace(cookie, Open{std::move(datagram), std::move(reply), 0, {}, is_probe, whole});
    send(cookie);
}

void NgClient::send(const Cookie &cookie) {
    auto &open = open_.at(cookie);
    const Duration wait = std::min(options_.retry_after * (1 << open.sent), kLongestWait);
    ++open.sent;
    open.again_at = std::chrono::steady_clock::now() + wait;
    look_again_at(open.again_at);
    const auto sent = ::send(fd_, open.datagram.data(), open.datagram.size(), MSG_NOSIGNAL);
    // A full socket buffer is a lost datagram: the timer sends it again.
    if (sent < 0 && errno == ECONNREFUSED)
        loop_.post([this, alive = std::weak_ptr(alive_)] {
            if (!alive.expired()) refused();
        });
    if (sent < 0 && errno == EMSGSIZE)
        finish(cookie, fail(ProblemKind::too_large, "media.refused"));
}

void NgClient::look_again_at(std::chrono::steady_clock::time_point when) {
    const bool armed = silence_timer_ != Loop::TimerId::none;
    if (armed && silence_looked_for_at_ <= when) return;
    loop_.cancel(silence_timer_);
    silence_looked_for_at_ = when;
    // Rounded up: at its time nothing must be too early by less than a microsecond.
    const auto left = std::chrono::ceil<Duration>(when - std::chrono::steady_clock::now());
    silence_timer_ = loop_.after(left, [this] { look_for_silence(); });
}

void NgClient::look_for_silence() {
    silence_timer_ = Loop::TimerId::none;
    const auto now = std::chrono::steady_clock::now();
    std::vector<Cookie> silent;
    for (const auto &[cookie, one] : open_)
        if (one.again_at <= now) silent.push_back(cookie);
    const std::weak_ptr<char> alive = alive_;
    for (const Cookie &cookie : silent) {
        timed_out(cookie);
        if (alive.expired()) return;
    }
    for (const auto &[cookie, one] : open_)
        look_again_at(one.again_at);
}

void NgClient::timed_out(const Cookie &cookie) {
    auto found = open_.find(cookie);
    if (found == open_.end()) return;
    if (found->second.sent < options_.attempts && state_ != State::gone) return send(cookie);
    if (state_ == State::gone) return finish(cookie, unavailable());
    gone();
}

void NgClient::read() {
    // One datagram per command of ours: bounded by what we have asked, but let others work too.
    static thread_local std::vector<char> buffer(65536);
    for (int i = 0; i < 64; ++i) {
        const auto size = ::recv(fd_, buffer.data(), buffer.size(), 0);
        if (size < 0 && errno == ECONNREFUSED) return refused();
        if (size < 0) return;
        const auto datagram = ng::split({buffer.data(), static_cast<std::size_t>(size)});
        if (!datagram) continue;
        nobody_listens_ = false;
        Cookie cookie(datagram->cookie);
        const auto asked = open_.find(cookie);
        if (asked == open_.end()) continue; // a late repetition
        const bool more = open_.size() > 1; // else nothing can be there yet
        auto reply = asked->second.whole ? ng::decode(datagram->dictionary)
                                         : ng::decode_flat(datagram->dictionary);
        if (!reply) {
            finish(cookie, fail(ProblemKind::internal, "media.refused", {{"reason", "bencode"}}));
            continue;
        }
        std::weak_ptr<char> alive = alive_;
        finish(cookie, judged(std::move(*reply)));
        if (alive.expired() || !more) return; // or a reply's handler has destroyed us
    }
}

void NgClient::finish(const Cookie &cookie, Expected<ng::Dict> result) {
    auto node = open_.extract(cookie);
    if (node.empty()) return;
    node.mapped().reply(std::move(result));
}

void NgClient::refused() {
    // The port was closed: whatever answers there next is another process.
    if (state_ != State::gone) ++generation_;
    last_uptime_ = 0;
    nobody_listens_ = true;
    gone();
}

void NgClient::gone() {
    const bool changed = state_ == State::available;
    state_ = State::gone;
    auto open = std::exchange(open_, {});
    probing_ = false;
    schedule_probe();
    std::weak_ptr<char> alive = alive_;
    if (changed || (!told_ && ++looks_ == options_.looks_at_start)) tell(false);
    for (auto &[cookie, one] : open) {
        if (alive.expired()) return;
        if (!one.probe) one.reply(unavailable());
    }
}

void NgClient::tell(bool available) {
    told_ = true;
    if (on_availability_) on_availability_(available);
}

void NgClient::died() {
    refused();
}

void NgClient::schedule_probe() {
    loop_.cancel(probe_timer_);
    const auto wait = state_ == State::gone ? options_.look_every : options_.ping_every;
    probe_timer_ = loop_.after(wait, [this] { probe(); });
}

void NgClient::probe() {
    schedule_probe();
    if (probing_ && state_ != State::gone) return; // the retries of the last one are under way
    probing_ = true;
    probed_at_ = std::chrono::steady_clock::now();
    // `statistics` rather than `ping`: its uptime tells a quick restart between two looks.
    start(
        ng::Command("statistics"),
        [this](Expected<ng::Dict> reply) {
            probing_ = false;
            if (reply) probed(*reply);
        },
        true);
}

// Less uptime than before is a restart. Less than must have passed is one, too, or a process that
// was held up and answers by its old clock: that one is asked once more.
NgClient::Age NgClient::age_by(std::int64_t uptime) {
    // From the last answer read to this question asked: the least that has passed over there. An
    // answer that lay in our socket while we were held up must not look like a restart.
    const auto since =
        std::chrono::duration_cast<std::chrono::seconds>(probed_at_ - last_uptime_at_);
    // Whole seconds, rounded on both sides: two of them are tolerance.
    const bool behind = last_uptime_ > 0 && uptime + 2 < last_uptime_ + since.count();
    const bool less = uptime < last_uptime_;
    if (behind && !less && !std::exchange(suspected_, true)) return Age::unsure;
    suspected_ = false;
    last_uptime_ = uptime;
    last_uptime_at_ = std::chrono::steady_clock::now();
    return less || behind ? Age::anew : Age::same;
}

void NgClient::probed(const ng::Dict &reply) {
    const auto *statistics = ng::dictionary(reply, "statistics");
    const auto *total =
        statistics == nullptr ? nullptr : ng::dictionary(*statistics, "totalstatistics");
    const auto uptime = total == nullptr ? std::nullopt : ng::number(*total, "uptime");
    const Age age = uptime ? age_by(*uptime) : Age::same;
    if (age == Age::unsure) return; // the next look tells
    const bool anew = age == Age::anew;
    std::weak_ptr<char> alive = alive_;
    if (anew) ++generation_;
    if (anew && state_ == State::available) {
        state_ = State::gone;
        tell(false);
        if (alive.expired()) return;
    }
    if (state_ == State::available) return;
    state_ = State::available;
    schedule_probe();
    tell(true);
}

} // namespace fernamt::telephony
