// SPDX-License-Identifier: EUPL-1.2
#include "reporting/projector.h"

#include "base/log.h"
#include "ledger/reclassified_call.h"
#include "ledger/routing_codec.h"
#include "reporting/call_record.h"

#include <map>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

namespace fernamt::reporting {

namespace {

constexpr std::int64_t kBatchEntries = 2000;

// What a batch of entries says about one call; merged into the row by kUpsert.
using Changes = std::map<CallId, CallRecord>;

// offered_at and number are known from the first entry on; the municipality is the one last meant;
// the first answer stays, and after-call work adds up, also after the end.
constexpr std::string_view kUpsert = R"(
    INSERT INTO call_record (call_id, municipality, number, offered_at, answered_at, ended_at,
        end_reason, reached, talk_us, transferred_us, after_call_work_us, first_seq, last_seq,
        scope, queue, crisis, from_partner, to_partner, dialled, transfers, callback_at,
        callback_attempts)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
        $20, $21, $22)
    ON CONFLICT (call_id) DO UPDATE SET
        municipality = COALESCE(excluded.municipality, call_record.municipality),
        scope = COALESCE(excluded.scope, call_record.scope),
        queue = COALESCE(excluded.queue, call_record.queue),
        crisis = COALESCE(excluded.crisis, call_record.crisis),
        from_partner = COALESCE(excluded.from_partner, call_record.from_partner),
        to_partner = COALESCE(excluded.to_partner, call_record.to_partner),
        dialled = COALESCE(call_record.dialled, excluded.dialled),
        transfers = call_record.transfers + excluded.transfers,
        callback_at = COALESCE(call_record.callback_at, excluded.callback_at),
        callback_attempts = call_record.callback_attempts + excluded.callback_attempts,
        answered_at = COALESCE(call_record.answered_at, excluded.answered_at),
        ended_at = COALESCE(call_record.ended_at, excluded.ended_at),
        end_reason = COALESCE(call_record.end_reason, excluded.end_reason),
        reached = COALESCE(excluded.reached, call_record.reached),
        talk_us = call_record.talk_us + excluded.talk_us,
        transferred_us = call_record.transferred_us + excluded.transferred_us,
        after_call_work_us = call_record.after_call_work_us + excluded.after_call_work_us,
        last_seq = excluded.last_seq)";

struct Report {
    std::int64_t seq = 0;
    Instant at;
    routing::CrisisReport crisis;
};

struct Batch {
    Changes changes;
    std::vector<Report> reports;
    std::int64_t calls = 0; // offered in this batch
    std::int64_t entries = 0;
    std::int64_t last_seq = 0;

    CallRecord &touch(CallId call, std::int64_t seq) {
        CallRecord &record = changes[call];
        if (record.first_seq == 0) record.first_seq = seq;
        record.call = call;
        record.last_seq = seq;
        return record;
    }
};

void take_event(Batch &batch, const routing::Event &event, const ledger::Entry &entry) {
    const auto *offered = std::get_if<routing::CallOffered>(&event);
    if (offered == nullptr) return;
    CallRecord &record = batch.touch(offered->call, entry.seq);
    record.offered_at = entry.at;
    if (offered->dialled) {
        record.municipality = offered->dialled->municipality;
        record.number = offered->dialled->number;
    }
    ++batch.calls;
}

void take_end(CallRecord &record, const routing::End &end, Instant at) {
    record.ended_at = at;
    record.end_reason = end.reason;
    record.talk = end.talk;
    record.transferred = end.transferred;
    if (end.municipality) record.municipality = end.municipality;
    if (end.dialled) record.dialled = end.dialled;
    record.scope = end.scope;
    record.queue = end.queue;
    record.crisis = end.crisis;
    record.from = end.from;
    record.to = end.to;
    record.transfers = end.transfers;
    record.callback_at = end.callback_at;
    record.callback_attempts = end.callback_attempts;
}

Reached reached_by(routing::Announcement announcement) {
    switch (announcement) {
    case routing::Announcement::closed:
        return Reached::closed;
    case routing::Announcement::unknown_number:
        return Reached::unknown_number;
    case routing::Announcement::nobody_available:
        return Reached::nobody_available;
    case routing::Announcement::greeting:
    case routing::Announcement::waiting_music:
        break;
    }
    return Reached::centre;
}

// A partner by any other rule takes what had come to the centre in its hours (routing/arrival.cpp).
Reached reached_by(const routing::Forward &forward, routing::Rule rule) {
    if (forward.purpose == routing::Outside::office) return Reached::office;
    return rule == routing::Rule::overflow_closed ? Reached::closed_partner : Reached::centre;
}

