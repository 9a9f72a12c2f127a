// SPDX-License-Identifier: EUPL-1.2
// Media: what is heard by whom, over rtpengine. One rtpengine call per citizen
// call, one tag per leg, each leg with a parking partner of its own; switching re-associates tags
// and never touches a far end. Commands for one call are carried out in order; a command that fails
// reports the problem ("media.unavailable" when rtpengine is gone). On the telephony loop.
#pragma once

#include "base/id.h"
#include "base/problem.h"
#include "base/time.h"

#include <functional>
#include <string>
#include <vector>

namespace fernamt::telephony {

// inside: an end of ours on this host (the mixer), plain, never seen by anybody else.
enum class LegKind { plain, browser, inside };

class Media {
  public:
    using Tag = std::string; // unique within the call: "C", "A1", "T1"; [A-Za-z0-9]+
    using SdpDone = std::function<void(Expected<std::string> sdp)>;
    using Done = std::function<void(Expected<void>)>;
    using PlayDone = std::function<void(Expected<Duration> length)>; // of one pass

    virtual ~Media() = default;

    virtual void leg_in(CallId call, const Tag &tag, LegKind kind, const std::string &offer,
                        SdpDone our_answer) = 0;
    virtual void leg_out(CallId call, const Tag &tag, LegKind kind, SdpDone our_offer) = 0;
    virtual void leg_out_answered(CallId call, const Tag &tag, const std::string &answer,
                                  Done done) = 0;
    // The far end of tag sent a new offer (re-INVITE): our answer, same ports as before.
    virtual void leg_updated(CallId call, const Tag &tag, const std::string &offer,
                             SdpDone our_answer) = 0;

    virtual void connect(CallId call, const Tag &a, const Tag &b,
                         Done done) = 0; // parks former partners, stops playing
    // All of these hear each other, until one is connected, parked, played to or dropped (the
    // others go on). Again with another tag: it comes in, who is in it already stays.
    virtual void conference(CallId call, const std::vector<Tag> &tags, Done done) = 0;
    virtual void park(CallId call, const Tag &tag, Done done) = 0; // with whomever it talks to
    virtual void drop(CallId call, const Tag &tag) = 0;
    // Parks the leg if it talks. A new play replaces the running one. repeat: how often the file is
    // heard.
    virtual void play(CallId call, const Tag &tag, const std::string &wav_path, int repeat,
                      PlayDone done) = 0;
    virtual void stop(CallId call, const Tag &tag) = 0;
    virtual void end(CallId call) = 0; // all legs; also of a call that only list() knows

    [[nodiscard]] virtual bool available() const = 0;
    // Called on every change of available(), once per change; and once with false if there is no
    // rtpengine at the start. false, then true: it was started anew and every call of before is
    // gone (commands for them fail with "media.lost").
    virtual void on_availability(std::function<void(bool available)> handler) = 0;
    // What runs in rtpengine; nothing if nobody listens at its address. A problem: it does not
    // answer, and nobody knows.
    virtual void list(std::function<void(Expected<std::vector<CallId>>)> done) = 0;

    // A far end has pressed a key (RFC 4733): '0' to '9', '*', '#', 'A' to 'D', at its end, once.
    virtual void on_digit(std::function<void(CallId, const Tag &, char)> handler) = 0;

    // What must be stored to go on after a crash of ours, and its way back in.
    [[nodiscard]] virtual std::string record(CallId call) const = 0;
    [[nodiscard]] virtual bool restore(CallId call, const std::string &record) = 0;
};

} // namespace fernamt::telephony
