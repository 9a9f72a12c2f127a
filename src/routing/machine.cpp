// SPDX-License-Identifier: EUPL-1.2
#include "routing/machine.h"

#include "routing/switchboard.h"

namespace fernamt::routing {

struct Machine::Impl : Switchboard {
    using Switchboard::Switchboard;
};

std::string_view to_string(CallState state) {
    switch (state) {
    case CallState::announcing:
        return "announcing";
    case CallState::waiting:
        return "waiting";
    case CallState::ringing:
        return "ringing";
    case CallState::talking:
        return "talking";
    case CallState::held:
        return "held";
    case CallState::transferring:
        return "transferring";
    case CallState::transferred:
        return "transferred";
    }
    return "unknown";
}

bool is_on_line(const Call &call) {
    return !call.callback || call.callback->reached;
}

Machine::Machine() : Machine(State{}) {}
Machine::Machine(State state) : impl_(std::make_unique<Impl>(std::move(state))) {}
Machine::~Machine() = default;
Machine::Machine(Machine &&) noexcept = default;
Machine &Machine::operator=(Machine &&) noexcept = default;

Decisions Machine::step(const Event &event, Instant now) {
    return impl_->step(event, now);
}

std::optional<Instant> Machine::next_deadline() const {
    return impl_->index.next_deadline();
}

const State &Machine::state() const {
    return impl_->state;
}

std::vector<CallId> Machine::waiting() const {
    std::vector<CallId> calls;
    for (const WaitingCall &waiting : impl_->index.waiting())
        calls.push_back(waiting.call);
    return calls;
}

InLine Machine::in_line() const {
    return impl_->index.in_line();
}

std::optional<WaitEstimate> Machine::estimate(CallId id) const {
    const auto found = impl_->state.calls.find(id);
    if (found == impl_->state.calls.end()) return std::nullopt;
    const Call &call = found->second;
    if (call.state != CallState::waiting || !call.place) return std::nullopt;
    WaitEstimate estimate = impl_->index.estimate(call);
    const Handling &seen = impl_->state.handling;
    estimate.handling = seen.calls > 0 ? seen.mean : impl_->state.rules.typical_handling;
    if (estimate.working > 0) {
        estimate.wait = (estimate.ahead + 1) * estimate.handling / estimate.working;
    }
    return estimate;
}

bool Machine::is_consistent() const {
    return impl_->index == Index(impl_->state);
}

} // namespace fernamt::routing
