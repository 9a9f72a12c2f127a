// SPDX-License-Identifier: EUPL-1.2
// RtpengineMedia's wishes: legs, who talks with whom, playing, ending, keys. media_commands.cpp:
// how they become commands; media_conference.cpp, media_restart.cpp.
#include "telephony/media_rtpengine.h"

#include "telephony/media_steps.h"

#include <arpa/inet.h>
#include <boost/json.hpp>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace fernamt::telephony {
namespace {

bool holds(const sdp::Audio &audio) {
    return audio.direction == sdp::Direction::sendonly ||
           audio.direction == sdp::Direction::inactive;
}

// Hold as of RFC 2543; from a browser it only means that candidates come later.
bool without_address(const sdp::Audio &audio) {
    return !audio.secure && (audio.address == "0.0.0.0" || audio.address == "::");
}

// Ours, by which the way to rtpengine leaves; nothing is sent.
std::string address_towards(const NgClient::Options &ng) {
    sockaddr_in there{};
    there.sin_family = AF_INET;
    there.sin_port = htons(static_cast<std::uint16_t>(ng.port));
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return "127.0.0.1";
    auto *raw = reinterpret_cast<sockaddr *>(&there);
    socklen_t size = sizeof there;
    std::array<char, INET_ADDRSTRLEN> text{};
    const bool found = inet_pton(AF_INET, ng.host.c_str(), &there.sin_addr) == 1 &&
                       ::connect(fd, raw, size) == 0 && ::getsockname(fd, raw, &size) == 0 &&
                       inet_ntop(AF_INET, &there.sin_addr, text.data(), text.size()) != nullptr;
    ::close(fd);
    return found ? text.data() : "127.0.0.1";
}

std::optional<std::string> sdp_of(const ng::Dict &reply) {
    const auto *text = ng::text(reply, "sdp");
    return text == nullptr ? std::nullopt : std::optional(*text);
}

} // namespace

Expected<std::unique_ptr<RtpengineMedia>> RtpengineMedia::create(Loop &loop, Options options) {
    if (options.mixer_address.empty()) options.mixer_address = address_towards(options.ng);
    auto ng = NgClient::create(loop, options.ng);
    if (!ng) return tl::unexpected(ng.error());
    return std::unique_ptr<RtpengineMedia>(
        new RtpengineMedia(loop, std::move(options), std::move(*ng)));
}

RtpengineMedia::RtpengineMedia(Loop &loop, Options options, std::unique_ptr<NgClient> ng)
    : loop_(loop), options_(std::move(options)), ng_(std::move(ng)),
      mixer_(options_.mixer_address) {
    ng_->on_availability([this](bool available) {
        if (available) became_available();
        if (on_availability_) on_availability_(available);
    });
}

void RtpengineMedia::on_availability(std::function<void(bool)> handler) {
    on_availability_ = std::move(handler);
}

// --- finding --------------------------------------------------------------------------------

RtpengineMedia::Call *RtpengineMedia::find(CallId id) {
    const auto found = calls_.find(id);
    return found == calls_.end() || found->second->ended ? nullptr : found->second.get();
}

RtpengineMedia::Leg *RtpengineMedia::find(CallId id, const Tag &tag) {
    auto *call = find(id);
    if (call == nullptr) return nullptr;
    const auto leg = call->legs.find(tag);
    return leg == call->legs.end() ? nullptr : &leg->second;
}

RtpengineMedia::Call &RtpengineMedia::find_or_begin(CallId id) {
    auto &call = calls_[id];
    if (!call) {
        call = std::make_unique<Call>();
        call->id = id;
        call->generation = ng_->generation();
    }
    return *call;
}

void RtpengineMedia::later(std::function<void()> work) {
    loop_.post([alive = std::weak_ptr(alive_), work = std::move(work)] {
        if (!alive.expired()) work();
    });
}

// --- the six operations ---------------------------------------------------------------------

