// SPDX-License-Identifier: EUPL-1.2
// Media over rtpengine by re-association of tags (docs/explanation/measured-facts.md): each leg x
// has a parking partner "px" that never sends, so a leg is complete before and whoever it talks to.
// Wishes are taken at once and recorded; the commands of one call go out one after the other.
// A leg whose far end holds us (sendonly, inactive) is parked until it resumes, whatever is wished.
#pragma once

#include "telephony/conference_mixer.h"
#include "telephony/media.h"
#include "telephony/ng_client.h"
#include "telephony/sdp.h"

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace fernamt::telephony {

class RtpengineMedia final : public Media {
  public:
    struct Options {
        NgClient::Options ng;
        std::string call_prefix = "fernamt-"; // of call-ids: others may use the same rtpengine
        // Names of rtpengine's interfaces for far ends and for parking; empty: its only one.
        std::string outside_interface;
        std::string inside_interface;
        // Phones behind NAT send from another address than their SDP says. Learning it opens a
        // window of some seconds in which a stranger can take part (measured: 3 s)
        // after every coupling.
        bool learn_addresses = false;
        // Of this host, as rtpengine reaches our conference mixer; empty: by which it is reached.
        std::string mixer_address;
    };

    // Problem: media.address.
    [[nodiscard]] static Expected<std::unique_ptr<RtpengineMedia>> create(Loop &loop,
                                                                          Options options);

    void leg_in(CallId call, const Tag &tag, LegKind kind, const std::string &offer,
                SdpDone our_answer) override;
    void leg_out(CallId call, const Tag &tag, LegKind kind, SdpDone our_offer) override;
    void leg_out_answered(CallId call, const Tag &tag, const std::string &answer,
                          Done done) override;
    void leg_updated(CallId call, const Tag &tag, const std::string &offer,
                     SdpDone our_answer) override;
    void connect(CallId call, const Tag &a, const Tag &b, Done done) override;
    void conference(CallId call, const std::vector<Tag> &tags, Done done) override;
    void park(CallId call, const Tag &tag, Done done) override; // its partner is parked as well
    void drop(CallId call, const Tag &tag) override;
    void play(CallId call, const Tag &tag, const std::string &wav_path, int repeat,
              PlayDone done) override; // parks first: two sources would be sent interleaved
    void stop(CallId call, const Tag &tag) override;
    void end(CallId call) override; // also a call that only list() knows

    [[nodiscard]] bool available() const override { return ng_->available(); }
    void on_availability(std::function<void(bool available)> handler) override;
    void list(std::function<void(Expected<std::vector<CallId>>)> done) override;
    void on_digit(std::function<void(CallId, const Tag &, char)> handler) override;
    // One report of rtpengine's --dtmf-log-dest (JSON); what is not ours or no key is ignored.
    void take_digit(std::string_view report);
    [[nodiscard]] std::size_t mixer_ports() const { return mixer_.open_ports(); }

    [[nodiscard]] std::string record(CallId call) const override;
    // Commands the recorded state again (that does no harm where it already is so).
    [[nodiscard]] bool restore(CallId call, const std::string &record) override;

    // For RtpengineProcess::on_exit: a restart may be quicker than the next look.
    void rtpengine_died() { ng_->died(); }
    [[nodiscard]] std::size_t open_calls() const { return calls_.size(); }

  private:
    struct Leg {
        LegKind kind = LegKind::plain;
        int number = 0;
        sdp::Audio far;        // what the far end said last, reduced
        bool complete = false; // far is known
        bool held = false;     // by its far end
        std::string local;     // our last SDP for the far end
        int version = 0;       // of local
        Tag partner;           // wished; empty: parked
        Tag coupled;           // commanded
        bool playing = false;
        bool doubt = false; // restored: what is commanded may differ from what is recorded
    };
    struct Step {
        ng::Command command;
        std::function<void(const ng::Dict &reply)> done = {};
        bool may_fail = false;
    };
    using Steps = std::vector<Step>;
    struct Call;
    struct Later { // until a late offer of ours has been answered
        Tag tag;
        bool play = false;
        std::function<void()> begin;
        Done give_up;
    };
    struct Job {
        std::function<Expected<Steps>(Call &)> build; // at its turn, from what is commanded then
        Done finish;
    };
    struct Call {
        CallId id;
        std::uint64_t generation = 0;
        sdp::Codec codec = sdp::Codec::pcma;
        int telephone_event = sdp::kTelephoneEvent;
        bool codec_known = false;
        int next_leg = 1;
        std::map<Tag, Leg> legs;
        std::deque<Job> jobs;
        std::vector<Later> later;
        bool busy = false;
        bool ended = false;
    };

    RtpengineMedia(Loop &loop, Options options, std::unique_ptr<NgClient> ng);

    Call *find(CallId id);
    Leg *find(CallId id, const Tag &tag);
    Call &find_or_begin(CallId id);
    void later(std::function<void()> work); // not inside the caller's call

    void give_up(Call &call, const Tag &tag, bool plays_only);
    void add(Call &call, Job job);
    void next_job(Call &call);
    void run(CallId id, std::shared_ptr<Steps> steps, std::size_t at, Done finish);
    void job_finished(CallId id, const Done &finish, Expected<void> result);
    void finish_end(CallId id);
    void send_delete(CallId id);
    void became_available();

    // Commands. `towards` is the side that would get the resulting SDP.
    [[nodiscard]] ng::Command command(const Call &call, std::string_view name) const;
    [[nodiscard]] ng::Command exchange(const Call &call, std::string_view name, const Tag &from,
                                       const Tag &to, const std::string &sdp,
                                       LegKind towards) const;
    [[nodiscard]] std::string parking_sdp(const Call &call) const;
    enum class Way { in, out, inside }; // where the offering side stands, and the other
    void put_direction(ng::Command &command, Way way) const;
    Steps stop_steps(const Call &call, const Tag &tag) const;
    Steps park_steps(Call &call, const Tag &tag);
    Steps apart_steps(Call &call, const Tag &tag, const Tag &unless);
    Steps couple_steps(Call &call, const Tag &a, const Tag &b);
    Expected<Steps> settle(Call &call, const Tag &tag); // from commanded to wished

    void unlink(Call &call, const Tag &tag);
    void join_mixer(CallId id, const Tag &tag, const Done &done); // media_conference.cpp
    void leave_mixer(CallId id, const Tag &port);
    // media_restart.cpp
    void rebuild_conference(CallId id);
    void meet_again(CallId id, const std::vector<Tag> &participants, Duration again_after);
    void settle_restored(CallId id, const Tag &tag, Duration again_after);
    void try_again(CallId id, const Expected<void> &result, Duration after,
                   const std::function<void(Duration next)> &work);
    [[nodiscard]] CallId our_call(std::string_view name) const; // 0: not ours
    [[nodiscard]] Expected<sdp::Audio> understood(Call &call, LegKind kind,
                                                  const std::string &text) const;
    void take_local(const Call &call, Leg &leg, const sdp::Audio *offer, const std::string &text);

    Loop &loop_;
    Options options_;
    std::unique_ptr<NgClient> ng_;
    std::function<void(bool)> on_availability_;
    std::function<void(CallId, const Tag &, char)> on_digit_;
    ConferenceMixer mixer_;
    std::unordered_map<CallId, std::unique_ptr<Call>> calls_;
    std::set<CallId> undelivered_ends_;
    std::uint64_t undelivered_generation_ = 0;
    std::shared_ptr<char> alive_ = std::make_shared<char>('\0'); // expires with us
};

} // namespace fernamt::telephony
