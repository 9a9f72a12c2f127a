// SPDX-License-Identifier: EUPL-1.2
// Simulated citizens and colleagues: SIP user agents of ours with real sound by RTP. Citizens call
// the towns' numbers at random (Poisson), wait with limited patience, ask a question and say
// goodbye; colleagues register as desk phones, answer and speak. They know the service only from
// outside, as real ones do. One thread for all; statistics from any thread. For demo, training,
// load and tests. Callers' numbers come from the blocks reserved for films, so nobody is called.
#pragma once

#include "base/problem.h"
#include "base/time.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace fernamt::telephony {

struct SimulatorOptions {
    std::string host = "127.0.0.1"; // of the service
    int port = 5115;
    std::string transport = "udp"; // or tcp
    std::string own_address = "127.0.0.1";

    struct Number {
        std::string e164;
        double weight = 1; // e.g. the town's population
    };
    std::vector<Number> numbers;
    double callers_per_hour = 240; // 0: only call() makes calls
    std::int64_t most_at_once = 1000;
    double withheld_share = 0.15; // callers who show no number (RFC 3323)
    Duration patience_mean = 180s;

    struct Colleague {
        std::string user;
        std::string password;
        bool rejects = false; // "declined" (603) as soon as it rings
    };
    std::vector<Colleague> colleagues;
    Duration answer_after_least = 1s, answer_after_most = 4s;
    Duration wrap_up_least = 3s, wrap_up_most = 15s;

    Duration talk_least = 20s, talk_most = 90s;
    std::string audio_directory; // of script/announcements; empty or without files: tones
    bool silent = false;         // no sound is sent, talk times are exact: to measure signalling
    // Although silent, so many of the citizens who call first and of the colleagues who answer
    // first have sound: a sample.
    std::int64_t speaking = 0;
    std::uint64_t seed = 0; // 0: another course of events each time

    // What colleagues do at their desks besides the phone. Called on the simulator's thread; must
    // not block for long.
    std::function<void(const std::string &user)> phone_registered; // sign in, get ready
    std::function<void(const std::string &user)> finish_wrap_up;
};

struct SimulatorStatistics {
    // citizens
    std::int64_t offered = 0;   // INVITEs sent
    std::int64_t connected = 0; // 200 received
    std::int64_t heard_greeting = 0;
    std::int64_t reached_person = 0; // heard somebody else than the announcements
    std::int64_t understood = 0;     // …and it was more than silence
    std::int64_t abandoned = 0;      // patience ended first
    std::int64_t completed = 0;      // talked, then either side hung up
    // Conversations that ended before anybody in them wanted. Noticed by the citizen; without sound
    // it knows of none, then by the colleague, for whom a citizen without patience looks the same.
    std::int64_t cut = 0;
    std::int64_t turned_away = 0; // ended by the service without a person (closed, unknown …)
    std::int64_t rejected = 0;    // final answer 4xx, 5xx, 6xx
    std::int64_t lost = 0;        // no final answer, or the dialog failed
    std::int64_t skipped = 0;     // not called because most_at_once were on the line
    std::int64_t open = 0;
    std::map<int, std::int64_t> rejected_by_status;
    Duration waited{}; // sum from 200 to the person's first packet, of reached_person
    // colleagues
    std::int64_t registered = 0; // now
    std::int64_t rung = 0;
    std::int64_t answered = 0;
    std::int64_t understood_citizen = 0; // answered calls in which the citizen was heard
    std::int64_t gave_up_ringing = 0;    // the service stopped ringing first
    // all sound, also of calls that go on
    std::int64_t rtp_sent = 0;
    std::int64_t rtp_received = 0;
    std::int64_t rtp_lost = 0;
};

// Of all sound that is under way: the longest time without a packet.
struct SimulatorGaps {
    Duration heard{}; // from one arrival to the next, or until now
    Duration sent{};  // of ours: nobody can hear less
};

class Simulator {
  public:
    // Problems: those of SofiaCallLegs, simulator.no_numbers.
    [[nodiscard]] static Expected<std::unique_ptr<Simulator>> create(SimulatorOptions options);
    ~Simulator(); // stops
    Simulator(const Simulator &) = delete;
    Simulator &operator=(const Simulator &) = delete;

    void start();        // colleagues register, citizens begin to call
    void stop();         // hangs everything up and waits for it (three seconds at most)
    void stop_calling(); // no new citizens; those on the line go on
    void call(const std::string &e164); // one citizen now
    [[nodiscard]] SimulatorStatistics statistics() const;
    [[nodiscard]] SimulatorGaps take_gaps(); // since the last question

  private:
    class Inside;
    explicit Simulator(std::unique_ptr<Inside> inside);
    std::unique_ptr<Inside> inside_;
};

} // namespace fernamt::telephony