Expected<sdp::Audio> RtpengineMedia::understood(Call &call, LegKind kind,
                                                const std::string &text) const {
    auto audio = sdp::parse(text);
    if (!audio) return audio;
    if (audio->secure != (kind == LegKind::browser))
        return fail(ProblemKind::invalid_input, "sdp.transport");
    if (!call.codec_known) {
        // One codec for all legs: nothing is ever transcoded.
        call.codec = sdp::preferred(*audio);
        if (audio->telephone_event >= 0) call.telephone_event = audio->telephone_event;
        call.codec_known = true;
    }
    if (!sdp::reduce(*audio, call.codec))
        return fail(ProblemKind::invalid_input, "sdp.no_common_codec");
    return audio;
}

// What rtpengine wrote, made ours: a plain far end sees the audio and nothing else; a browser gets
// all of it (ICE, DTLS) under our origin.
void RtpengineMedia::take_local(const Call &call, Leg &leg, const sdp::Audio *offer,
                                const std::string &text) {
    auto fresh = text;
    if (auto audio = sdp::parse(text); audio && leg.kind != LegKind::browser) {
        if (offer != nullptr) audio->telephone_event = offer->telephone_event;
        if (offer != nullptr) audio->direction = sdp::mirrored(offer->direction);
        fresh = sdp::write(*audio);
    }
    if (offer != nullptr) fresh = sdp::with_refused(fresh, *offer);
    // The version grows if and only if something else has changed (RFC 3264, 8).
    if (leg.version == 0 || !sdp::same_content(fresh, leg.local)) ++leg.version;
    const auto session = static_cast<std::uint64_t>(call.id.value) * 64 +
                         static_cast<std::uint64_t>(leg.number % 64);
    leg.local = sdp::with_origin(fresh, session, leg.version);
}

void RtpengineMedia::leg_in(CallId id, const Tag &tag, LegKind kind, const std::string &offer,
                            SdpDone our_answer) {
    auto &call = find_or_begin(id);
    if (call.ended || call.legs.contains(tag))
        return later([our_answer] { our_answer(fail(ProblemKind::conflict, "media.leg_exists")); });
    auto audio = understood(call, kind, offer);
    if (!audio) return later([our_answer, audio] { our_answer(tl::unexpected(audio.error())); });

    Leg leg;
    leg.kind = kind;
    leg.number = call.next_leg++;
    leg.held = holds(*audio) || without_address(*audio);
    leg.far = *audio;
    leg.far.direction = sdp::Direction::sendrecv; // who hears whom is decided by coupling alone
    if (without_address(*audio)) {
        leg.far.address = "127.0.0.1";
        leg.far.port = 9;
    }
    leg.complete = true;
    call.legs.emplace(tag, std::move(leg));

    auto build = [this, tag, offered = *audio](Call &now) -> Expected<Steps> {
        const auto found = now.legs.find(tag);
        if (found == now.legs.end()) return no_leg();
        const auto &x = found->second;
        const auto parking = parking_tag(tag);
        Step first{exchange(now, "offer", tag, parking, sdp::write(x.far), LegKind::plain)};
        const Way side = x.kind == LegKind::inside ? Way::inside : Way::in;
        put_direction(first.command, side);
        Step second{exchange(now, "answer", tag, parking, parking_sdp(now), x.kind)};
        second.done = [this, id = now.id, tag, offered](const ng::Dict &reply) {
            auto *known = find(id, tag);
            const auto text = sdp_of(reply);
            if (known != nullptr && text) take_local(*find(id), *known, &offered, *text);
        };
        return Steps{std::move(first), std::move(second)};
    };
    add(call, {std::move(build), [this, id, tag, our_answer](Expected<void> result) {
                   const auto *known = find(id, tag);
                   if (!result) return our_answer(tl::unexpected(result.error()));
                   if (known == nullptr) return our_answer(no_leg());
                   our_answer(known->local);
               }});
}