Reached reached_by(routing::EndReason reason) { // of an imported call
    return reason == routing::EndReason::closed ? Reached::closed : Reached::centre;
}

// An imported call has no other entries: its end says everything.
void take_whole(Batch &batch, CallRecord &record, const routing::End &end) {
    record.reached = reached_by(end.reason);
    record.offered_at = end.offered_at;
    record.number = end.number;
    record.answered_at = end.answered_at;
    ++batch.calls;
}

void take_decision(Batch &batch, const routing::Decision &decision, const ledger::Entry &entry) {
    std::visit(
        [&](const auto &effect) {
            using T = std::decay_t<decltype(effect)>;
            if constexpr (std::is_same_v<T, routing::Announce>) {
                batch.touch(effect.call, entry.seq).reached = reached_by(effect.announcement);
            } else if constexpr (std::is_same_v<T, routing::Forward>) {
                batch.touch(effect.call, entry.seq).reached = reached_by(effect, decision.rule);
            } else if constexpr (std::is_same_v<T, routing::Queue>) {
                batch.touch(effect.call, entry.seq).reached = Reached::centre;
            } else if constexpr (std::is_same_v<T, routing::Connect>) {
                CallRecord &record = batch.touch(effect.call, entry.seq);
                if (!record.answered_at) record.answered_at = entry.at;
                record.reached = Reached::centre;
            } else if constexpr (std::is_same_v<T, routing::Corrected>) {
                CallRecord &record = batch.touch(effect.call, entry.seq);
                if (!record.dialled) record.dialled = effect.from;
                record.municipality = effect.to;
            } else if constexpr (std::is_same_v<T, routing::CallbackNoted>) {
                batch.touch(effect.call, entry.seq).callback_at = entry.at;
            } else if constexpr (std::is_same_v<T, routing::CrisisReport>) {
                batch.reports.push_back({entry.seq, entry.at, effect});
            } else if constexpr (std::is_same_v<T, routing::End>) {
                CallRecord &record = batch.touch(effect.call, entry.seq);
                take_end(record, effect, entry.at);
                if (decision.rule == routing::Rule::imported) take_whole(batch, record, effect);
            } else if constexpr (std::is_same_v<T, routing::WrapUpDone>) {
                batch.touch(effect.call, entry.seq).after_call_work += effect.duration;
            }
        },
        decision.effect);
}

// What the call counts as when somebody said so (ledger/reclassified_call.h); a crisis has its own
// column, and what the call itself tells is derived again.
std::optional<routing::Scope> scope_of(std::string_view kind) {
    using enum routing::Scope;
    if (kind == "test_call") return test_calls;
    if (kind == "internal_call") return internal;
    if (kind == "it_fault") return it_faults;
    if (kind == "number_115") return authority_115;
    if (kind == "own_number" || kind == "crisis") return central;
    return std::nullopt;
}

Expected<void> take_reclassified(Batch &batch, const ledger::Entry &entry) {
    const auto fact = ledger::to_reclassified(entry);
    if (!fact) return tl::unexpected(fact.error());
    CallRecord &record = batch.touch(fact->call, entry.seq);
    record.municipality = fact->to;
    if (!record.dialled && fact->from != fact->to) record.dialled = fact->from;
    if (fact->kind) record.scope = scope_of(*fact->kind);
    return {};
}

Expected<void> take(Batch &batch, const ledger::Entry &entry) {
    batch.last_seq = entry.seq;
    ++batch.entries;
    if (entry.type == ledger::kReclassified) return take_reclassified(batch, entry);
    if (ledger::is_event(entry)) {
        if (entry.type != "call.offered") return {};
        auto event = ledger::to_event(entry);
        if (!event) return tl::unexpected(event.error());
        take_event(batch, *event, entry);
    } else if (ledger::is_decision(entry)) {
        auto decision = ledger::to_decision(entry);
        if (!decision) return tl::unexpected(decision.error());
        take_decision(batch, *decision, entry);
    }
    return {};
}

storage::Value optional_time(const std::optional<Instant> &at) {
    if (!at) return nullptr;
    return at->us;
}

template <class Enum>
storage::Value optional_name(const std::optional<Enum> &value) {
    if (!value) return nullptr;
    return std::string(to_string(*value));
}

template <class Tag>
storage::Value optional_id(Id<Tag> id) {
    if (!id) return nullptr;
    return id.value;
}

