// SPDX-License-Identifier: EUPL-1.2
// NgClient asks one rtpengine over UDP: each command has a cookie of its own, a missing reply is
// asked for again with the same cookie (rtpengine then repeats its reply and does nothing twice).
// It notices by itself that rtpengine is gone, back, or was started anew meanwhile (generation()).
// On the telephony loop. It knows nothing of calls.
#pragma once

#include "base/problem.h"
#include "telephony/loop.h"
#include "telephony/ng_protocol.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

namespace fernamt::telephony {

class NgClient {
  public:
    struct Options {
        std::string host = "127.0.0.1"; // a name is looked up once, at create()
        int port = 2223;
        // Asked again after this, then after twice as long each time, at most kLongestWait: with
        // one datagram in twenty lost, six tries fail once in a million; 6 s are within SIP's 32.
        Duration retry_after = 200ms;
        int attempts = 6;
        Duration ping_every = 1s;
        Duration look_every = 200ms; // while it is gone
        int looks_at_start = 15; // so many in vain before its absence is told: it may be starting
    };
    // Problems: media.unavailable (no rtpengine), media.lost (it does not know the call),
    // media.refused (argument reason: its own words; they name no party).
    using Reply = std::function<void(Expected<ng::Dict>)>;

    static constexpr Duration kLongestWait = 1600ms;

    // Problem: media.address.
    [[nodiscard]] static Expected<std::unique_ptr<NgClient>> create(Loop &loop, Options options);
    ~NgClient(); // forgets open commands without calling their replies
    NgClient(const NgClient &) = delete;
    NgClient &operator=(const NgClient &) = delete;

    // Of `statistics` and `list` the whole reply, of other commands what stands on top of it.
    void request(const ng::Command &command, Reply reply);

    [[nodiscard]] bool available() const { return state_ == State::available; }
    void on_availability(std::function<void(bool)> handler) {
        on_availability_ = std::move(handler);
    }
    // Grows when rtpengine has been started anew: what ran before is gone.
    [[nodiscard]] std::uint64_t generation() const { return generation_; }
    // Its port was closed when last asked: no process, no calls. (One that does not answer may
    // have some.)
    [[nodiscard]] bool nobody_listens() const { return nobody_listens_; }
    void died(); // the supervisor has seen rtpengine's end: quicker and surer than any look

  private:
    enum class State { unknown, available, gone };
    struct Open {
        std::string datagram;
        Reply reply;
        int sent = 0;
        std::chrono::steady_clock::time_point again_at{}; // asked again, or given up
        bool probe = false;
        bool whole = false; // its reply is read whole
    };
    using Cookie = std::string;

    NgClient(Loop &loop, Options options, int fd);
    void start(const ng::Command &command, Reply reply, bool probe);
    void send(const Cookie &cookie);
    void look_again_at(std::chrono::steady_clock::time_point when);
    void look_for_silence();
    void timed_out(const Cookie &cookie);
    void read();
    void finish(const Cookie &cookie, Expected<ng::Dict> result);
    void refused();
    void gone();
    void tell(bool available);
    void probe();
    void probed(const ng::Dict &statistics);
    enum class Age { same, anew, unsure };
    [[nodiscard]] Age age_by(std::int64_t uptime);
    void schedule_probe();

    Loop &loop_;
    Options options_;
    int fd_;
    State state_ = State::unknown;
    std::string cookie_prefix_;
    std::uint64_t next_cookie_ = 1;
    std::unordered_map<Cookie, Open> open_;
    std::function<void(bool)> on_availability_;
    std::uint64_t generation_ = 1;
    std::int64_t last_uptime_ = 0;
    std::chrono::steady_clock::time_point last_uptime_at_{}; // when its answer was read
    std::chrono::steady_clock::time_point probed_at_{};      // when the question was first sent
    bool suspected_ = false;                                 // its uptime was behind
    bool nobody_listens_ = false;
    bool probing_ = false;
    bool told_ = false; // a state has been reported
    int looks_ = 0;     // in vain, before the first report
    Loop::TimerId probe_timer_ = Loop::TimerId::none;
    // One for all open commands: nearly every one is answered long before, and needs none.
    Loop::TimerId silence_timer_ = Loop::TimerId::none;
    std::chrono::steady_clock::time_point silence_looked_for_at_{};
    std::shared_ptr<char> alive_ = std::make_shared<char>('\0'); // expires with us
};

} // namespace fernamt::telephony