void RtpengineMedia::leg_out(CallId id, const Tag &tag, LegKind kind, SdpDone our_offer) {
    auto &call = find_or_begin(id);
    if (call.ended || call.legs.contains(tag))
        return later([our_offer] { our_offer(fail(ProblemKind::conflict, "media.leg_exists")); });
    // Which codec all legs speak is open as long as the first one has not answered our offer of
    // both: the next leg waits for it.
    if (!call.codec_known && !call.legs.empty()) {
        call.later.push_back(
            {tag, false, [this, id, tag, kind, our_offer] { leg_out(id, tag, kind, our_offer); },
             [our_offer](Expected<void> why) { our_offer(tl::unexpected(why.error())); }});
        return;
    }
    Leg leg;
    leg.kind = kind;
    leg.number = call.next_leg++;
    call.legs.emplace(tag, std::move(leg));

    auto build = [this, tag, kind](Call &now) -> Expected<Steps> {
        if (!now.legs.contains(tag)) return no_leg();
        Step step{exchange(now, "offer", parking_tag(tag), tag, parking_sdp(now), kind)};
        put_direction(step.command, Way::out);
        step.done = [this, id = now.id, tag](const ng::Dict &reply) {
            auto *known = find(id, tag);
            const auto text = sdp_of(reply);
            if (known != nullptr && text) take_local(*find(id), *known, nullptr, *text);
        };
        return Steps{std::move(step)};
    };
    add(call, {std::move(build), [this, id, tag, our_offer](Expected<void> result) {
                   const auto *known = find(id, tag);
                   if (!result) return our_offer(tl::unexpected(result.error()));
                   if (known == nullptr) return our_offer(no_leg());
                   our_offer(known->local);
               }});
}

void RtpengineMedia::leg_out_answered(CallId id, const Tag &tag, const std::string &answer,
                                      Done done) {
    auto *call = find(id);
    auto *leg = find(id, tag);
    if (leg == nullptr) return later([done] { done(no_leg()); });
    auto audio = understood(*call, leg->kind, answer);
    if (!audio) return later([done, audio] { done(tl::unexpected(audio.error())); });
    leg->held = holds(*audio) || without_address(*audio);
    leg->far = *audio;
    leg->far.direction = sdp::Direction::sendrecv;
    leg->complete = true;
    auto build = [this, tag](Call &now) -> Expected<Steps> {
        const auto found = now.legs.find(tag);
        if (found == now.legs.end()) return no_leg();
        return Steps{{exchange(now, "answer", parking_tag(tag), tag, sdp::write(found->second.far),
                               LegKind::plain)}};
    };
    add(*call, {std::move(build), std::move(done)});
    for (auto &waiting : std::exchange(call->later, {}))
        waiting.begin();
}

void RtpengineMedia::leg_updated(CallId id, const Tag &tag, const std::string &offer,
                                 SdpDone our_answer) {
    auto *call = find(id);
    auto *leg = find(id, tag);
    if (leg == nullptr || !leg->complete) return later([our_answer] { our_answer(no_leg()); });
    auto audio = understood(*call, leg->kind, offer);
    if (audio && leg->kind == LegKind::browser)
        audio = fail(ProblemKind::conflict, "media.browser_update"); // a new leg, never a new offer
    if (!audio) return later([our_answer, audio] { our_answer(tl::unexpected(audio.error())); });

    const auto before = leg->far;
    leg->held = holds(*audio) || without_address(*audio);
    leg->far = *audio;
    leg->far.direction = sdp::Direction::sendrecv;
    if (without_address(*audio)) {
        leg->far.address = before.address;
        leg->far.port = before.port;
    }
    leg->doubt = true; // rtpengine does not know the new address yet
    take_local(*call, *leg, &*audio, leg->local);
    add(*call, {[this, tag](Call &now) { return settle(now, tag); },
                [this, id, tag, our_answer](Expected<void> result) {
                    const auto *known = find(id, tag);
                    if (!result) return our_answer(tl::unexpected(result.error()));
                    if (known == nullptr) return our_answer(no_leg());
                    our_answer(known->local);
                }});
}

