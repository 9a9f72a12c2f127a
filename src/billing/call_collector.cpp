// SPDX-License-Identifier: EUPL-1.2
#include "billing/call_collector.h"

#include "ledger/entry_hash.h"
#include "ledger/routing_codec.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::billing {

CallCollector::CallCollector(MunicipalityId municipality, const Month &month)
    : CallCollector(municipality, begin_of(month), end_of(month)) {}

agreements::CallKind kind_of(const routing::End &end) {
    using agreements::CallKind;
    if (end.answered_at) {
        // What a partner sent is the partner's account, whatever else it was.
        if (end.from) return CallKind::from_partner;
        if (end.scope == routing::Scope::test_calls) return CallKind::test_call;
        if (end.scope == routing::Scope::internal) return CallKind::internal_call;
        if (end.scope == routing::Scope::it_faults) return CallKind::it_fault;
        const bool on_115 =
            end.scope == routing::Scope::authority_115 || (end.number && end.number->e164 == "115");
        if (on_115) return CallKind::number_115;
        return end.crisis ? CallKind::crisis : CallKind::own_number;
    }
    if (end.reason == routing::EndReason::taken_by_partner) return CallKind::to_partner;
    // Also what the office took itself, and callbacks that reached nobody: never billed. A reason
    // without a kind of its own (completed, transferred) cannot be without an answer.
    return agreements::parse_call_kind(routing::to_string(end.reason))
        .value_or(CallKind::not_taken);
}

Expected<agreements::Calls> to_columns(const std::vector<CallFact> &calls, const LocalDate &first,
                                       const LocalDate &last) {
    agreements::Calls columns(first, last);
    columns.reserve(calls.size());
    for (const CallFact &fact : calls) {
        const auto added = columns.add(fact.call, fact.offered_at, fact.kind, fact.talk,
                                       fact.after_call_work, fact.price_class);
        if (!added) return tl::unexpected(added.error());
    }
    return columns;
}

Expected<void> CallCollector::add(const ledger::Entry &entry) {
    if (entry.type == "decision.end") return add_end(entry);
    if (entry.type == "decision.wrap_up_done") return add_work(entry);
    if (entry.type == ledger::kReclassified) return add_reclassified(entry);
    return {};
}

Expected<void> CallCollector::add_end(const ledger::Entry &entry) {
    const auto decision = ledger::to_decision(entry);
    if (!decision) return tl::unexpected(decision.error());
    const auto *end = std::get_if<routing::End>(&decision->effect);
    if (!end) return {};
    const CallFact fact{.call = end->call,
                        .offered_at = end->offered_at,
                        .kind = kind_of(*end),
                        .talk = end->talk,
                        .after_call_work = {},
                        .price_class = end->price_class};
    const auto [there, added] = ended_.try_emplace(
        end->call, Ended{entry.seq, entry.at, entry.hash, end->municipality, fact});
    if (!added && there->second.seq != entry.seq) {
        return fail(ProblemKind::internal, "billing.call_twice",
                    {{"call", fmt::format("{}", end->call.value)}});
    }
    return {};
}

Expected<void> CallCollector::add_work(const ledger::Entry &entry) {
    const auto decision = ledger::to_decision(entry);
    if (!decision) return tl::unexpected(decision.error());
    const auto *done = std::get_if<routing::WrapUpDone>(&decision->effect);
    if (!done) return {};
    work_.try_emplace(entry.seq, Work{done->call, done->duration, entry.hash});
    return {};
}

Expected<void> CallCollector::add_reclassified(const ledger::Entry &entry) {
    const auto fact = ledger::to_reclassified(entry);
    if (!fact) return tl::unexpected(fact.error());
    if (fact->offered_at < begin_ || fact->offered_at >= end_) return {};
    Assigned assigned{fact->to, std::nullopt, entry.hash};
    if (fact->kind) {
        assigned.kind = agreements::parse_call_kind(*fact->kind);
        if (!assigned.kind) {
            return fail(ProblemKind::internal, "billing.kind_unknown",
                        {{"kind", std::string(*fact->kind)}});
        }
    }
    assigned_[fact->call].try_emplace(entry.seq, assigned);
    return {};
}

CallCollector::Belongs CallCollector::belongs(const Ended &ended, const Assignments *later) const {
    const bool first = ended.municipality == municipality_;
    if (!later) return {first, first};
    const bool now = later->rbegin()->second.municipality == municipality_;
    const bool between = std::ranges::any_of(
        *later, [&](const auto &each) { return each.second.municipality == municipality_; });
    return {now, first || between};
}

MonthCalls CallCollector::finish() const {
    MonthCalls month;
    std::map<CallId, CallFact> facts;
    const ledger::Hash *root = nullptr;
    const auto stands_on = [&](std::int64_t seq, const ledger::Hash &hash) {
        if (!root || seq < month.ledger.first) month.ledger.first = seq;
        if (!root || seq > month.ledger.last) {
            month.ledger.last = seq;
            root = &hash;
        }
    };
    for (const auto &[call, ended] : ended_) {
        const auto found = assigned_.find(call);
        const Assignments *later = found == assigned_.end() ? nullptr : &found->second;
        const Belongs ours = belongs(ended, later);
        if (!ours.before) continue;
        if (ended.at - ended.fact.offered_at > kLatestEnd) {
            if (ended.at < begin_ || ended.at >= end_) continue;
            ++month.ended_too_late;
            stands_on(ended.seq, ended.hash);
            continue;
        }
        if (ended.fact.offered_at < begin_ || ended.fact.offered_at >= end_) continue;
        stands_on(ended.seq, ended.hash);
        if (later) { // that it is not ours any more stands on these as well
            for (const auto &[seq, each] : *later)
                stands_on(seq, each.hash);
        }
        if (!ours.now) continue;
        CallFact fact = ended.fact;
        if (later && later->rbegin()->second.kind) fact.kind = *later->rbegin()->second.kind;
        facts.emplace(call, fact);
    }
    for (const auto &[seq, work] : work_) {
        const auto fact = facts.find(work.call);
        if (fact == facts.end()) continue;
        fact->second.after_call_work += work.duration;
        stands_on(seq, work.hash);
    }
    if (root) month.ledger.root = ledger::to_hex(*root);
    for (const auto &[call, fact] : facts)
        month.calls.push_back(fact);
    std::ranges::sort(month.calls, {},
                      [](const CallFact &fact) { return std::pair{fact.offered_at, fact.call}; });
    return month;
}

} // namespace fernamt::billing
