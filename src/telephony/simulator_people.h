// SPDX-License-Identifier: EUPL-1.2
// The two kinds of simulated people, inside the Simulator. Each is a LegListener with one RTP
// stream; all belong to the simulator's loop. A finished one says so to its world and is freed by
// it later, outside its own callbacks.
#pragma once

#include "telephony/call_leg.h"
#include "telephony/loop.h"
#include "telephony/rtp_stream.h"
#include "telephony/simulator.h"
#include "telephony/simulator_voices.h"

#include <functional>
#include <memory>
#include <random>
#include <string>

namespace fernamt::telephony {

struct SimulatedWorld { // what all of them share
    const SimulatorOptions &options;
    Loop &loop;
    RtpTicker &ticker;
    const SimulatorVoices &voices;
    SimulatorStatistics &statistics;
    std::mt19937_64 &random;

    [[nodiscard]] Duration between(Duration least, Duration most);
    [[nodiscard]] Duration exponential(Duration mean);
    [[nodiscard]] const Sound &any_of(const std::vector<Sound> &sounds);
    // Who speaks: a caller, or somebody whom callers want to reach (is_person()).
    enum class Voice { caller, person };
    [[nodiscard]] bool next_speaks(Voice voice); // asked once of each
    // Ticking if it speaks; nullptr if there is no socket.
    [[nodiscard]] std::unique_ptr<RtpStream> open_stream(Voice voice, bool speaks);
    void close_stream(std::unique_ptr<RtpStream> &stream); // adds up its counters
    std::int64_t citizens_so_far = 0, answers_so_far = 0;
};

// Simulated colleagues and offices carry a mark in their SSRC, which rtpengine passes on: a citizen
// knows them by it also if they answer before the greeting has begun. Real people are known by a
// change of SSRC after it.
[[nodiscard]] bool is_person(std::uint32_t ssrc);

void add_sound(const RtpCounters &counters, SimulatorStatistics &to);

class SimulatedCitizen final : public LegListener {
  public:
    SimulatedCitizen(SimulatedWorld &world, CallLegs &legs, std::function<void()> finished);
    ~SimulatedCitizen() override;
    SimulatedCitizen(const SimulatedCitizen &) = delete;
    SimulatedCitizen &operator=(const SimulatedCitizen &) = delete;

    [[nodiscard]] bool dial(const std::string &e164); // false: no socket
    void tick();                                      // after the streams
    void hang_up();

    void on_ringing(LegId) override {}
    void on_answered(LegId leg, const std::string &sdp) override;
    void on_failed(LegId leg, int sip_status) override;
    void on_ended(LegId leg, routing::HangUpCause cause) override;
    void on_offer(LegId leg, const std::string &sdp) override;
    void on_refer(LegId leg, const std::string &target) override;
    void on_dialog(LegId, const std::string &) override {}

  private:
    enum class State { dialling, waiting, talking, saying_goodbye, finished };
    void reach_person();
    void say_goodbye();
    void finish();

    SimulatedWorld &world_;
    CallLegs &legs_;
    std::function<void()> finished_;
    State state_ = State::dialling;
    LegId leg_;
    std::unique_ptr<RtpStream> stream_;
    std::uint32_t announcer_ = 0; // SSRC of greeting and music; 0: not heard
    std::int64_t loud_before_person_ = 0;
    bool heard_greeting_ = false;
    bool gave_up_ = false;
    bool hung_up_ = false; // by itself
    std::int64_t connected_us_ = 0;
    std::int64_t cut_before_us_ = 0; // who ends the conversation before this has not wanted to
    Loop::TimerId timer_ = Loop::TimerId::none;
};

class SimulatedColleague final : public LegListener {
  public:
    // sentences: one of them is said after answering; must live as long. free: told after each
    // call.
    SimulatedColleague(SimulatedWorld &world, CallLegs &legs, std::string user,
                       const std::vector<Sound> &sentences, std::function<void()> free = {});
    ~SimulatedColleague() override;
    SimulatedColleague(const SimulatedColleague &) = delete;
    SimulatedColleague &operator=(const SimulatedColleague &) = delete;

    void take(const IncomingCall &call); // rings, answers after a while; 486 while talking
    void hang_up();

    void on_ringing(LegId) override {}
    void on_answered(LegId, const std::string &) override {}
    void on_failed(LegId leg, int sip_status) override;
    void on_ended(LegId leg, routing::HangUpCause cause) override;
    void on_offer(LegId leg, const std::string &sdp) override;
    void on_refer(LegId leg, const std::string &target) override;
    void on_dialog(LegId, const std::string &) override {}

  private:
    void answer(const std::string &offer);
    void say_goodbye();
    void over();

    SimulatedWorld &world_;
    CallLegs &legs_;
    std::string user_;
    const std::vector<Sound> &sentences_;
    std::function<void()> free_;
    LegId leg_; // 0: free
    bool talking_ = false;
    bool speaks_ = false;
    bool hung_up_ = false;        // by itself
    std::int64_t ends_at_us_ = 0; // the conversation, without sound
    std::unique_ptr<RtpStream> stream_;
    Loop::TimerId timer_ = Loop::TimerId::none;
    Loop::TimerId wrap_up_ = Loop::TimerId::none;
};

} // namespace fernamt::telephony
