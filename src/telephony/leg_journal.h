// SPDX-License-Identifier: EUPL-1.2
// The legs that are alive now, on disk, so that a process that replaces a killed one can take them
// up again. An append-only file of lines, written without fsync (it has to survive kill -9, not a
// power cut: after that the far ends are gone too), compacted when no call is live. It holds dialog
// addresses while a call lives, and nothing afterwards; the file is readable by the owner only.
#pragma once

#include "base/id.h"
#include "base/problem.h"

#include <map>
#include <string>
#include <vector>

namespace fernamt::telephony {

class LegJournal {
  public:
    struct Leg {
        std::string tag;  // media tag within the call
        std::string role; // "caller", "agent", "target"
        bool browser = false;
        AgentId agent;      // role agent
        std::string dialog; // CallLegs' dialog record; empty for a browser leg
    };
    struct LiveCall {
        std::map<std::string, Leg> legs; // by tag
        std::string media;               // Media's record
        std::string caller;              // commitment of the caller's number
    };

    [[nodiscard]] static Expected<LegJournal> open(const std::string &directory);
    LegJournal(LegJournal &&other) noexcept;
    LegJournal &operator=(LegJournal &&) = delete;
    ~LegJournal();

    [[nodiscard]] const std::map<CallId, LiveCall> &live() const { return live_; }
    void put_leg(CallId call, Leg leg);
    void remove_leg(CallId call, const std::string &tag);
    void put_media(CallId call, std::string record);
    void put_caller(CallId call, std::string commitment);
    void end(CallId call);

  private:
    LegJournal(std::string path, int fd);
    void write_line(const std::string &line);
    void apply(const std::string &line);
    void compact();

    std::string path_;
    int fd_ = -1;
    std::size_t bytes_ = 0;
    std::map<CallId, LiveCall> live_;
};

} // namespace fernamt::telephony
