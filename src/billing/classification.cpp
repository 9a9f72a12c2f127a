// SPDX-License-Identifier: EUPL-1.2
#include "billing/classification.h"

#include "billing/call_collector.h"
#include "ledger/routing_codec.h"

namespace fernamt::billing {

namespace {

using agreements::CallKind;

struct Found {
    std::optional<routing::End> end;
    std::vector<ledger::Reclassified> changes;
};

Expected<void> take(Found &found, const ledger::NewEntry &entry) {
    if (entry.type == ledger::kReclassified) {
        const auto fact = ledger::to_reclassified(entry);
        if (!fact) return tl::unexpected(fact.error());
        found.changes.push_back(*fact);
        return {};
    }
    const auto decision = ledger::to_decision(entry);
    if (!decision) return tl::unexpected(decision.error());
    if (const auto *end = std::get_if<routing::End>(&decision->effect)) found.end = *end;
    return {};
}

Expected<Found> read(storage::Database &database, CallId call) {
    Found found;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        found = {};
        Expected<void> taken;
        const auto each = connection.each(
            "SELECT type, payload FROM ledger_entry WHERE call_id = $1 ORDER BY seq", {call.value},
            [&](const storage::Row &row) {
                const std::string type = row.text(0);
                if (type != "decision.end" && type != ledger::kReclassified) return true;
                taken = take(found, ledger::NewEntry{{}, type, row.text(1), {}, {}, {}});
                return taken.has_value();
            });
        if (!each) return each;
        return taken;
    });
    if (!done) return tl::unexpected(done.error());
    return found;
}

tl::unexpected<Problem> forbidden(CallKind kind) {
    return fail(ProblemKind::conflict, "call.kind_forbidden",
                {{"kind", std::string(to_string(kind))}});
}

} // namespace

bool may_be_said(CallKind kind) {
    switch (kind) {
    case CallKind::own_number:
    case CallKind::number_115:
    case CallKind::crisis:
    case CallKind::test_call:
    case CallKind::it_fault:
    case CallKind::internal_call:
        return true;
    default:
        return false;
    }
}

Expected<ClassifiedCall> classified_call(storage::Database &database, CallId call) {
    auto found = read(database, call);
    if (!found) return tl::unexpected(found.error());
    if (!found->end || !found->end->municipality) {
        return fail(ProblemKind::not_found, "call.not_found");
    }
    ClassifiedCall known;
    known.call = call;
    known.offered_at = found->end->offered_at;
    known.municipality = *found->end->municipality;
    known.derived = kind_of(*found->end);
    known.answered = found->end->answered_at.has_value();
    if (!found->changes.empty()) {
        const ledger::Reclassified &last = found->changes.back();
        known.municipality = last.to;
        if (last.kind) known.said = agreements::parse_call_kind(*last.kind);
    }
    known.kind = known.said.value_or(known.derived);
    known.changes = std::move(found->changes);
    return known;
}

Expected<Classifying> decide(storage::Database &database, const Reclassification &change) {
    auto known = classified_call(database, change.call);
    if (!known) return tl::unexpected(known.error());
    const MunicipalityId to = change.municipality.value_or(known->municipality);
    const CallKind kind = change.kind.value_or(known->kind);
    if (to == known->municipality && kind == known->kind) {
        return fail(ProblemKind::conflict, "call.same_classification");
    }
    // A partner's account cannot be made or unmade by a word, nor can an answer.
    if (kind != known->kind &&
        (!known->answered || !may_be_said(kind) || known->derived == CallKind::from_partner)) {
        return forbidden(kind);
    }
    return Classifying{std::move(*known), to, kind};
}

Expected<ClassifiedCall> reclassify(storage::Database &database, ledger::Ledger &ledger,
                                    const Reclassification &change, Instant now) {
    const auto decided = decide(database, change);
    if (!decided) return tl::unexpected(decided.error());
    const auto &[known, to, kind] = *decided;
    ledger::Reclassified fact;
    fact.call = change.call;
    fact.offered_at = known.offered_at;
    fact.from = known.municipality;
    fact.to = to;
    // Once somebody has said a kind, the next entry says its own: it stands for itself.
    if (known.said || kind != known.derived) fact.kind = agreements::to_string(kind);
    fact.reason = change.reason;
    fact.role = change.role;
    fact.dispute = change.dispute;
    const auto appended = ledger.append_and_wait({ledger::to_entry(fact, now)});
    if (!appended) return tl::unexpected(appended.error());
    return classified_call(database, change.call);
}

} // namespace fernamt::billing
