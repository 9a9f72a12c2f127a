// SPDX-License-Identifier: EUPL-1.2
// What RtpengineMedia commands: offers and answers between tags, who is coupled with whom, and one
// job of a call after the other.
#include "telephony/media_rtpengine.h"
#include "telephony/media_steps.h"

#include <fmt/format.h>

#include <utility>

namespace fernamt::telephony {
namespace {

auto lost() {
    return fail(ProblemKind::unavailable, "media.lost");
}

} // namespace

ng::Command RtpengineMedia::command(const Call &call, std::string_view name) const {
    ng::Command result(name);
    result.fields.put("call-id", options_.call_prefix + std::to_string(call.id.value));
    return result;
}

ng::Command RtpengineMedia::exchange(const Call &call, std::string_view name, const Tag &from,
                                     const Tag &to, const std::string &sdp, LegKind towards) const {
    auto result = command(call, name);
    auto &fields = result.fields;
    fields.put("from-tag", from).put("to-tag", to).put("sdp", sdp);
    fields.put("replace", {"origin", "session-connection", "SDP-version"});
    if (options_.learn_addresses) {
        fields.put("flags", {"port latching", "trust address", "strict source"});
    } else {
        fields.put("flags",
                   {"port latching", "trust address", "strict source", "endpoint-learning-off"});
    }
    if (towards != LegKind::browser) {
        fields.put("ICE", "remove").put("transport-protocol", "RTP/AVP");
        fields.put("rtcp-mux", {"demux"});
        return result;
    }
    fields.put("ICE", "force").put("transport-protocol", "UDP/TLS/RTP/SAVPF");
    fields.put("rtcp-mux", {"offer", "require"});
    fields.put("DTLS", "passive").put("SDES", {"off"});
    return result;
}

std::string RtpengineMedia::parking_sdp(const Call &call) const {
    auto parking = sdp::parking(call.codec, call.telephone_event);
    if (!call.codec_known)
        parking.pcma = parking.pcmu = true; // a late offer: let the far end choose
    return sdp::write(parking);
}

void RtpengineMedia::put_direction(ng::Command &command, Way way) const {
    const auto &outside = options_.outside_interface;
    const auto &inside = options_.inside_interface;
    if (outside.empty() || inside.empty()) return;
    command.fields.put("direction",
                       {way == Way::in ? outside : inside, way == Way::out ? outside : inside});
}

RtpengineMedia::Steps RtpengineMedia::stop_steps(const Call &call, const Tag &tag) const {
    auto stop = command(call, "stop media");
    stop.fields.put("from-tag", tag);
    return {{std::move(stop), {}, true}};
}

RtpengineMedia::Steps RtpengineMedia::park_steps(Call &call, const Tag &tag) {
    const auto &leg = call.legs.at(tag);
    if (!leg.complete) return {}; // not answered yet: it has never been elsewhere
    const auto parking = parking_tag(tag);
    Step first{exchange(call, "offer", parking, tag, parking_sdp(call), leg.kind)};
    Step second{exchange(call, "answer", parking, tag, sdp::write(leg.far), LegKind::plain)};
    second.done = [this, id = call.id, tag](const ng::Dict &) {
        if (auto *known = find(id, tag)) {
            known->coupled.clear();
            known->doubt = false;
        }
    };
    return {std::move(first), std::move(second)};
}

// Parks whoever tag is coupled with now. Coupling anew removes those who listen to a leg, not those
// it listens to: without this the old partner would still be heard (measured).
RtpengineMedia::Steps RtpengineMedia::apart_steps(Call &call, const Tag &tag, const Tag &unless) {
    Steps steps;
    for (const auto &[other, leg] : call.legs) {
        const bool present = leg.coupled == tag || call.legs.at(tag).coupled == other;
        if (present && other != unless) append(steps, park_steps(call, other));
    }
    return steps;
}

RtpengineMedia::Steps RtpengineMedia::couple_steps(Call &call, const Tag &a, const Tag &b) {
    Steps steps = apart_steps(call, a, b);
    append(steps, apart_steps(call, b, a));
    for (const auto &tag : {a, b}) {
        auto &leg = call.legs.at(tag);
        // Playing goes on through a coupling, interleaved with the partner (rule 3).
        if (leg.playing || leg.doubt) append(steps, stop_steps(call, tag));
        leg.playing = false;
    }
    const auto &first = call.legs.at(a);
    const auto &second = call.legs.at(b);
    steps.push_back({exchange(call, "offer", a, b, sdp::write(first.far), second.kind)});
    Step last{exchange(call, "answer", a, b, sdp::write(second.far), first.kind)};
    last.done = [this, id = call.id, a, b](const ng::Dict &) {
        auto *left = find(id, a);
        auto *right = find(id, b);
        if (left != nullptr) left->coupled = b;
        if (right != nullptr) right->coupled = a;
        if (left != nullptr) left->doubt = false;
        if (right != nullptr) right->doubt = false;
    };
    steps.push_back(std::move(last));
    return steps;
}

Expected<RtpengineMedia::Steps> RtpengineMedia::settle(Call &call, const Tag &tag) {
    const auto found = call.legs.find(tag);
    if (found == call.legs.end()) return no_leg();
    const auto &leg = found->second;
    const auto partner = call.legs.find(leg.partner);
    const bool talks = partner != call.legs.end() && !leg.held && !partner->second.held;
    if (talks) return couple_steps(call, tag, leg.partner);
    Steps steps = apart_steps(call, tag, {});
    if (!leg.coupled.empty() || leg.doubt) append(steps, park_steps(call, tag));
    return steps;
}

void RtpengineMedia::unlink(Call &call, const Tag &tag) {
    const auto partner = std::exchange(call.legs.at(tag).partner, {});
    const auto other = call.legs.find(partner);
    if (other == call.legs.end()) return;
    other->second.partner.clear();
    if (other->second.kind == LegKind::inside) leave_mixer(call.id, partner);
}

// --- one job after the other ----------------------------------------------------------------

void RtpengineMedia::add(Call &call, Job job) {
    call.jobs.push_back(std::move(job));
    if (call.busy) return;
    call.busy = true;
    // Not at once: a failure must not come back inside the call that asked.
    later([this, id = call.id] {
        const auto found = calls_.find(id);
        if (found != calls_.end()) next_job(*found->second);
    });
}

void RtpengineMedia::next_job(Call &call) {
    if (call.ended) return finish_end(call.id);
    if (call.jobs.empty()) {
        call.busy = false;
        return;
    }
    auto job = std::move(call.jobs.front());
    call.jobs.pop_front();
    if (call.generation != ng_->generation()) return job_finished(call.id, job.finish, lost());
    auto steps = job.build(call);
    if (!steps) return job_finished(call.id, job.finish, tl::unexpected(steps.error()));
    run(call.id, std::make_shared<Steps>(std::move(*steps)), 0, std::move(job.finish));
}

void RtpengineMedia::run(CallId id, std::shared_ptr<Steps> steps, std::size_t at, Done finish) {
    if (at == steps->size()) return job_finished(id, finish, {});
    ng_->request((*steps)[at].command, [=, this](Expected<ng::Dict> reply) {
        const auto found = calls_.find(id);
        if (found == calls_.end()) return;
        const auto &step = (*steps)[at];
        const bool gone = !reply && reply.error().kind == ProblemKind::unavailable;
        if (!reply && (gone || !step.may_fail))
            return job_finished(id, finish, tl::unexpected(reply.error()));
        if (reply && step.done) step.done(*reply);
        if (found->second->generation != ng_->generation())
            return job_finished(id, finish, lost()); // the second half must not begin a new call
        if (found->second->ended)
            return job_finished(id, finish, fail(ProblemKind::conflict, "media.ended"));
        run(id, steps, at + 1, finish);
    });
}

void RtpengineMedia::job_finished(CallId id, const Done &finish, Expected<void> result) {
    std::weak_ptr<char> alive = alive_;
    finish(std::move(result));
    if (alive.expired()) return;
    const auto found = calls_.find(id);
    if (found != calls_.end()) next_job(*found->second);
}

} // namespace fernamt::telephony
