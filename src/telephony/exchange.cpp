// SPDX-License-Identifier: EUPL-1.2
#include "telephony/exchange.h"

#include "base/log.h"
#include "ledger/routing_codec.h"
#include "telephony/exchange_core.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace fernamt::telephony {

namespace {

// The program before us ended this call and wrote it down; ours, deciding the same events anew, did
// not. What is written counts: a second end would be billed twice. It leaves where it was written,
// so that what follows finds its agent free, at this start and at each later one.
void end_as_written(routing::Machine &machine, CallId id, Instant at) {
    const auto &calls = machine.state().calls;
    (void)machine.step(routing::CallerHungUp{id, routing::HangUpCause::restart}, at);
    if (!calls.contains(id)) return;
    // A callback, with nobody on the line: no phone dials or rings for it any more.
    (void)machine.step(routing::CallbackFailed{id, routing::DeclineCause::busy}, at);
    std::vector<AgentId> rang;
    for (auto call = calls.find(id);
         call != calls.end() && call->second.state == routing::CallState::ringing &&
         rang.size() < machine.state().agents.size();
         call = calls.find(id)) {
        rang.push_back(*call->second.agent);
        (void)machine.step(
            routing::AgentDeclined{rang.back(), id, routing::DeclineCause::unreachable}, at);
    }
    (void)machine.step(routing::CallbackWithdrawn{id}, at);
    for (const AgentId agent : rang)
        (void)machine.step(routing::AgentReady{agent}, at);
}

// The other way round: the program before us had these calls going on; ours, deciding the same
// events anew, has ended them, so nobody will end them any more. Every call ends once in the
// ledger, so their ends are written now, when and as ours has decided them, and somebody is told:
// between two programs the service is to be stopped cleanly (docs/how-to/run-for-real.md).
Expected<void> write_ends(ledger::Ledger &ledger,
                          const std::map<CallId, ledger::NewEntry> &unwritten) {
    std::vector<ledger::NewEntry> entries;
    for (const auto &[call, entry] : unwritten) {
        log::warning("exchange.end_was_not_written",
                     {{"call", call.value},
                      {"ended_at", to_iso8601(entry.at)},
                      {"remedy", "stop the service cleanly before another program starts"}});
        entries.push_back(entry);
    }
    if (entries.empty()) return {};
    const auto written = ledger.append_and_wait(std::move(entries));
    if (!written) return tl::unexpected(written.error());
    return {};
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
    std::int64_t differing = 0;
    std::map<CallId, ledger::NewEntry> unwritten; // ends that no decision of the ledger tells yet
    const auto read = ledger.each(from, [&](const ledger::Entry &entry) {
        if (entry.type == "decision.end" && entry.call) {
            unwritten.erase(*entry.call);
            if (machine.state().calls.contains(*entry.call)) {
                end_as_written(machine, *entry.call, entry.at);
                ++differing;
            }
        }
        if (!ledger::is_event(entry)) return true;
        const auto event = ledger::to_event(entry);
        if (!event) {
            problem = event.error();
            return false;
        }
        for (const auto &decision : machine.step(*event, entry.at)) {
            if (const auto *end = std::get_if<routing::End>(&decision.effect)) {
                unwritten.insert_or_assign(
                    end->call,
                    ledger::to_entry(routing::Decision{*end, routing::Rule::recovery}, entry.at));
            }
        }
        return true;
    });
    if (!read) return tl::unexpected(read.error());
    if (problem) return tl::unexpected(*problem);
    if (auto written = write_ends(ledger, unwritten); !written)
        return tl::unexpected(written.error());
    if (differing > 0) log::warning("exchange.replay_differs", {{"calls", differing}});
    return machine;
}

} // namespace

Expected<std::unique_ptr<Exchange>> Exchange::create(Parts parts) {
    auto machine = rebuild(parts.ledger);
    if (!machine) return tl::unexpected(machine.error());
    auto journal = LegJournal::open(parts.state_directory);
    if (!journal) return tl::unexpected(journal.error());
    auto keys = CallerKeys::open(parts.state_directory);
    if (!keys) return tl::unexpected(keys.error());
    return std::unique_ptr<Exchange>(std::make_unique<ExchangeCore>(
        std::move(parts), std::move(*machine), std::move(*journal), std::move(*keys)));
}

