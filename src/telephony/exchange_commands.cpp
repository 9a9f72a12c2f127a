// SPDX-License-Identifier: EUPL-1.2
// What agents, leads and administrators want from the exchange, and what may be asked of it. From
// any thread; carried out on the loop.
#include "ledger/routing_codec.h"
#include "telephony/exchange_core.h"

#include <algorithm>
#include <future>
#include <utility>

namespace fernamt::telephony {

namespace {

constexpr auto kAnswerWithin = 3s; // a question to a stuck loop fails instead of hanging a worker

// Runs f on the loop and waits for what it returns.
template <class F>
auto ask(Loop &loop, F f) -> Expected<decltype(f())> {
    auto promise = std::make_shared<std::promise<decltype(f())>>();
    auto answer = promise->get_future();
    loop.post([promise, f] { promise->set_value(f()); });
    if (answer.wait_for(kAnswerWithin) != std::future_status::ready) {
        return fail(ProblemKind::unavailable, "telephony.busy");
    }
    return answer.get();
}

Duration longest_wait(const routing::InLine &line, Instant now) {
    return line.longest_since ? std::max(now - *line.longest_since, Duration{}) : Duration{};
}

bool is_administrative(const routing::Event &event) {
    return std::holds_alternative<routing::OfficeSwitched>(event) ||
           std::holds_alternative<routing::SkillsAssigned>(event) ||
           std::holds_alternative<routing::CrisisBegan>(event) ||
           std::holds_alternative<routing::CrisisEnded>(event) ||
           std::holds_alternative<routing::HelperJoined>(event) ||
           std::holds_alternative<routing::CallbackWithdrawn>(event);
}

bool is_call_of(const routing::Agent &agent, const std::optional<CallId> &call) {
    return !call || agent.call == call;
}

} // namespace

Expected<routing::Event> ExchangeCore::to_event(const AgentCommand &command) const {
    const auto &agents = machine_.state().agents;
    const auto found = agents.find(command.agent);
    if (found == agents.end()) {
        return fail(ProblemKind::forbidden, "desk.no_agent");
    }
    const routing::Agent &agent = found->second;
    if (!is_call_of(agent, command.call)) return fail(ProblemKind::conflict, "desk.other_call");
    const CallId call = agent.call.value_or(CallId{});
    switch (command.kind) {
    case AgentCommand::Kind::sign_in:
        return routing::AgentSignedIn{agent.id, command.device, command.paused};
    case AgentCommand::Kind::sign_out:
        return routing::AgentSignedOut{agent.id};
    case AgentCommand::Kind::ready:
        return routing::AgentReady{agent.id};
    case AgentCommand::Kind::pause:
        return routing::AgentPaused{agent.id};
    case AgentCommand::Kind::answer:
        if (agent.state == routing::AgentState::ringing &&
            agent.device == routing::Device::sip_phone) {
            return fail(ProblemKind::conflict, "desk.answer_at_phone");
        }
        return routing::AgentAnswered{agent.id, call};
    case AgentCommand::Kind::hang_up:
        if (agent.state == routing::AgentState::ringing) {
            return routing::AgentDeclined{agent.id, call, routing::DeclineCause::rejected};
        }
        return routing::AgentHungUp{agent.id, call, routing::HangUpCause::normal};
    case AgentCommand::Kind::hold:
        return routing::HoldRequested{agent.id, call};
    case AgentCommand::Kind::resume:
        return routing::ResumeRequested{agent.id, call};
    case AgentCommand::Kind::transfer:
    case AgentCommand::Kind::consult:
        if (!command.target) return fail(ProblemKind::invalid_input, "desk.target_invalid");
        if (parts_.outside_uri(*command.target).empty()) {
            return fail(ProblemKind::invalid_input, "desk.target_not_allowed");
        }
        if (command.kind == AgentCommand::Kind::consult) {
            return routing::ConsultRequested{agent.id, call, {*command.target, {}}};
        }
        return routing::TransferRequested{agent.id, call, {*command.target, {}}};
    case AgentCommand::Kind::consult_end:
        return routing::ConsultEnded{agent.id, call};
    case AgentCommand::Kind::conference:
        return routing::ConferenceRequested{agent.id, call};
    case AgentCommand::Kind::hand_over:
        return routing::HandOverRequested{agent.id, call};
    case AgentCommand::Kind::correct_municipality:
        if (!command.municipality) {
            return fail(ProblemKind::invalid_input, "desk.municipality_missing");
        }
        return routing::TenantCorrected{agent.id, call, *command.municipality};
    case AgentCommand::Kind::wrap_up_extend:
        return routing::WrapUpExtended{agent.id};
    case AgentCommand::Kind::wrap_up_finish:
        return routing::WrapUpFinished{agent.id};
    case AgentCommand::Kind::phone_resume: // no event: nothing happens to the call
        break;
    }
    return fail(ProblemKind::internal, "desk.command");
}

void ExchangeCore::command(const AgentCommand &command, Done done) {
    parts_.loop.post([this, command, done = std::move(done)] {
        if (command.kind == AgentCommand::Kind::phone_resume) return done(resume_phone(command));
        auto event = to_event(command);
        if (!event) {
            done(tl::unexpected(event.error()));
            return;
        }
        if (const auto *transfer = std::get_if<routing::TransferRequested>(&*event)) {
            return submit_passing_on(PassOn::transfer, transfer->agent, transfer->call,
                                     *transfer->target.number, done);
        }
        if (const auto *consult = std::get_if<routing::ConsultRequested>(&*event)) {
            return submit_passing_on(PassOn::consult, consult->agent, consult->call,
                                     *consult->target.number, done);
        }
        submit(*event, done);
    });
}

void ExchangeCore::change_rules(routing::Rules rules, UserId by, Done done) {
    parts_.loop.post([this, rules = std::move(rules), by, done = std::move(done)]() mutable {
        rules.version = machine_.state().rules.version + 1;
        submit(routing::RulesChanged{std::move(rules), by}, std::move(done));
    });
}

void ExchangeCore::act(const routing::Event &event, Done done) {
    if (!is_administrative(event)) {
        done(fail(ProblemKind::invalid_input, "exchange.not_administrative"));
        return;
    }
    parts_.loop.post([this, event, done = std::move(done)] {
        submit(event, [done](Expected<void> result) {
            if (!result && result.error().code == "desk.not_now") {
                result.error().code = "exchange.refused";
            }
            done(std::move(result));
        });
        changed_all(); // also what no decision tells: an office's switch
    });
}

// --- questions ----------------------------------------------------------------------------------

DeskView ExchangeCore::desk_now(AgentId id) const {
    const routing::State &state = machine_.state();
    DeskView view;
    view.now = parts_.clock.now();
    view.phone_registered = parts_.legs.is_registered(parts_.phone_user(id));
    const routing::InLine line = machine_.in_line();
    view.waiting = line.calls;
    view.longest_wait = longest_wait(line, view.now);
    const auto found = state.agents.find(id);
    if (found == state.agents.end()) return view;
    const routing::Agent &agent = found->second;
    view.state = agent.state;
    view.device = agent.device;
    view.since = agent.state_since;
    view.until = agent.until;
    view.pause_after_call = agent.pause_after_call;
    if (!agent.call) return view;

    DeskView::CallView call{.id = *agent.call, .municipality = agent.municipality};
    if (const auto routed = state.calls.find(*agent.call); routed != state.calls.end()) {
        call.number = routed->second.number;
        call.offered_at = routed->second.offered_at;
        call.answered_at = routed->second.answered_at;
        call.scope = routed->second.scope;
        const CrisisId waited_in = routed->second.waits_in;
        call.crisis = waited_in ? waited_in : routed->second.crisis;
        call.from = routed->second.from;
        call.dialled = routed->second.dialled;
        if (const auto &consult = routed->second.consult) call.consult = consult->state;
        if (const auto &callback = routed->second.callback) {
            call.callback = true;
            call.dialling = callback->dialling;
        }
    }
    if (const auto live = calls_.find(*agent.call); live != calls_.end()) {
        call.caller = live->second.caller;
        for (const LiveLeg &leg : live->second.legs) {
            if (leg.kind == LegKind::browser && leg.agent == id && !leg.offer.empty()) {
                view.browser_offer = DeskView::BrowserOffer{leg.tag, leg.offer};
            }
        }
    }
    view.call = std::move(call);
    return view;
}

Situation ExchangeCore::situation_now() const {
    const routing::State &state = machine_.state();
    Situation situation;
    situation.now = parts_.clock.now();
    situation.media_available = parts_.media.available();
    situation.ledger_accepting = parts_.ledger.accepting();
    situation.recovered = recovered_;
    situation.open_legs = static_cast<std::int64_t>(parts_.legs.open_legs());
    const routing::InLine line = machine_.in_line();
    situation.waiting = line.calls;
    situation.callbacks = line.callbacks;
    situation.longest_wait = longest_wait(line, situation.now);
    for (const auto &[id, crisis] : state.crises)
        situation.crises.push_back(id);
    for (const auto &[id, agent] : state.agents)
        ++situation.agents[agent.state];
    std::map<MunicipalityId, Situation::PerMunicipality> sums;
    for (const auto &municipality : state.rules.municipalities) {
        sums[municipality.id].id = municipality.id;
    }
    for (const auto &[id, call] : state.calls) {
        if (!call.municipality) continue;
        auto &sum = sums[*call.municipality];
        sum.id = *call.municipality;
        const bool waits =
            call.state == routing::CallState::waiting || call.state == routing::CallState::ringing;
        const bool talks =
            call.state == routing::CallState::talking || call.state == routing::CallState::held;
        sum.waiting += waits ? 1 : 0;
        sum.talking += talks ? 1 : 0;
    }
    for (auto &[id, sum] : sums)
        situation.municipalities.push_back(sum);
    return situation;
}

Expected<DeskView> ExchangeCore::desk(AgentId agent) {
    return ask(parts_.loop, [this, agent] { return desk_now(agent); });
}

Expected<Situation> ExchangeCore::situation() {
    return ask(parts_.loop, [this] { return situation_now(); });
}

Expected<routing::Rules> ExchangeCore::rules() {
    return ask(parts_.loop, [this] { return machine_.state().rules; });
}

Expected<routing::State> ExchangeCore::state() {
    return ask(parts_.loop, [this] { return machine_.state(); });
}

// The state belongs to the entry that brought it about: a TimePassed is written even if nothing is
// due, and its place in the ledger is the snapshot's.
Expected<void> ExchangeCore::save_snapshot() {
    using Snapshot = ledger::Ledger::Snapshot;
    auto promise = std::make_shared<std::promise<Expected<Snapshot>>>();
    auto answer = promise->get_future();
    parts_.loop.post([this, promise] {
        const Instant now = parts_.clock.now();
        const routing::Event event = routing::TimePassed{};
        auto decisions = std::make_shared<const routing::Decisions>(machine_.step(event, now));
        schedule_deadline();
        auto state = std::make_shared<std::string>(ledger::to_json(machine_.state()));
        append(event, now, std::move(decisions), {},
               [promise, state](Expected<std::int64_t> last_seq) {
                   promise->set_value(last_seq ? Expected<Snapshot>(Snapshot{*last_seq, *state})
                                               : tl::unexpected(last_seq.error()));
               });
    });
    if (answer.wait_for(kAnswerWithin) != std::future_status::ready) {
        return fail(ProblemKind::unavailable, "telephony.busy");
    }
    auto snapshot = answer.get();
    if (!snapshot) return tl::unexpected(snapshot.error());
    return parts_.ledger.save_snapshot(*snapshot);
}

void ExchangeCore::phone_changed(const std::string &user) {
    for (const auto &[id, agent] : machine_.state().agents) {
        if (parts_.phone_user(id) == user) changed(id);
    }
}

void ExchangeCore::stop_accepting() {
    parts_.loop.post([this] { stopped_ = true; });
}

Exchange::Counters ExchangeCore::counters() const {
    Counters counters{.offered = offered_.load(),
                      .rejected_media = rejected_media_.load(),
                      .rejected_ledger = rejected_ledger_.load(),
                      .live_calls = live_.load(),
                      .dispatch_us = dispatch_us_.load()};
    for (std::size_t i = 0; i < dispatched_.size(); ++i)
        counters.dispatched[i] = dispatched_[i];
    return counters;
}

Expected<std::set<std::string>> ExchangeCore::callback_numbers() {
    return ask(parts_.loop, [this] {
        std::set<std::string> commitments;
        for (const auto &[call, commitment] : callback_numbers_)
            commitments.insert(commitment);
        return commitments;
    });
}

} // namespace fernamt::telephony
