// SPDX-License-Identifier: EUPL-1.2
// "Press 1 for a callback": the caller's leg ends, the place stays; when it is this call's turn an
// agent's phone rings first, then the citizen's. The number is sealed outside the ledger's chain
// (ledger::kSealedCallback), survives a restart and is erased when the callback is over.
#include "base/log.h"
#include "ledger/routing_codec.h"
#include "routing/refusal.h"
#include "telephony/exchange_core.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace fernamt::telephony {

namespace {

constexpr char kCallbackDigit = '1';

bool is_refused(const Problem &problem, std::string_view reason) {
    return std::ranges::any_of(problem.arguments, [&](const auto &argument) {
        return argument.first == "reason" && argument.second == reason;
    });
}

} // namespace

bool ExchangeCore::is_on_line(CallId id) const {
    const auto call = machine_.state().calls.find(id);
    if (call == machine_.state().calls.end()) return true;
    return routing::is_on_line(call->second);
}

bool ExchangeCore::is_dialling_citizen(CallId id) const {
    const auto call = machine_.state().calls.find(id);
    return call != machine_.state().calls.end() && call->second.callback &&
           call->second.callback->dialling;
}

bool ExchangeCore::may_be_called_back(LiveCall &call) const {
    const routing::State &state = machine_.state();
    const auto routed = state.calls.find(call.id);
    if (routed == state.calls.end() || routed->second.callback || !routed->second.queue)
        return false;
    const routing::CallQueue *queue = routing::find_queue(state.rules, routed->second.queue);
    if (queue == nullptr || !queue->offers_callback || call.caller_key == 0) return false;
    const auto number = parse_phone_number(call.caller.reveal());
    return number && !parts_.outside_uri(*number).empty();
}

// One per number: on another line, or one that is being dialled just now. (On the same line the new
// call has taken its place.)
bool ExchangeCore::has_callback(const LiveCall &call) const {
    const auto &calls = machine_.state().calls;
    return std::ranges::any_of(callback_numbers_, [&](const auto &owed) {
        const auto found = calls.find(owed.first);
        if (found == calls.end() || !found->second.callback) return false;
        const routing::Callback &callback = *found->second.callback;
        return !callback.reached && callback.caller.value == call.caller_key;
    });
}

void ExchangeCore::on_digit(CallId id, const Media::Tag &tag, char digit) {
    LiveCall *call = find(id);
    const LiveLeg *leg = call != nullptr ? call->find(tag) : nullptr;
    if (leg == nullptr || leg->role != LegRole::caller || digit != kCallbackDigit) return;
    const auto routed = machine_.state().calls.find(id);
    if (routed == machine_.state().calls.end() || !may_be_called_back(*call)) return;
    const routing::Call &now = routed->second;
    // The caller does not know that a phone rings, and has been offered the key.
    const bool rings = now.state == routing::CallState::ringing ||
                       (now.state == routing::CallState::transferring && now.queued &&
                        now.outside == routing::Outside::partner);
    if (now.state == routing::CallState::waiting) return request_callback(*call);
    call->wants_callback = call->wants_callback || rings; // else a key for somebody else
}

// Whoever rang did not answer. Not while the next one rings: an answer now is better than later.
void ExchangeCore::grant_wished_callback(CallId id) {
    LiveCall *call = find(id);
    if (call == nullptr || !call->wants_callback) return;
    const auto routed = machine_.state().calls.find(id);
    const bool waits = routed != machine_.state().calls.end() &&
                       routed->second.state == routing::CallState::waiting;
    if (!waits || !may_be_called_back(*call)) return;
    call->wants_callback = false;
    request_callback(*call);
}

void ExchangeCore::request_callback(LiveCall &call) {
    const CallId id = call.id;
    const auto number = parse_phone_number(call.caller.reveal());
    auto sealed = seal(ledger::kSealedCallback, Redacted<std::string>(number->e164));
    if (!sealed) return;
    const routing::CallerKey key{call.caller_key};
    callback_numbers_[id] = sealed->commitment;
    submit(
        routing::CallbackRequested{id, key},
        [this, id](Expected<void> result) {
            if (result) return;
            callback_numbers_.erase(id);
            if (is_refused(result.error(), routing::refusal::kCallbackExists))
                tell_callback_exists(id);
        },
        std::move(sealed));
}

// Refused: said, so that nobody hangs up and relies on it.
void ExchangeCore::tell_callback_exists(CallId id) {
    const LiveCall *call = find(id);
    if (call == nullptr) return;
    Words words;
    add_word(*call, "callback_exists", words);
    if (words.empty()) return tell_place(id);
    say(id, std::make_shared<Words>(std::move(words)), 0);
}

void ExchangeCore::carry_out(const routing::CallbackNoted &effect) {
    const CallId id = effect.call;
    LiveCall *call = find(id);
    if (call == nullptr) return;
    const std::string path = parts_.announcements.words(call->municipality, "callback_noted");
    changed_situation();
    if (path.empty()) return end_caller_leg(id);
    play(id, path, 1, [this, id] { end_caller_leg(id); });
}

void ExchangeCore::end_caller_leg(CallId id) {
    LiveCall *call = find(id);
    if (call == nullptr || is_on_line(id)) return;
    parts_.loop.cancel(std::exchange(call->announcement_end, Loop::TimerId::none));
    const LiveLeg *leg = call->of_role(LegRole::caller);
    if (leg == nullptr) return;
    const Media::Tag tag = leg->tag;
    drop_leg(*call, tag, false);
    if (call->legs.empty()) parts_.media.end(id);
}

// The agent waits. Whoever still hears that the callback is noted is hung up first.
void ExchangeCore::carry_out(const routing::CallBack &effect) {
    LiveCall *call = find(effect.call);
    if (call == nullptr) return;
    end_caller_leg(effect.call);
    dial(*call, {.role = LegRole::caller,
                 .number = parse_phone_number(call->caller.reveal()).value_or(PhoneNumber{}),
                 .ring_for = machine_.state().rules.callbacks.ring_for});
    changed(effect.agent);
}

// After a restart: the ledger's entry names the commitment.
Redacted<std::string> ExchangeCore::callback_number(CallId id) {
    std::string commitment;
    const auto read = parts_.ledger.each_of_call(id, [&](const ledger::Entry &entry) {
        if (const std::string found = ledger::caller_of(entry); !found.empty()) commitment = found;
        return true;
    });
    const auto number = read && !commitment.empty()
                            ? parts_.ledger.reveal(commitment)
                            : Expected<std::optional<Redacted<std::string>>>{};
    if (!number || !*number) {
        log::warning("callback.number_lost", {{"call", id.value}});
        return {};
    }
    callback_numbers_[id] = commitment;
    return **number;
}

} // namespace fernamt::telephony