std::vector<storage::Value> to_row(const CallRecord &record) {
    const storage::Value municipality = optional_id(record.municipality.value_or(MunicipalityId{}));
    storage::Value number = nullptr;
    if (record.number) number = record.number->e164;
    return {record.call.value,
            municipality,
            number,
            record.offered_at.us,
            optional_time(record.answered_at),
            optional_time(record.ended_at),
            optional_name(record.end_reason),
            optional_name(record.reached),
            std::int64_t{record.talk.count()},
            std::int64_t{record.transferred.count()},
            std::int64_t{record.after_call_work.count()},
            record.first_seq,
            record.last_seq,
            optional_name(record.scope), // empty before the end, so that no later row overwrites it
            optional_id(record.queue),
            optional_id(record.crisis),
            optional_id(record.from),
            optional_id(record.to),
            optional_id(record.dialled.value_or(MunicipalityId{})),
            record.transfers,
            optional_time(record.callback_at),
            record.callback_attempts};
}

std::vector<storage::Value> to_row(const Report &report) {
    const routing::CrisisFacts &facts = report.crisis.facts;
    return {report.seq,
            report.crisis.crisis.value,
            report.crisis.began_at.us,
            report.at.us,
            facts.offered,
            facts.answered,
            facts.abandoned,
            facts.helpers,
            facts.waiting,
            std::int64_t{facts.talk.count()},
            std::int64_t{facts.after_call_work.count()},
            std::int64_t{facts.waited.count()},
            std::int64_t{facts.longest_wait.count()}};
}

constexpr std::string_view kInsertReport =
    "INSERT INTO crisis_report (seq, crisis, began_at, ended_at, offered, answered, abandoned, "
    "helpers, waiting, talk_us, after_call_work_us, waited_us, longest_wait_us) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";

Expected<std::int64_t> read_number(storage::Database &database, std::string_view sql) {
    std::int64_t value = 0;
    auto read = database.read([&](storage::Connection &connection) {
        return connection.each(sql, {}, [&](const storage::Row &row) {
            value = row.integer(0);
            return false;
        });
    });
    if (!read) return tl::unexpected(read.error());
    return value;
}

Expected<void> empty(storage::Database &database) {
    return database.write([](storage::Connection &connection) -> Expected<void> {
        for (const std::string_view sql : {"DELETE FROM call_record", "DELETE FROM crisis_report",
                                           "UPDATE call_projection SET seq = 0, calls = 0"}) {
            if (auto done = connection.run(sql); !done) return tl::unexpected(done.error());
        }
        return {};
    });
}

} // namespace

Projector::Projector(ledger::Ledger &ledger, storage::Database &database)
    : ledger_(ledger), database_(database) {}

Expected<std::int64_t> Projector::catch_up() {
    if (position_ == ledger_.last_seq()) return 0;
    const std::scoped_lock lock(mutex_);
    return catch_up_locked();
}

Expected<std::int64_t> Projector::rebuild() {
    const std::scoped_lock lock(mutex_);
    if (auto emptied = empty(database_); !emptied) return tl::unexpected(emptied.error());
    position_ = 0;
    return catch_up_locked();
}

Expected<std::int64_t> Projector::calls() const {
    return read_number(database_, "SELECT calls FROM call_projection");
}

Expected<std::int64_t> Projector::catch_up_locked() {
    if (position_ < 0) {
        const auto seq = read_number(database_, "SELECT seq FROM call_projection");
        if (!seq) return seq;
        position_ = *seq;
    }
    const std::int64_t begin = position_;
    for (;;) {
        auto more = take_batch();
        if (!more) return tl::unexpected(more.error());
        if (!*more) return position_ - begin;
    }
}

// Returns whether there may be more.
Expected<bool> Projector::take_batch() {
    Batch batch;
    Expected<void> taken;
    auto read = ledger_.each(position_ + 1, [&](const ledger::Entry &entry) {
        taken = take(batch, entry);
        return taken.has_value() && batch.entries < kBatchEntries;
    });
    if (!read) return tl::unexpected(read.error());
    if (!taken) {
        log::error("reporting.entry_unreadable",
                   {{"seq", batch.last_seq}, {"problem", describe(taken.error())}});
        return tl::unexpected(taken.error());
    }
    if (batch.entries == 0) return false;

    auto written = database_.write([&](storage::Connection &connection) -> Expected<void> {
        for (const auto &[call, record] : batch.changes) {
            auto merged = connection.run(kUpsert, to_row(record));
            if (!merged) return tl::unexpected(merged.error());
        }
        for (const Report &report : batch.reports) {
            auto added = connection.run(kInsertReport, to_row(report));
            if (!added) return tl::unexpected(added.error());
        }
        auto moved = connection.run("UPDATE call_projection SET seq = $1, calls = calls + $2",
                                    {storage::Value{batch.last_seq}, storage::Value{batch.calls}});
        if (!moved) return tl::unexpected(moved.error());
        return {};
    });
    if (!written) return tl::unexpected(written.error());
    position_ = batch.last_seq;
    return batch.entries == kBatchEntries;
}

} // namespace fernamt::reporting
