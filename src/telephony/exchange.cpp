// SPDX-License-Identifier: EUPL-1.2
#include "telephony/exchange.h"

#include "base/log.h"
#include "ledger/routing_codec.h"
#include "telephony/exchange_core.h"

#include <algorithm>
#include <future>
#include <utility>

namespace fernamt::telephony {

namespace {

constexpr auto kAnswerWithin = 3s; // a question to a stuck loop fails instead of hanging a worker

// 2020-01-01T00:00:00Z: call ids are milliseconds since then, so they stay unique over restarts,
// fit into a JSON number for 285,000 years, and need no counter on disk.
constexpr std::int64_t kCallIdEpochMs = 1'577'836'800'000;

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

Expected<routing::Machine> rebuild(ledger::Ledger &ledger) {
    auto snapshot = ledger.latest_snapshot();
    if (!snapshot) return tl::unexpected(snapshot.error());
    routing::Machine machine;
    std::int64_t from = 1;
    if (snapshot->has_value()) {
        auto state = ledger::to_state((*snapshot)->state);
        if (state) {
            machine = routing::Machine(std::move(*state));
            from = (*snapshot)->seq + 1;
        } else { // a cache of an older program: the ledger itself is the truth
            log::warning("exchange.snapshot_unreadable", {{"problem", describe(state.error())}});
        }
    }
    std::optional<Problem> problem;
    const auto read = ledger.each(from, [&](const ledger::Entry &entry) {
        if (!ledger::is_event(entry)) return true;
        const auto event = ledger::to_event(entry);
        if (!event) {
            problem = event.error();
            return false;
        }
        (void)machine.step(*event, entry.at);
        return true;
    });
    if (!read) return tl::unexpected(read.error());
    if (problem) return tl::unexpected(*problem);
    return machine;
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

Expected<std::unique_ptr<Exchange>> Exchange::create(Parts parts) {
    auto machine = rebuild(parts.ledger);
    if (!machine) return tl::unexpected(machine.error());
    auto journal = LegJournal::open(parts.state_directory);
    if (!journal) return tl::unexpected(journal.error());
    return std::unique_ptr<Exchange>(
        std::make_unique<ExchangeCore>(std::move(parts), std::move(*machine), std::move(*journal)));
}

ExchangeCore::ExchangeCore(Parts parts, routing::Machine machine, LegJournal journal)
    : parts_(std::move(parts)), machine_(std::move(machine)), journal_(std::move(journal)) {
    parts_.legs.on_incoming([this](IncomingCall call) { incoming(std::move(call)); });
    parts_.media.on_availability([this](bool available) {
        log::write(available ? log::Level::info : log::Level::error,
                   available ? "media.available" : "media.gone", {});
        if (available && recovered_) end_calls_without_sound();
        changed_situation();
    });
}

// --- the pipeline -------------------------------------------------------------------------------

void ExchangeCore::submit(const routing::Event &event, Done done, Personal personal) {
    submit_at(parts_.clock.now(), event, std::move(done), std::move(personal));
}

void ExchangeCore::submit_at(Instant now, const routing::Event &event, Done done,
                             Personal personal) {
    auto decisions = std::make_shared<const routing::Decisions>(machine_.step(event, now));
    if (decisions->size() == 1) {
        if (const auto *refused = std::get_if<routing::Refused>(&decisions->front().effect)) {
            if (done) {
                done(fail(ProblemKind::conflict, "desk.not_now",
                          {{"reason", std::string(refused->code)}}));
            }
            return;
        }
    }
    schedule_deadline();
    if (decisions->empty() && std::holds_alternative<routing::TimePassed>(event)) return;
    prepare(*decisions, now, personal);
    append(event, now, std::move(decisions), std::move(personal),
           [done = std::move(done)](Expected<std::int64_t> last_seq) {
               if (!done) return;
               if (last_seq) {
                   done({});
               } else {
                   done(tl::unexpected(last_seq.error()));
               }
           });
}

// What an effect needs later and no decision carries.
void ExchangeCore::prepare(const routing::Decisions &decisions, Instant now,
                           const Personal &personal) {
    for (const auto &decision : decisions) {
        if (const auto *ring = std::get_if<routing::Ring>(&decision.effect)) {
            if (LiveCall *call = find(ring->call)) call->ring_decided_at = now;
        }
        if (const auto *transfer = std::get_if<routing::Transfer>(&decision.effect)) {
            LiveCall *call = find(transfer->call);
            if (call == nullptr) continue;
            const auto &number = transfer->target.number;
            if (number) call->transfer_target = Redacted<std::string>(number->e164);
            if (!number && personal) call->transfer_target = personal->value;
        }
    }
}

ExchangeCore::Personal ExchangeCore::seal(std::string_view kind,
                                          const Redacted<std::string> &value) const {
    auto sealed = ledger::seal_value(kind, value, parts_.clock.now());
    return sealed ? std::make_shared<const ledger::Sealed>(std::move(*sealed)) : nullptr;
}

// A number that is not a municipality's own stands in the ledger as a commitment only.
void ExchangeCore::submit_transfer(AgentId agent, CallId call, const PhoneNumber &target,
                                   const Done &done) {
    if (routing::find_number(machine_.state().rules, target) != nullptr) {
        return submit(routing::TransferRequested{agent, call, {target, {}}}, done);
    }
    auto sealed = seal(ledger::kSealedTarget, Redacted<std::string>(target.e164));
    if (!sealed) {
        if (done) done(fail(ProblemKind::internal, "ledger.no_random"));
        return;
    }
    const routing::TransferTarget hidden{{}, sealed->commitment};
    submit(routing::TransferRequested{agent, call, hidden}, done, std::move(sealed));
}

void ExchangeCore::append(const routing::Event &event, Instant now,
                          std::shared_ptr<const routing::Decisions> decisions, Personal personal,
                          ledger::Ledger::OnDurable then) {
    std::vector<ledger::NewEntry> entries;
    entries.reserve(decisions->size() + 1);
    entries.push_back(ledger::to_entry(event, now, personal ? personal->commitment : ""));
    entries.back().sealed = std::move(personal);
    for (const auto &decision : *decisions)
        entries.push_back(ledger::to_entry(decision, now));
    parts_.ledger.append(std::move(entries), [this, decisions, then = std::move(then)](
                                                 Expected<std::int64_t> last_seq) {
        parts_.loop.post([this, decisions, then, last_seq] {
            if (!last_seq) report_lost_ledger(last_seq.error());
            collecting_ = true;
            for (const auto &decision : *decisions)
                execute(decision);
            collecting_ = false;
            tell_changes();
            then(last_seq);
        });
    });
}

// When the ledger is lost, running calls are still served (a citizen must not be cut off because a
// disk is full); new ones are refused, and the operator reads it once.
void ExchangeCore::report_lost_ledger(const Problem &problem) {
    if (std::exchange(ledger_failure_logged_, true)) return;
    log::error("calls.refused", {{"problem", describe(problem)},
                                 {"remedy", "free the disk or repair the database, restart"}});
    changed_situation();
}

void ExchangeCore::schedule_deadline() {
    const auto next = machine_.next_deadline();
    if (next == deadline_) return;
    deadline_ = next;
    parts_.loop.cancel(std::exchange(deadline_timer_, Loop::TimerId::none));
    if (!next) return;
    const Duration delay = std::max(Duration{0}, *next - parts_.clock.now());
    deadline_timer_ = parts_.loop.after(delay, [this] {
        deadline_timer_ = Loop::TimerId::none;
        deadline_.reset();
        submit(routing::TimePassed{});
        schedule_deadline();
    });
}

std::optional<std::string> ExchangeCore::refusal() const {
    if (stopped_ || !recovered_) return "Service is restarting";
    if (!parts_.media.available()) return "Media is unavailable";
    if (!parts_.ledger.accepting()) return "Ledger is unavailable";
    return std::nullopt;
}

CallId ExchangeCore::new_call_id() {
    const std::int64_t ms = parts_.clock.now().us / 1000 - kCallIdEpochMs;
    last_call_ = CallId{std::max(last_call_.value + 1, ms)};
    return last_call_;
}

void ExchangeCore::incoming(IncomingCall incoming) {
    offered_.fetch_add(1, std::memory_order_relaxed);
    if (const auto reason = refusal()) {
        (parts_.media.available() ? rejected_ledger_ : rejected_media_)
            .fetch_add(1, std::memory_order_relaxed);
        parts_.legs.reject(incoming.leg, 503, reason_header(503, *reason), 5s);
        return;
    }
    const CallId id = new_call_id();
    const auto dialled = routing::resolve_dialled(machine_.state().rules, incoming.dialled);
    if (!dialled) log::warning("call.unknown_number", {{"call", id.value}});

    LiveCall &call = calls_[id];
    call.id = id;
    call.caller_offer = std::move(incoming.offer);
    call.caller = incoming.caller;
    if (dialled) call.municipality = dialled->municipality;
    call.legs.push_back({.tag = kCallerTag, .role = LegRole::caller});
    attach(call, call.legs.back(), incoming.leg);
    count_live();

    Personal caller;
    if (!incoming.caller.reveal().empty()) { // a withheld number is not stored at all
        caller = seal(ledger::kSealedCaller, incoming.caller);
        if (caller) journal_.put_caller(id, caller->commitment);
    }
    parts_.legs.ring(incoming.leg);
    parts_.legs.listen(incoming.leg, this);
    submit(routing::CallOffered{id, dialled}, {}, std::move(caller));
}

// --- commands -----------------------------------------------------------------------------------

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
        return routing::AgentSignedIn{agent.id, command.device};
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
            return submit_transfer(transfer->agent, transfer->call, *transfer->target.number, done);
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
        changed_situation();
    });
}