ExchangeCore::ExchangeCore(Parts parts, routing::Machine machine, LegJournal journal,
                           CallerKeys keys)
    : parts_(std::move(parts)), machine_(std::move(machine)), journal_(std::move(journal)),
      keys_(std::move(keys)) {
    journal_.write_when_told([this] { write_journal_later(); });
    parts_.legs.on_incoming([this](IncomingCall call) { incoming(std::move(call)); });
    parts_.media.on_digit(
        [this](CallId call, const Media::Tag &tag, char digit) { on_digit(call, tag, digit); });
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

// The effects that drop_targets() is for, and dialling the next one.
void ExchangeCore::give_up_targets(const routing::Effect &effect) {
    std::visit(
        [this]<class E>(const E &one) {
            if constexpr (std::is_same_v<E, routing::Announce> ||
                          std::is_same_v<E, routing::Queue> ||
                          std::is_same_v<E, routing::Requeue> ||
                          std::is_same_v<E, routing::StopTarget> ||
                          std::is_same_v<E, routing::Forward> ||
                          std::is_same_v<E, routing::EndConsult>) {
                LiveCall *call = find(one.call);
                if (call == nullptr) return;
                for (LiveLeg &leg : call->legs)
                    leg.given_up = leg.given_up || leg.role == LegRole::target;
            }
        },
        effect);
}

// What an effect needs later and no decision carries.
void ExchangeCore::prepare(const routing::Decisions &decisions, Instant now,
                           const Personal &personal) {
    for (const auto &decision : decisions) {
        give_up_targets(decision.effect);
        if (const auto *ring = std::get_if<routing::Ring>(&decision.effect)) {
            if (LiveCall *call = find(ring->call)) call->ring_decided_at = now;
        }
        if (const auto *transfer = std::get_if<routing::Transfer>(&decision.effect)) {
            keep_target(transfer->call, transfer->target, personal);
        }
        if (const auto *consult = std::get_if<routing::Consult>(&decision.effect)) {
            keep_target(consult->call, consult->target, personal);
        }
    }
}

void ExchangeCore::keep_target(CallId id, const routing::TransferTarget &target,
                               const Personal &personal) {
    LiveCall *call = find(id);
    if (call == nullptr) return;
    if (target.number) call->target = Redacted<std::string>(target.number->e164);
    if (!target.number && personal) call->target = personal->value;
}

ExchangeCore::Personal ExchangeCore::seal(std::string_view kind,
                                          const Redacted<std::string> &value) const {
    auto sealed = ledger::seal_value(kind, value, parts_.clock.now());
    return sealed ? std::make_shared<const ledger::Sealed>(std::move(*sealed)) : nullptr;
}

// A number that is not a municipality's own stands in the ledger as a commitment only.
void ExchangeCore::submit_passing_on(PassOn how, AgentId agent, CallId call,
                                     const PhoneNumber &target, const Done &done) {
    const auto event = [&](routing::TransferTarget to) {
        return how == PassOn::consult
                   ? routing::Event{routing::ConsultRequested{agent, call, std::move(to)}}
                   : routing::TransferRequested{agent, call, std::move(to)};
    };
    if (routing::find_number(machine_.state().rules, target) != nullptr) {
        return submit(event({target, {}}), done);
    }
    auto sealed = seal(ledger::kSealedTarget, Redacted<std::string>(target.e164));
    if (!sealed) {
        if (done) done(fail(ProblemKind::internal, "ledger.no_random"));
        return;
    }
    const std::string commitment = sealed->commitment;
    submit(event({{}, commitment}), done, std::move(sealed));
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
    // On the ledger's thread, which may still be writing when we are gone; the loop outlives both.
    parts_.ledger.append(std::move(entries),
                         [this, loop = &parts_.loop, alive = std::weak_ptr(alive_), decisions,
                          then = std::move(then)](Expected<std::int64_t> last_seq) {
                             loop->post([this, alive, decisions, then, last_seq] {
                                 if (alive.expired()) return;
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
    changes_.agents.insert(agent);
    if (!collecting_) tell_changes();
}

void ExchangeCore::changed_situation() {
    changes_.situation = true;
    if (!collecting_) tell_changes();
}

void ExchangeCore::changed_all() {
    for (const auto &[id, agent] : machine_.state().agents)
        changes_.agents.insert(id);
    changed_situation();
}

void ExchangeCore::tell_changes() {
    const Changed changes = std::exchange(changes_, {});
    if (!parts_.on_change || (changes.agents.empty() && !changes.situation)) return;
    parts_.on_change(changes);
}

} // namespace fernamt::telephony
