// SPDX-License-Identifier: EUPL-1.2
// Who hears what and whom. What is decided (Coupling) and what is possible (sound is up) come in
// any order: each change of either settles the sound anew. Callbacks of media come later and find
// their call by id: if it has ended meanwhile they do nothing.
#include "base/log.h"
#include "telephony/exchange_core.h"
#include "telephony/waiting_words.h"

#include <algorithm>
#include <utility>

namespace fernamt::telephony {

namespace {

constexpr int kForever = 100'000;         // music: repeated until stopped
constexpr Duration kTellPlaceEvery = 60s; // how many wait before the caller

bool waits(const routing::Machine &machine, CallId id) {
    const auto call = machine.state().calls.find(id);
    if (call == machine.state().calls.end()) return false;
    return call->second.state == routing::CallState::waiting ||
           call->second.state == routing::CallState::ringing;
}

} // namespace

// --- answering the caller -----------------------------------------------------------------------

void ExchangeCore::prepare_caller(CallId id, const std::function<void()> &then) {
    LiveCall *call = find(id);
    if (call == nullptr) return;
    if (call->prepared) return then();
    call->prepared = true;
    const std::string offer = std::exchange(call->caller_offer, {});
    const bool late_offer = offer.empty();
    const auto prepared = [this, id, then, late_offer](Expected<std::string> sdp) {
        LiveCall *live = find(id);
        LiveLeg *leg = live != nullptr ? live->of_role(LegRole::caller) : nullptr;
        if (leg == nullptr) return;
        if (!sdp) {
            const bool unusable = sdp.error().kind == ProblemKind::invalid_input;
            log::warning("call.media_failed",
                         {{"call", id.value}, {"problem", describe(sdp.error())}});
            if (unusable) {
                parts_.legs.reject(leg->sip, 488, reason_header(488, "No usable audio"));
            } else {
                parts_.legs.reject(leg->sip, 503, reason_header(503, "Media is unavailable"), 5s);
            }
            submit(routing::CallerHungUp{id, routing::HangUpCause::media_lost});
            return;
        }
        leg->media_up = !late_offer; // then their SDP comes with the ACK
        live->caller_answer = std::move(*sdp);
        if (live->answered) send_answer(id);
        remember(*live);
        then();
        if (LiveCall *still = find(id)) settle_sound(*still); // somebody was quicker than rtpengine
    };
    if (late_offer) { // ours goes out in the 200
        call->answered = true;
        parts_.media.leg_out(id, kCallerTag, LegKind::plain, prepared);
    } else {
        parts_.media.leg_in(id, kCallerTag, LegKind::plain, offer, prepared);
    }
}

void ExchangeCore::answer_caller(CallId id, const std::function<void()> &then) {
    LiveCall *call = find(id);
    if (call == nullptr) return;
    if (std::exchange(call->answered, true)) return then();
    prepare_caller(id, [this, id, then] {
        send_answer(id);
        then();
    });
}

void ExchangeCore::send_answer(CallId id) {
    LiveCall *call = find(id);
    const LiveLeg *leg = call != nullptr ? call->of_role(LegRole::caller) : nullptr;
    if (leg == nullptr || call->caller_answer.empty()) return;
    parts_.legs.answer(leg->sip, std::exchange(call->caller_answer, {}));
}

// --- what the caller hears ----------------------------------------------------------------------

void ExchangeCore::play(CallId id, const std::string &path, int repeat, const Heard &then) {
    LiveCall *call = find(id);
    const LiveLeg *caller = call != nullptr ? call->of_role(LegRole::caller) : nullptr;
    if (caller == nullptr) return;
    parts_.loop.cancel(std::exchange(call->announcement_end, Loop::TimerId::none));
    parts_.media.play(id, caller->tag, path, repeat, [this, id, then](Expected<Duration> length) {
        LiveCall *live = find(id);
        if (live == nullptr) return;
        if (!length) {
            log::warning("media.play_failed",
                         {{"call", id.value}, {"problem", describe(length.error())}});
        }
        if (!then) return;
        parts_.loop.cancel(std::exchange(live->announcement_end, Loop::TimerId::none));
        live->announcement_end = parts_.loop.after(length.value_or(Duration{0}), then);
    });
}

void ExchangeCore::play_music(CallId id) {
    const LiveCall *call = find(id);
    if (call == nullptr) return;
    play(id, parts_.announcements.path(call->municipality, routing::Announcement::waiting_music),
         kForever, {});
}

// A leg that has taken the caller's place hears music until the next words, which stay due.
void ExchangeCore::hear_music(const LiveCall &call, const Media::Tag &tag) {
    parts_.media.play(
        call.id, tag,
        parts_.announcements.path(call.municipality, routing::Announcement::waiting_music),
        kForever, [](const Expected<Duration> &) {});
}

void ExchangeCore::greet(CallId id, CrisisId crisis) {
    const LiveCall *call = find(id);
    if (call == nullptr || call->coupling != Coupling::none) return; // speaks already
    std::string path = crisis ? parts_.announcements.crisis(crisis, call->municipality) : "";
    if (path.empty()) {
        path = parts_.announcements.path(call->municipality, routing::Announcement::greeting);
    }
    play(id, path, 1, [this, id] { tell_place(id); });
}

void ExchangeCore::tell_place(CallId id) {
    LiveCall *call = find(id);
    if (call == nullptr || !waits(machine_, id) || !is_on_line(id)) return;
    const Instant now = parts_.clock.now();
    if (!call->information_due) call->information_due = now + information_times(*call).first;
    Words words;
    if (const auto estimate = machine_.estimate(id)) {
        for (const std::string &word : place_and_wait(*estimate))
            add_word(*call, word, words);
    }
    if (may_be_called_back(*call) && !has_callback(*call)) add_word(*call, "callback_offer", words);
    call->place_due.reset();
    if (!words.empty()) call->place_due = now + kTellPlaceEvery;
    say(id, std::make_shared<Words>(std::move(words)), 0);
}

void ExchangeCore::add_word(const LiveCall &call, const std::string &name, Words &words) const {
    std::string path = parts_.announcements.words(call.municipality, name);
    if (!path.empty()) words.push_back(std::move(path));
}

// The municipality's own times, else the house's.
routing::WaitingInformation ExchangeCore::information_times(const LiveCall &call) const {
    const routing::WaitingInformation house{parts_.information_first, parts_.information_every};
    if (!call.municipality) return house;
    const auto *town = routing::find_municipality(machine_.state().rules, *call.municipality);
    return town != nullptr ? town->information.value_or(house) : house;
}

// The municipality's information, one after the other and then again from the first; in a crisis
// nothing but the crisis's own announcement.
void ExchangeCore::inform(CallId id) {
    LiveCall *call = find(id);
    if (call == nullptr || !waits(machine_, id) || !is_on_line(id)) return;
    call->information_due = parts_.clock.now() + information_times(*call).every;
    Words words;
    if (!machine_.state().calls.at(id).waits_in) {
        add_word(*call, "info_" + std::to_string(++call->informations), words);
        if (words.empty() && call->informations > 1) {
            call->informations = 1;
            add_word(*call, "info_1", words);
        }
        if (words.empty()) call->informations = 0;
    }
    if (words.empty()) return listen_to_music(*call); // it plays on
    say(id, std::make_shared<Words>(std::move(words)), 0);
}

void ExchangeCore::say(CallId id, const std::shared_ptr<Words> &words, std::size_t at) {
    LiveCall *call = find(id);
    if (call == nullptr || !waits(machine_, id) || !is_on_line(id)) return;
    if (at < words->size()) {
        return play(id, (*words)[at], 1, [this, id, words, at] { say(id, words, at + 1); });
    }
    play_music(id);
    listen_to_music(*call);
}

// Until the next words are due.
void ExchangeCore::listen_to_music(LiveCall &call) {
    const CallId id = call.id;
    const Instant information = call.information_due.value_or(Instant{});
    const bool place_first = call.place_due && *call.place_due <= information;
    const Duration left = (place_first ? *call.place_due : information) - parts_.clock.now();
    call.announcement_end = parts_.loop.after(std::max(left, Duration{0}), [this, id, place_first] {
        if (place_first) return tell_place(id);
        inform(id);
    });
}

// --- who hears whom -----------------------------------------------------------------------------

// The municipality's name in the agent's ear before the two hear each other; the caller goes on
// hearing music. False: not wanted, there is no such word, or somebody has been called back and
// shall not wait again.
bool ExchangeCore::whisper(LiveCall &call, AgentId agent) {
    const LiveLeg *leg = call.of_agent(agent);
    const auto known = machine_.state().calls.find(call.id);
    const bool called_back = known != machine_.state().calls.end() && known->second.callback;
    const bool wanted = parts_.whispers && parts_.whispers(agent) && !called_back;
    if (!wanted || leg == nullptr || !leg->media_up) return false;
    const std::string name = parts_.announcements.words(call.municipality, "name");
    if (name.empty()) return false;
    call.whispering = true;
    const CallId id = call.id;
    parts_.media.play(id, leg->tag, name, 1, [this, id, agent](Expected<Duration> length) {
        parts_.loop.after(length.value_or(Duration{0}),
                          [this, id, agent] { whispered(id, agent); });
    });
    return true;
}

// Unless something else has been decided meanwhile.
void ExchangeCore::whispered(CallId id, AgentId agent) {
    LiveCall *call = find(id);
    if (call == nullptr || !std::exchange(call->whispering, false)) return;
    const auto now = machine_.state().calls.find(id);
    if (now == machine_.state().calls.end()) return;
    const bool talk = now->second.state == routing::CallState::talking && !now->second.consult;
    if (talk && now->second.agent == agent) couple(*call, Coupling::agent);
}

void ExchangeCore::couple(LiveCall &call, Coupling coupling) {
    call.coupling = coupling;
    call.whispering = false;
    if (coupling == Coupling::conference) ++call.conferences;
    const bool caller_talks = coupling == Coupling::agent || coupling == Coupling::target ||
                              coupling == Coupling::conference;
    if (caller_talks) {
        call.wants_callback = false;
        parts_.loop.cancel(std::exchange(call.announcement_end, Loop::TimerId::none));
    }
    settle_sound(call);
}

void ExchangeCore::settle_sound(LiveCall &call) {
    const LiveLeg *caller = call.of_role(LegRole::caller);
    const LiveLeg *agent = call.of_role(LegRole::agent);
    const LiveLeg *target = call.of_role(LegRole::target);
    const LiveLeg *second = call.second_line();
    switch (call.coupling) {
    case Coupling::none:
        return;
    case Coupling::agent:
        return join(call, caller, agent);
    case Coupling::target:
        return join(call, caller, target);
    case Coupling::consult:
        return join(call, target, second != nullptr ? second : agent);
    case Coupling::conference:
        return join_all(call);
    }
}

void ExchangeCore::join(LiveCall &call, const LiveLeg *a, const LiveLeg *b) {
    const bool possible = a != nullptr && b != nullptr && a->media_up && b->media_up;
    if (!possible) return; // when the missing sound comes up, this is asked again
    const CallId id = call.id;
    const Media::Tag one = a->tag;
    const Media::Tag other = b->tag;
    if (offers_fresh_leg(call, one, other) || offers_fresh_leg(call, other, one)) return;
    parts_.media.connect(id, one, other, [this, id](Expected<void> result) {
        LiveCall *live = find(id);
        if (live == nullptr) return;
        remember(*live);
        if (!result) sound_failed(id, result.error());
    });
}

void ExchangeCore::join_all(LiveCall &call) {
    std::vector<Media::Tag> tags;
    const LiveLeg *second = call.second_line(); // the agent's phone is there then
    for (const LegRole role : {LegRole::caller, LegRole::agent, LegRole::target}) {
        const bool there = role == LegRole::agent && second != nullptr;
        const LiveLeg *leg = there ? second : call.of_role(role);
        if (leg == nullptr || !leg->media_up) return;
        tags.push_back(leg->tag);
    }
    const Media::Tag mixer = "mixer" + std::to_string(call.conferences);
    for (const Media::Tag &tag : tags)
        (void)offers_fresh_leg(call, tag, mixer); // each conference is a source of its own
    const CallId id = call.id;
    parts_.media.conference(id, tags, [this, id](Expected<void> result) {
        LiveCall *live = find(id);
        if (live == nullptr) return;
        remember(*live);
        if (!result) sound_failed(id, result.error());
    });
}

// A browser that goes back to a source which it heard before another one stays silent: it gets a
// fresh leg, and the sound is settled when that is up. Otherwise notes what is heard from now on.
bool ExchangeCore::offers_fresh_leg(LiveCall &call, const Media::Tag &tag,
                                    const Media::Tag &source) {
    LiveLeg *leg = call.find(tag);
    if (leg == nullptr || leg->kind != LegKind::browser) return false;
    auto &heard = leg->heard;
    if (!heard.empty() && heard.back() == source) return false;
    if (std::find(heard.begin(), heard.end(), source) == heard.end()) {
        heard.push_back(source);
        return false;
    }
    const AgentId agent = leg->agent;
    const bool under_way =
        std::any_of(call.legs.begin(), call.legs.end(), [&](const LiveLeg &other) {
            return other.role == LegRole::agent && other.agent == agent && !other.media_up;
        });
    if (!under_way) offer_to_browser(call, agent, [](bool) {});
    return true;
}

// A consultation that cannot be heard ends; a conversation that cannot be heard is none.
void ExchangeCore::sound_failed(CallId id, const Problem &problem) {
    log::error("media.connect_failed", {{"call", id.value}, {"problem", describe(problem)}});
    const LiveCall *call = find(id);
    const bool consults = call != nullptr && (call->coupling == Coupling::consult ||
                                              call->coupling == Coupling::conference);
    if (consults && problem.code != "media.lost") return submit(routing::ConsultTargetHungUp{id});
    submit(routing::CallerHungUp{id, routing::HangUpCause::media_lost});
}

} // namespace fernamt::telephony