// --- questions ----------------------------------------------------------------------------------

DeskView ExchangeCore::desk_now(AgentId id) const {
    const routing::State &state = machine_.state();
    DeskView view;
    view.now = parts_.clock.now();
    view.phone_registered = parts_.legs.is_registered(parts_.phone_user(id));
    const auto waiting = machine_.waiting();
    view.waiting = static_cast<std::int64_t>(waiting.size());
    if (!waiting.empty()) {
        view.longest_wait = view.now - state.calls.at(waiting.front()).offered_at;
    }
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
        call.crisis = routed->second.crisis;
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
            if (leg.role == LegRole::agent && leg.agent == id && !leg.offer.empty()) {
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
    const auto waiting = machine_.waiting();
    situation.waiting = static_cast<std::int64_t>(waiting.size());
    if (!waiting.empty()) {
        situation.longest_wait = situation.now - state.calls.at(waiting.front()).offered_at;
    }
    for (const CallId id : waiting)
        situation.callbacks += state.calls.at(id).callback ? 1 : 0;
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

// --- small helpers ------------------------------------------------------------------------------

LiveCall *ExchangeCore::find(CallId call) {
    const auto found = calls_.find(call);
    return found == calls_.end() ? nullptr : &found->second;
}

std::pair<LiveCall *, LiveLeg *> ExchangeCore::find(LegId leg) {
    const auto place = places_.find(leg);
    if (place == places_.end()) return {nullptr, nullptr};
    LiveCall *call = find(place->second.call);
    return {call, call != nullptr ? call->find(place->second.tag) : nullptr};
}

void ExchangeCore::attach(LiveCall &call, LiveLeg &leg, LegId sip) {
    leg.sip = sip;
    places_[sip] = {call.id, leg.tag};
}

Media::Tag ExchangeCore::new_tag(LiveCall &call, char prefix) {
    return std::string(1, prefix) + std::to_string(call.next_tag++);
}

void ExchangeCore::count_live() {
    live_.store(static_cast<std::int64_t>(calls_.size()), std::memory_order_relaxed);
}

void ExchangeCore::count_dispatch(const LiveCall &call) {
    const std::int64_t us = (parts_.clock.now() - call.ring_decided_at).count();
    dispatch_us_.fetch_add(us, std::memory_order_relaxed);
    for (std::size_t i = 0; i < kDispatchBounds.size(); ++i) {
        if (us <= kDispatchBounds[i]) dispatched_[i].fetch_add(1, std::memory_order_relaxed);
    }
    dispatched_.back().fetch_add(1, std::memory_order_relaxed);
}

void ExchangeCore::changed(AgentId agent) {
    auto &agents = changes_.agents;
    if (std::find(agents.begin(), agents.end(), agent) == agents.end()) agents.push_back(agent);
    if (!collecting_) tell_changes();
}

void ExchangeCore::changed_situation() {
    changes_.situation = true;
    if (!collecting_) tell_changes();
}

void ExchangeCore::tell_changes() {
    const Changed changes = std::exchange(changes_, {});
    if (!parts_.on_change || (changes.agents.empty() && !changes.situation)) return;
    parts_.on_change(changes);
}

} // namespace fernamt::telephony
