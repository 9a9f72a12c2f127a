// SPDX-License-Identifier: EUPL-1.2
// The legs that are alive now, on disk, so that a process that replaces a killed one can take them
// up again. An append-only file of lines, written without fsync (it has to survive kill -9, not a
// power cut: after that the far ends are gone too), readable by the owner only. It holds addresses
// of parties, also of those who withhold their number: every line is sealed (journal_seal.h). Lines
// of ended calls are rewritten away when no call is live, when they are more than kMostDeadBytes
// and four times those that live, or at the first line written after kLongestDead.
#pragma once

#include "base/id.h"
#include "base/problem.h"
#include "telephony/diversion.h"
#include "telephony/journal_seal.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace fernamt::telephony {

class LegJournal {
  public:
    static constexpr std::size_t kMostDeadBytes = 64 * 1024;
    static constexpr std::chrono::seconds kLongestDead{60};

    struct Leg {
        std::string tag;  // media tag within the call
        std::string role; // "caller", "agent", "target"
        bool browser = false;
        AgentId agent;      // role agent
        std::string dialog; // CallLegs' dialog record; empty for a browser leg
        bool holds = false; // its far end's last offer was a hold
        friend bool operator==(const Leg &, const Leg &) = default;
    };
    struct LiveCall {
        std::map<std::string, Leg> legs; // by tag
        std::string media;               // Media's record
        std::string caller;              // commitment of the caller's number
        WayHere way;
        std::size_t bytes = 0; // of its lines, as if each were sealed alone
    };

    [[nodiscard]] static Expected<LegJournal> open(const std::string &directory);
    LegJournal(LegJournal &&other) noexcept;
    LegJournal &operator=(LegJournal &&) = delete;
    ~LegJournal();

    [[nodiscard]] const std::map<CallId, LiveCall> &live() const { return live_; }
    // Instead of kLongestDead, for who cannot wait for it.
    void forget_ended_after(std::chrono::seconds longest) { longest_dead_ = longest; }
    // From now on lines are collected until flush(); `when` is told the first of them. Without it
    // each line is written at once.
    void write_when_told(std::function<void()> when) { collected_ = std::move(when); }
    void flush();
    void put_leg(CallId call, Leg leg); // an unchanged leg, like unchanged media, writes nothing
    void remove_leg(CallId call, const std::string &tag);
    void put_media(CallId call, std::string record);
    void put_caller(CallId call, std::string commitment);
    void put_way(CallId call, WayHere way); // one that says nothing writes nothing
    void end(CallId call);

  private:
    LegJournal(std::string path, int fd, JournalSeal seal);
    [[nodiscard]] std::string sealed(const std::string &lines);
    [[nodiscard]] static std::size_t sealed_size(const std::string &line);
    void append(CallId call, const std::string &line);
    void collect(const std::string &line);
    void bury(std::size_t bytes);
    void write(const std::string &text);
    void apply(const std::string &sealed_text);
    void apply_line(const std::string &line);
    void compact();

    std::string path_;
    int fd_ = -1;
    JournalSeal seal_;
    std::size_t live_bytes_ = 0; // of lines of live calls
    std::size_t dead_bytes_ = 0; // of lines that count no more
    std::chrono::steady_clock::time_point dead_since_{};
    std::chrono::seconds longest_dead_ = kLongestDead;
    std::map<CallId, LiveCall> live_;
    std::function<void()> collected_;
    std::string pending_; // lines in clear, not written yet
};

} // namespace fernamt::telephony
