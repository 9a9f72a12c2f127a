// SPDX-License-Identifier: EUPL-1.2
// The steps that change what readers see, each in pieces that are transactions of their own.
#include "knowledge/bulk_rows.h"
#include "knowledge/delivery.h"
#include "knowledge/delivery_record.h"
#include "knowledge/object_store.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::knowledge {

namespace {

// Their texts come with them, and PostgreSQL holds a whole answer in memory.
constexpr std::size_t kUndoRows = 100;

struct Piece {
    std::vector<ObjectChange> changes;
    std::int64_t seen = 0;  // rows looked at, unchanged ones too
    std::int64_t last = -1; // id up to which the piece went
    bool end = false;
};

// What the delivery says, from after on, as far as one piece goes. Unchanged objects are left out.
Expected<Piece> staged_piece(storage::Connection &connection, std::int64_t delivery,
                             const std::string &source, std::int64_t after,
                             const DeliveryPace &pace) {
    Piece piece{.changes = {}, .seen = 0, .last = after, .end = false};
    std::size_t bytes = 0;
    std::vector<std::int64_t> wanted;
    // First the sizes, then the texts: PostgreSQL would hold the texts of all rows at once.
    auto done = connection.each(
        "SELECT s.id, s.size, s.removal, CASE WHEN o.id IS NULL THEN 0 WHEN o.hash = s.hash THEN 1 "
        "ELSE 2 END FROM knowledge_staged s LEFT JOIN knowledge_object o ON o.id = s.id "
        "WHERE s.delivery = $1 AND s.id > $2 ORDER BY s.id LIMIT $3",
        {delivery, after, static_cast<std::int64_t>(pace.piece_objects)},
        [&](const storage::Row &row) {
            if (bytes >= pace.piece_bytes()) return false;
            ++piece.seen;
            piece.last = row.integer(0);
            const bool removal = row.integer(2) != 0;
            const std::int64_t known = row.integer(3);
            const std::int64_t size = row.integer(1);
            if (removal ? known == 0 : known == 1 || size == 0) return true; // 0: refused, stays
            bytes += static_cast<std::size_t>(size);
            wanted.push_back(row.integer(0));
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    piece.end = piece.seen == 0;
    done = each_group(
        wanted, 1,
        [&](const std::string &list, const std::vector<storage::Value> &group) -> Expected<void> {
            std::vector<storage::Value> values{delivery};
            values.insert(values.end(), group.begin(), group.end());
            return connection.each(
                "SELECT s.id, s.kind, s.agency, s.local_id, CASE WHEN s.removal = 1 AND o.id IS "
                "NOT "
                "NULL THEN o.scheme ELSE s.scheme END, s.removal, s.xml, "
                "CASE WHEN o.id IS NULL THEN 0 ELSE 1 END FROM knowledge_staged s "
                "LEFT JOIN knowledge_object o ON o.id = s.id WHERE s.delivery = $1 AND s.id IN " +
                    list,
                values, [&](const storage::Row &row) {
                    ObjectChange change{
                        .id = row.integer(0),
                        .kind = object_kind(row.integer(1)).value_or(ObjectKind::service),
                        .key = {row.text(2), row.text(3), row.text(4)},
                        .source = source,
                        .existed = row.integer(7) != 0};
                    if (row.integer(5) == 0) change.xml = row.text(6);
                    piece.changes.push_back(std::move(change));
                    return true;
                });
        });
    if (!done) return tl::unexpected(done.error());
    return piece;
}

// What the source had and a complete delivery does not name.
Expected<Piece> vanishing_piece(storage::Connection &connection, std::int64_t delivery,
                                const std::string &source, std::int64_t after,
                                const DeliveryPace &pace) {
    Piece piece{.changes = {}, .seen = 0, .last = after, .end = false};
    const auto done = connection.each(
        "SELECT o.id, o.kind, o.agency, o.local_id, o.scheme FROM knowledge_object o "
        "WHERE o.source = $1 AND o.id > $3 AND NOT EXISTS (SELECT 1 FROM knowledge_staged s "
        "WHERE s.delivery = $2 AND s.id = o.id) ORDER BY o.id LIMIT $4",
        {source, delivery, after, static_cast<std::int64_t>(pace.piece_objects)},
        [&](const storage::Row &row) {
            piece.last = row.integer(0);
            piece.changes.push_back(
                {.id = row.integer(0),
                 .kind = object_kind(row.integer(1)).value_or(ObjectKind::service),
                 .key = {row.text(2), row.text(3), row.text(4)},
                 .source = source,
                 .xml = std::nullopt,
                 .existed = true});
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    piece.seen = static_cast<std::int64_t>(piece.changes.size());
    piece.end = piece.changes.empty();
    return piece;
}

Expected<Piece> undo_piece(storage::Connection &connection, std::int64_t delivery,
                           const DeliveryPace &pace) {
    Piece piece;
    std::size_t bytes = 0;
    const auto done = connection.each(
        "SELECT u.id, u.existed, u.kind, u.agency, u.local_id, u.scheme, u.source, u.xml, "
        "CASE WHEN o.id IS NULL THEN 0 ELSE 1 END FROM knowledge_undo u "
        "LEFT JOIN knowledge_object o ON o.id = u.id WHERE u.delivery = $1 ORDER BY u.id LIMIT $2",
        {delivery, static_cast<std::int64_t>(std::min(pace.piece_objects, kUndoRows))},
        [&](const storage::Row &row) {
            if (bytes >= pace.piece_bytes()) return false;
            ObjectChange change{.id = row.integer(0),
                                .kind = object_kind(row.integer(2)).value_or(ObjectKind::service),
                                .key = {row.text(3), row.text(4), row.text(5)},
                                .source = row.text(6),
                                .existed = row.integer(8) != 0};
            if (row.integer(1) != 0) change.xml = row.text(7);
            bytes += change.xml ? change.xml->size() : 0;
            piece.changes.push_back(std::move(change));
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    piece.seen = static_cast<std::int64_t>(piece.changes.size());
    piece.end = piece.changes.empty();
    return piece;
}

// Before objects change: how they are now, once per delivery.
Expected<void> remember(storage::Connection &connection, std::int64_t delivery,
                        const std::vector<ObjectChange> &changes) {
    std::vector<std::int64_t> existing;
    BulkInsert fresh("knowledge_undo",
                     "delivery, id, existed, kind, agency, local_id, scheme, source, xml",
                     "ON CONFLICT (delivery, id) DO NOTHING");
    for (const ObjectChange &change : changes) {
        if (change.existed) {
            existing.push_back(change.id);
        } else {
            fresh.add({delivery, change.id, std::int64_t{0}, static_cast<std::int64_t>(change.kind),
                       change.key.agency, change.key.local_id, change.key.scheme, std::string(),
                       std::string()});
        }
    }
    if (auto done = fresh.write(connection); !done) return done;
    return each_group(
        existing, 1,
        [&](const std::string &list, const std::vector<storage::Value> &group) -> Expected<void> {
            std::vector<storage::Value> values{delivery};
            values.insert(values.end(), group.begin(), group.end());
            return run(connection,
                       "INSERT INTO knowledge_undo (delivery, id, existed, kind, agency, local_id, "
                       "scheme, source, xml) SELECT CAST($1 AS bigint), id, 1, kind, agency, "
                       "local_id, scheme, source, xml FROM knowledge_object WHERE id IN " +
                           list + " ON CONFLICT (delivery, id) DO NOTHING",
                       values);
        });
}

using NextPiece = std::function<Expected<Piece>(storage::Connection &, std::int64_t after)>;
// What to do with a piece's objects besides storing them: remember or forget how they were.
using BesideStoring =
    std::function<Expected<void>(storage::Connection &, const std::vector<ObjectChange> &)>;

// One step: its pieces, one after the other, at the given pace.
class Step {
  public:
    Step(storage::Database &database, const Clock &clock, const DeliveryPace &pace)
        : database_(database), clock_(clock), pace_(pace) {}

    Expected<void> all(const NextPiece &next, const BesideStoring &beside) {
        std::int64_t after = -1;
        for (bool end = false; !end;) {
            Piece piece; // the transaction may run again: nothing else moves within it
            const auto done =
                database_.write([&](storage::Connection &connection) -> Expected<void> {
                    auto found = next(connection, after);
                    if (!found) return tl::unexpected(found.error());
                    piece = std::move(*found);
                    if (auto kept = beside(connection, piece.changes); !kept) return kept;
                    return store_objects(connection, clock_.now(), piece.changes);
                });
            if (!done) return done;
            end = piece.end;
            after = piece.last;
            done_ += piece.seen;
            if (!pace_.after_piece) continue;
            if (auto go_on = pace_.after_piece(done_); !go_on) return go_on;
        }
        return {};
    }

  private:
    storage::Database &database_;
    const Clock &clock_;
    const DeliveryPace &pace_;
    std::int64_t done_ = 0;
};

Expected<void> apply_all(storage::Database &database, const Clock &clock,
                         const DeliveryReport &delivery, const DeliveryPace &pace) {
    const BesideStoring keep = [&](storage::Connection &connection, const auto &changes) {
        return remember(connection, delivery.id, changes);
    };
    Step step(database, clock, pace);
    const auto named = step.all(
        [&](storage::Connection &connection, std::int64_t after) {
            return staged_piece(connection, delivery.id, delivery.source, after, pace);
        },
        keep);
    if (!named) return named;
    // Last, so that nothing is missing that comes back under way.
    if (delivery.complete) {
        const auto vanished = step.all(
            [&](storage::Connection &connection, std::int64_t after) {
                return vanishing_piece(connection, delivery.id, delivery.source, after, pace);
            },
            keep);
        if (!vanished) return vanished;
    }
    return forget_staged(database, delivery.id, pace.piece_objects);
}

Expected<void> undo_all(storage::Database &database, const Clock &clock, std::int64_t id,
                        const DeliveryPace &pace) {
    // What is back needs no undo any more.
    const BesideStoring forget = [id](storage::Connection &connection, const auto &changes) {
        std::vector<std::int64_t> ids;
        for (const ObjectChange &change : changes)
            ids.push_back(change.id);
        return each_group(
            ids, 1, [&](const std::string &list, const std::vector<storage::Value> &group) {
                std::vector<storage::Value> values{id};
                values.insert(values.end(), group.begin(), group.end());
                return run(connection,
                           "DELETE FROM knowledge_undo WHERE delivery = $1 AND id IN " + list,
                           values);
            });
    };
    const auto undone = Step(database, clock, pace)
                            .all([&](storage::Connection &connection,
                                     std::int64_t) { return undo_piece(connection, id, pace); },
                                 forget);
    if (!undone) return undone;
    return forget_staged(database, id, pace.piece_objects);
}

// From one state over the work to the next; what stops it half-way is noted beside the state.
// undo_days: none when there is nothing to undo then.
Expected<DeliveryReport> pass_through(storage::Database &database, const Clock &clock,
                                      std::int64_t id, const std::string &under_way,
                                      const std::string &then, std::optional<int> undo_days,
                                      const std::function<Expected<void>()> &work) {
    if (auto done = set_state(database, id, under_way, clock.now()); !done) {
        return tl::unexpected(done.error());
    }
    if (auto done = work(); !done) {
        // When not even this can be written, the state alone tells it.
        (void)note_problem(database, id, done.error());
        return tl::unexpected(done.error());
    }
    const Instant now = clock.now();
    std::optional<LocalDate> undo_until;
    if (undo_days) undo_until = last_undo_day(now, *undo_days);
    if (auto done = set_state(database, id, then, now, std::nullopt, undo_until); !done) {
        return tl::unexpected(done.error());
    }
    return find_delivery(database, id);
}

} // namespace

Expected<void> check_apply(storage::Database &database, std::int64_t id,
                           const DeliveryOptions &options) {
    const auto delivery = delivery_record(database, id);
    if (!delivery) return tl::unexpected(delivery.error());
    if (delivery->state == "applying") return {}; // somebody decided; part of it is there
    if (delivery->state != "staged") return wrong_state(*delivery);
    if (options.allow_mass_deletion) return {};
    // Counted again: other deliveries may have come in since the report.
    std::int64_t before = 0, vanishing = 0;
    const auto counted = database.read([&](storage::Connection &connection) -> Expected<void> {
        const auto found =
            number(connection, "SELECT COUNT(*) FROM knowledge_object WHERE source = $1",
                   {delivery->source});
        if (!found) return tl::unexpected(found.error());
        before = *found;
        const auto named =
            number(connection,
                   "SELECT COUNT(*) FROM knowledge_staged s JOIN knowledge_object o ON o.id = s.id "
                   "WHERE s.delivery = $1 AND s.removal = 1",
                   {id});
        if (!named) return tl::unexpected(named.error());
        vanishing = *named;
        if (!delivery->complete) return {};
        return each_vanishing(connection, id, delivery->source,
                              [&](ObjectKind, std::int64_t count) { vanishing += count; });
    });
    if (!counted) return counted;
    std::int64_t most = before * options.most_vanishing_percent / 100;
    if (!delivery->complete) most = std::max(most, kFewRemovals);
    if (vanishing <= most) return {};
    return fail(ProblemKind::conflict, "knowledge.delivery_mass_deletion",
                {{"vanishing", fmt::format("{}", vanishing)},
                 {"of", fmt::format("{}", before)},
                 {"most", fmt::format("{}", most)}});
}

Expected<DeliveryReport> apply_delivery(storage::Database &database, const Clock &clock,
                                        std::int64_t id, const DeliveryOptions &options,
                                        const DeliveryPace &pace) {
    if (auto allowed = check_apply(database, id, options); !allowed) {
        return tl::unexpected(allowed.error());
    }
    const auto delivery = delivery_record(database, id);
    if (!delivery) return tl::unexpected(delivery.error());
    return pass_through(database, clock, id, "applying", "applied", options.undo_days,
                        [&] { return apply_all(database, clock, *delivery, pace); });
}

Expected<void> check_undo(storage::Database &database, const Clock &clock, std::int64_t id) {
    const auto delivery = delivery_record(database, id);
    if (!delivery) return tl::unexpected(delivery.error());
    if (delivery->state != "applied" && delivery->state != "undoing" &&
        delivery->state != "applying") {
        return wrong_state(*delivery);
    }
    if (!can_undo(*delivery, clock.now())) {
        return fail(
            ProblemKind::conflict, "knowledge.undo_over",
            {{"delivery", fmt::format("{}", id)}, {"until", to_string(*delivery->undo_until)}});
    }
    std::int64_t later = 0;
    const auto asked = database.read([&](storage::Connection &connection) -> Expected<void> {
        // Later is what took effect later, whichever came in first; of what has not finished
        // nothing but its number is known.
        const auto found = number(
            connection,
            "SELECT COUNT(*) FROM knowledge_undo u "
            "JOIN knowledge_undo v ON v.id = u.id AND v.delivery <> u.delivery "
            "JOIN knowledge_delivery mine ON mine.id = u.delivery "
            "JOIN knowledge_delivery other ON other.id = v.delivery "
            "WHERE u.delivery = $1 AND CASE "
            "WHEN mine.finished_at > 0 AND other.finished_at > 0 "
            "AND mine.finished_at <> other.finished_at THEN other.finished_at > mine.finished_at "
            "ELSE other.id > mine.id END",
            {id});
        if (!found) return tl::unexpected(found.error());
        later = *found;
        return {};
    });
    if (!asked) return asked;
    if (later == 0) return {};
    return fail(ProblemKind::conflict, "knowledge.undo_superseded",
                {{"delivery", fmt::format("{}", id)}, {"objects", fmt::format("{}", later)}});
}

Expected<DeliveryReport> undo_delivery(storage::Database &database, const Clock &clock,
                                       std::int64_t id, const DeliveryPace &pace) {
    if (auto allowed = check_undo(database, clock, id); !allowed) {
        return tl::unexpected(allowed.error());
    }
    return pass_through(database, clock, id, "undoing", "undone", std::nullopt,
                        [&] { return undo_all(database, clock, id, pace); });
}

Expected<void> discard_delivery(storage::Database &database, std::int64_t id,
                                const DeliveryPace &pace) {
    const auto delivery = delivery_record(database, id);
    if (!delivery) return tl::unexpected(delivery.error());
    if (delivery->state != "staging" && delivery->state != "staged" &&
        delivery->state != "failed") {
        return wrong_state(*delivery);
    }
    // First: nobody may apply what a process that dies on the way leaves of it.
    const auto begun = database.write([&](storage::Connection &connection) {
        return run(connection, "UPDATE knowledge_delivery SET state = 'staging' WHERE id = $1",
                   {id});
    });
    if (!begun) return begun;
    if (auto done = forget_rows(database, "knowledge_staged", id, pace); !done) return done;
    return database.write([&](storage::Connection &connection) -> Expected<void> {
        if (auto done = run(connection, "DELETE FROM knowledge_change WHERE delivery = $1", {id});
            !done) {
            return done;
        }
        if (auto done = run(connection, "DELETE FROM knowledge_finding WHERE delivery = $1", {id});
            !done) {
            return done;
        }
        return run(connection, "DELETE FROM knowledge_delivery WHERE id = $1", {id});
    });
}

} // namespace fernamt::knowledge
