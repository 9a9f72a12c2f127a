// SPDX-License-Identifier: EUPL-1.2
// Simulated offices: the telephone network behind the demo's trunk, to which calls are transferred.
// Whatever number is dialled there belongs to some town hall: most answer after some seconds, say a
// sentence and hang up after a while; numbers that end in 8 are busy, at those that end in 9 nobody
// answers. Real SIP, real sound, one thread of its own; nothing leaves the machine.
#pragma once

#include "base/problem.h"
#include "base/time.h"

#include <cstdint>
#include <memory>
#include <string>

namespace fernamt::telephony {

struct OfficesOptions {
    std::string address = "127.0.0.1";
    std::string transport = "udp";
    Duration answer_after_least = 2s, answer_after_most = 5s;
    Duration talk_least = 15s, talk_most = 40s;
    std::string audio_directory; // of script/announcements; empty or without files: tones
    std::uint64_t seed = 0;
};

struct OfficesStatistics {
    std::int64_t rung = 0; // also of those that do not answer
    std::int64_t busy = 0;
    std::int64_t answered = 0;
    std::int64_t understood_citizen = 0; // answered calls in which the citizen was heard
    std::int64_t gave_up_ringing = 0;    // the caller's side stopped ringing first
    std::int64_t open = 0;
};

enum class OfficeManner { answers, busy, away };
[[nodiscard]] OfficeManner manner_of_office(const std::string &number);

class SimulatedOffices {
  public:
    // Problems: those of SofiaCallLegs.
    [[nodiscard]] static Expected<std::unique_ptr<SimulatedOffices>> open(OfficesOptions options);
    ~SimulatedOffices(); // hangs up and stops
    SimulatedOffices(const SimulatedOffices &) = delete;
    SimulatedOffices &operator=(const SimulatedOffices &) = delete;

    [[nodiscard]] int port() const; // where they listen
    void stop();                    // hangs everything up and waits for it (three seconds at most)
    [[nodiscard]] OfficesStatistics statistics() const;

  private:
    class Inside;
    explicit SimulatedOffices(std::unique_ptr<Inside> inside);
    std::unique_ptr<Inside> inside_;
};

} // namespace fernamt::telephony