void RtpengineMedia::connect(CallId id, const Tag &a, const Tag &b, Done done) {
    auto *call = find(id);
    auto *first = find(id, a);
    auto *second = find(id, b);
    if (first == nullptr || second == nullptr || !first->complete || !second->complete || a == b)
        return later([done] { done(no_leg()); });
    if (first->partner != b) unlink(*call, a);
    if (second->partner != a) unlink(*call, b);
    first->partner = b;
    second->partner = a;
    add(*call, {[this, a](Call &now) { return settle(now, a); }, std::move(done)});
}

void RtpengineMedia::park(CallId id, const Tag &tag, Done done) {
    auto *call = find(id);
    if (find(id, tag) == nullptr) return later([done] { done(no_leg()); });
    unlink(*call, tag);
    add(*call, {[this, tag](Call &now) { return settle(now, tag); }, std::move(done)});
}

void RtpengineMedia::drop(CallId id, const Tag &tag) {
    auto *call = find(id);
    if (call != nullptr) give_up(*call, tag, false);
    if (find(id, tag) == nullptr) return;
    unlink(*call, tag);
    call->legs.erase(tag);
    auto build = [this, tag](Call &now) -> Expected<Steps> {
        Steps steps;
        // rtpengine would remove a leg without any partner together with this one.
        for (const auto &[other, leg] : now.legs)
            if (leg.coupled == tag) append(steps, park_steps(now, other));
        auto remove = command(now, "delete");
        remove.fields.put("from-tag", tag);
        steps.push_back({std::move(remove), {}, true});
        return steps;
    };
    add(*call, {std::move(build), [](Expected<void>) {}});
}

// --- playing --------------------------------------------------------------------------------

void RtpengineMedia::play(CallId id, const Tag &tag, const std::string &wav_path, int repeat,
                          PlayDone done) {
    auto *leg = find(id, tag);
    if (leg == nullptr) return later([done] { done(no_leg()); });
    if (auto &call = *find(id); !leg->complete) { // nobody can hear it yet, nor in which codec
        give_up(call, tag, true);
        call.later.push_back(
            {tag, true,
             [this, id, tag, wav_path, repeat, done] { play(id, tag, wav_path, repeat, done); },
             [done](Expected<void> why) { done(tl::unexpected(why.error())); }});
        return;
    }
    if (!leg->partner.empty()) park(id, tag, [](Expected<void>) {});
    auto length = std::make_shared<Duration>();
    auto build = [this, tag, wav_path, repeat, length](Call &now) -> Expected<Steps> {
        const auto found = now.legs.find(tag);
        if (found == now.legs.end()) return no_leg();
        found->second.playing = true;
        auto start = command(now, "play media");
        start.fields.put("from-tag", tag).put("file", wav_path);
        if (repeat > 1) start.fields.put("repeat-times", repeat);
        return Steps{{std::move(start), [length](const ng::Dict &reply) {
                          *length =
                              std::chrono::milliseconds(ng::number(reply, "duration").value_or(0));
                      }}};
    };
    add(*find(id), {std::move(build), [done, length](Expected<void> result) {
                        if (!result) return done(tl::unexpected(result.error()));
                        done(*length);
                    }});
}

void RtpengineMedia::stop(CallId id, const Tag &tag) {
    if (find(id, tag) == nullptr) return;
    give_up(*find(id), tag, true);
    add(*find(id), {[this, tag](Call &now) -> Expected<Steps> {
                        const auto found = now.legs.find(tag);
                        if (found == now.legs.end()) return no_leg();
                        found->second.playing = false;
                        return stop_steps(now, tag);
                    },
                    [](Expected<void>) {}});
}

void RtpengineMedia::give_up(Call &call, const Tag &tag, bool plays_only) {
    std::vector<Later> kept;
    for (auto &one : std::exchange(call.later, {})) {
        if (one.tag != tag || (plays_only && !one.play)) {
            kept.push_back(std::move(one));
        } else {
            later([end = std::move(one.give_up)] { end(no_leg()); });
        }
    }
    call.later = std::move(kept);
}

// --- the end --------------------------------------------------------------------------------

void RtpengineMedia::end(CallId id) {
    const auto found = calls_.find(id);
    if (found == calls_.end()) return send_delete(id);
    auto &call = *found->second;
    if (call.ended) return;
    call.ended = true;
    mixer_.close(id.value);
    for (auto &one : std::exchange(call.later, {}))
        later([end = std::move(one.give_up)] { end(fail(ProblemKind::conflict, "media.ended")); });
    auto waiting = std::exchange(call.jobs, {});
    for (auto &job : waiting)
        later([finish = std::move(job.finish)] {
            finish(fail(ProblemKind::conflict, "media.ended"));
        });
    // An offer that is under way would begin the call anew after a delete: let it come back first.
    if (!call.busy) finish_end(id);
}

void RtpengineMedia::finish_end(CallId id) {
    const auto generation = calls_.at(id)->generation;
    calls_.erase(id);
    if (generation == ng_->generation()) send_delete(id);
}

void RtpengineMedia::send_delete(CallId id) {
    Call call;
    call.id = id;
    ng_->request(command(call, "delete"), [this, id](Expected<ng::Dict> reply) {
        if (reply || reply.error().code != "media.unavailable") return;
        if (undelivered_generation_ != ng_->generation()) undelivered_ends_.clear();
        undelivered_generation_ = ng_->generation();
        undelivered_ends_.insert(id);
    });
}

void RtpengineMedia::became_available() {
    const auto ends = std::exchange(undelivered_ends_, {});
    if (undelivered_generation_ != ng_->generation()) return; // gone with the old process
    for (const auto id : ends)
        send_delete(id);
}

void RtpengineMedia::list(std::function<void(Expected<std::vector<CallId>>)> done) {
    if (ng_->nobody_listens()) return later([done] { done(std::vector<CallId>{}); });
    ng::Command all("list");
    all.fields.put("limit", 100000);
    ng_->request(all, [this, done](Expected<ng::Dict> reply) {
        if (!reply) return done(tl::unexpected(reply.error()));
        std::vector<CallId> result;
        const auto *calls = ng::list(*reply, "calls");
        for (const auto &entry : calls == nullptr ? ng::List{} : *calls) {
            const auto *name = std::get_if<std::string>(&entry.is);
            const CallId id = name != nullptr ? our_call(*name) : CallId{};
            if (id) result.push_back(id);
        }
        done(std::move(result));
    });
}

CallId RtpengineMedia::our_call(std::string_view name) const {
    if (!name.starts_with(options_.call_prefix)) return {};
    name.remove_prefix(options_.call_prefix.size());
    std::int64_t value = 0;
    const auto [at, error] = std::from_chars(name.data(), name.data() + name.size(), value);
    const bool whole = error == std::errc{} && at == name.data() + name.size();
    return whole && value > 0 ? CallId{value} : CallId{};
}

// --- keys -----------------------------------------------------------------------------------

void RtpengineMedia::on_digit(std::function<void(CallId, const Tag &, char)> handler) {
    on_digit_ = std::move(handler);
}

// {"callid":"fernamt-1","source_tag":"C","type":"DTMF","event":5,...}
void RtpengineMedia::take_digit(std::string_view report) {
    constexpr std::string_view kKeys = "0123456789*#ABCD"; // RFC 4733, 3.2
    boost::system::error_code error;
    const auto value = boost::json::parse({report.data(), report.size()}, error);
    const auto *object = error ? nullptr : value.if_object();
    if (object == nullptr || !on_digit_) return;
    const auto *call = object->if_contains("callid");
    const auto *tag = object->if_contains("source_tag");
    const auto *event = object->if_contains("event");
    const bool complete = call != nullptr && call->is_string() && tag != nullptr &&
                          tag->is_string() && event != nullptr && event->is_int64();
    if (!complete) return;
    const auto key = static_cast<std::size_t>(event->get_int64());
    const CallId id = our_call({call->get_string().data(), call->get_string().size()});
    const Tag leg(tag->get_string().data(), tag->get_string().size());
    if (key < kKeys.size() && find(id, leg) != nullptr) on_digit_(id, leg, kKeys[key]);
}

} // namespace fernamt::telephony
