// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/delivery.h"

#include "knowledge/bulk_rows.h"
#include "knowledge/delivery_files.h"
#include "knowledge/object_store.h"
#include "knowledge/xzufi_object.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

namespace fernamt::knowledge {

namespace {

namespace json = boost::json;

constexpr std::size_t kBatchObjects = 400;
constexpr std::size_t kBatchBytes = 2U << 20;

Expected<void> run(storage::Connection &connection, std::string_view sql,
                   const std::vector<storage::Value> &values) {
    const auto done = connection.run(sql, values);
    if (!done) return tl::unexpected(done.error());
    return {};
}

Expected<std::int64_t> number(storage::Connection &connection, std::string_view sql,
                              const std::vector<storage::Value> &values) {
    std::int64_t value = 0;
    const auto done = connection.each(sql, values, [&](const storage::Row &row) {
        value = row.integer(0);
        return true;
    });
    if (!done) return tl::unexpected(done.error());
    return value;
}

// ---- staging ----------------------------------------------------------------------------------

class Staging {
  public:
    Staging(storage::Database &database, const Clock &clock, const DeliveryOptions &options)
        : database_(database), clock_(clock), options_(options) {}

    Expected<DeliveryReport> run_all() {
        if (auto begun = begin(); !begun) return tl::unexpected(begun.error());
        auto staged = read_files();
        if (staged) staged = flush();
        if (staged && report_.objects == 0 && options_.complete) {
            // Everything would go: a broken export, never an intention.
            staged = fail(ProblemKind::invalid_input, "knowledge.delivery_empty",
                          {{"file", options_.path}});
        }
        if (staged) staged = finish();
        if (!staged) {
            (void)discard_delivery(database_, report_.id);
            return tl::unexpected(staged.error());
        }
        return report_;
    }

  private:
    Expected<void> begin() {
        report_.source = options_.source;
        report_.complete = options_.complete;
        report_.state = "staged";
        return database_.write([&](storage::Connection &connection) -> Expected<void> {
            const auto id =
                number(connection, "SELECT next_delivery FROM knowledge_state WHERE id = 1", {});
            if (!id) return tl::unexpected(id.error());
            report_.id = *id;
            if (auto done = knowledge::run(
                    connection, "UPDATE knowledge_state SET next_delivery = $1 WHERE id = 1",
                    {*id + 1});
                !done) {
                return done;
            }
            return knowledge::run(
                connection,
                "INSERT INTO knowledge_delivery (id, source, path, complete, state, started_at, "
                "finished_at, report) VALUES ($1, $2, $3, $4, 'staging', $5, 0, '{}')",
                {*id, options_.source, options_.path, std::int64_t{options_.complete ? 1 : 0},
                 clock_.now().us});
        });
    }

    Expected<void> read_files() {
        const XzufiSink sink{.item = [&](XzufiItem item) { return take(std::move(item)); },
                             .finding = [&](XzufiFinding finding) { note(std::move(finding)); }};
        return each_delivered_file(
            options_.path,
            [&](const std::string &name, const ByteSource &source) -> Expected<void> {
                file_ = name;
                ++report_.files;
                const auto header = read_xzufi(source, {.schema_file = options_.schema_file}, sink);
                if (header) return {};
                Problem problem = header.error();
                problem.arguments.emplace_back("file", name);
                return tl::unexpected(std::move(problem));
            });
    }

    void note(XzufiFinding finding) {
        finding.refused ? ++report_.refused : ++report_.notes;
        if (static_cast<std::int64_t>(report_.findings.size()) >= kMostFindings) return;
        report_.findings.push_back({file_, finding.line, std::move(finding.code),
                                    std::move(finding.object), std::move(finding.detail)});
    }

    Expected<void> take(XzufiItem item) {
        const std::int64_t id = object_id(item.kind, item.key);
        ++report_.objects;
        if (!batch_ids_.insert(id).second) {
            // The same object again: the batch before it has to be in the database.
            if (auto done = flush(); !done) return done;
            batch_ids_.insert(id);
        }
        std::int64_t service = 0, holder = 0;
        if (item.kind == ObjectKind::specialisation) {
            service = object_id(ObjectKind::service, item.object.service);
        }
        if (item.kind == ObjectKind::responsibility && !item.object.responsibilities.empty()) {
            const Responsibility &one = item.object.responsibilities.front();
            service = object_id(ObjectKind::service, one.service);
            holder = object_id(one.holder_kind, one.holder);
        }
        batch_bytes_ += item.xml.size();
        const auto size = static_cast<std::int64_t>(item.xml.size());
        const std::string hash = item.removal ? "" : text_hash(item.xml);
        rows_.add({report_.id, id, static_cast<std::int64_t>(item.kind), item.key.agency,
                   item.key.local_id, item.key.scheme, std::int64_t{item.removal ? 1 : 0}, hash,
                   item.object.changed_at, service, holder, size, std::move(item.xml)});
        if (rows_.rows() >= kBatchObjects || batch_bytes_ >= kBatchBytes) return flush();
        return {};
    }

    Expected<void> flush() {
        if (rows_.rows() == 0) return {};
        const std::vector<std::int64_t> ids(batch_ids_.begin(), batch_ids_.end());
        BulkInsert rows = std::move(rows_);
        rows_ = empty_rows();
        batch_ids_.clear();
        batch_bytes_ = 0;
        return database_.write([&](storage::Connection &connection) -> Expected<void> {
            BulkInsert attempt = rows; // PostgreSQL may ask to run this again
            if (auto done = drop_earlier(connection, ids); !done) return done;
            return attempt.write(connection);
        });
    }

    // Objects that this delivery has already named: the last one counts.
    Expected<void> drop_earlier(storage::Connection &connection,
                                const std::vector<std::int64_t> &ids) {
        std::vector<std::int64_t> twice;
        const auto found = each_group(
            ids, 1,
            [&](const std::string &list,
                const std::vector<storage::Value> &group) -> Expected<void> {
                std::vector<storage::Value> values{report_.id};
                values.insert(values.end(), group.begin(), group.end());
                return connection.each("SELECT id, kind, agency, local_id FROM knowledge_staged "
                                       "WHERE delivery = $1 AND id IN " +
                                           list,
                                       values, [&](const storage::Row &row) {
                                           twice.push_back(row.integer(0));
                                           note_duplicate(row);
                                           return true;
                                       });
            });
        if (!found || twice.empty()) return found;
        return each_group(twice, 1,
                          [&](const std::string &list,
                              const std::vector<storage::Value> &group) -> Expected<void> {
                              std::vector<storage::Value> values{report_.id};
                              values.insert(values.end(), group.begin(), group.end());
                              return knowledge::run(connection,
                                                    "DELETE FROM knowledge_staged "
                                                    "WHERE delivery = $1 AND id IN " +
                                                        list,
                                                    values);
                          });
    }

    void note_duplicate(const storage::Row &row) {
        ++report_.duplicates;
        const auto kind = object_kind(row.integer(1)).value_or(ObjectKind::service);
        if (static_cast<std::int64_t>(report_.findings.size()) >= kMostFindings) return;
        report_.findings.push_back(
            {file_, 0, "object_twice",
             fmt::format("{} {}/{}", to_string(kind), row.text(2), row.text(3)), ""});
    }

    Expected<void> finish() {
        if (auto done = refuse_collisions(); !done) return done;
        // Long questions are asked of a reader: the one writer is needed by calls.
        const auto compared =
            database_.read([&](storage::Connection &connection) -> Expected<void> {
                report_.kinds = {};
                if (auto done = compare(connection); !done) return done;
                return count_dangling(connection);
            });
        if (!compared) return compared;
        return database_.write([&](storage::Connection &connection) -> Expected<void> {
            if (auto done = store_findings(connection); !done) return done;
            return knowledge::run(
                connection,
                "UPDATE knowledge_delivery SET state = 'staged', report = $1 WHERE id = $2",
                {to_json(report_), report_.id});
        });
    }

    // Two keys with one computed id (model.h): the one that is there stays.
    Expected<void> refuse_collisions() {
        std::vector<std::int64_t> colliding;
        const auto found = database_.read([&](storage::Connection &connection) {
            return connection.each(
                "SELECT s.id, s.kind, s.agency, s.local_id FROM knowledge_staged s "
                "JOIN knowledge_object o ON o.id = s.id WHERE s.delivery = $1 "
                "AND (o.kind <> s.kind OR o.agency <> s.agency OR o.local_id <> s.local_id)",
                {report_.id}, [&](const storage::Row &row) {
                    colliding.push_back(row.integer(0));
                    const auto kind = object_kind(row.integer(1)).value_or(ObjectKind::service);
                    note({"id_collision", true, 0,
                          fmt::format("{} {}/{}", to_string(kind), row.text(2), row.text(3)), ""});
                    return true;
                });
        });
        if (!found || colliding.empty()) return found;
        return database_.write([&](storage::Connection &connection) -> Expected<void> {
            for (const std::int64_t id : colliding) {
                if (auto done = knowledge::run(
                        connection, "DELETE FROM knowledge_staged WHERE delivery = $1 AND id = $2",
                        {report_.id, id});
                    !done) {
                    return done;
                }
            }
            return {};
        });
    }

    Expected<void> compare(storage::Connection &connection) {
        const auto compared = connection.each(
            "SELECT s.kind, s.removal, "
            "CASE WHEN o.id IS NULL THEN 0 WHEN o.hash = s.hash THEN 1 ELSE 2 END AS known, "
            "COUNT(*) FROM knowledge_staged s LEFT JOIN knowledge_object o ON o.id = s.id "
            "WHERE s.delivery = $1 GROUP BY 1, 2, 3",
            {report_.id}, [&](const storage::Row &row) {
                DeliveryCounts &counts =
                    report_.kinds[static_cast<std::size_t>(row.integer(0) - 1)];
                const bool removal = row.integer(1) != 0;
                const std::int64_t known = row.integer(2), count = row.integer(3);
                if (removal) {
                    (known == 0 ? report_.unknown_removals : counts.removed) += count;
                } else {
                    (known == 0   ? counts.created
                     : known == 1 ? counts.unchanged
                                  : counts.updated) += count;
                }
                return true;
            });
        if (!compared) return compared;
        const auto before =
            number(connection, "SELECT COUNT(*) FROM knowledge_object WHERE source = $1",
                   {options_.source});
        if (!before) return tl::unexpected(before.error());
        report_.source_objects = *before;
        if (!options_.complete) return {};
        report_.vanishing = 0;
        return connection.each(
            "SELECT o.kind, COUNT(*) FROM knowledge_object o WHERE o.source = $1 AND NOT EXISTS "
            "(SELECT 1 FROM knowledge_staged s WHERE s.delivery = $2 AND s.id = o.id) "
            "GROUP BY o.kind",
            {options_.source, report_.id}, [&](const storage::Row &row) {
                report_.kinds[static_cast<std::size_t>(row.integer(0) - 1)].removed +=
                    row.integer(1);
                report_.vanishing += row.integer(1);
                return true;
            });
    }

    Expected<void> count_dangling(storage::Connection &connection) {
        // Kept all the same: what they point to may come with the next delivery.
        constexpr std::string_view kThere =
            "(SELECT 1 FROM knowledge_staged t WHERE t.delivery = s.delivery AND t.id = s.{0} "
            "AND t.removal = 0) AND NOT EXISTS (SELECT 1 FROM knowledge_object o "
            "WHERE o.id = s.{0})";
        const auto found = number(
            connection,
            fmt::format("SELECT COUNT(*) FROM knowledge_staged s WHERE s.delivery = $1 AND "
                        "((s.service <> 0 AND NOT EXISTS {}) OR (s.holder <> 0 AND NOT EXISTS {}))",
                        fmt::format(fmt::runtime(kThere), "service"),
                        fmt::format(fmt::runtime(kThere), "holder")),
            {report_.id});
        if (!found) return tl::unexpected(found.error());
        report_.dangling = *found;
        return {};
    }

    Expected<void> store_findings(storage::Connection &connection) {
        BulkInsert rows("knowledge_finding", "delivery, ordinal, file, line, code, object, detail");
        std::int64_t ordinal = 0;
        for (const DeliveryFinding &each : report_.findings) {
            rows.add({report_.id, ordinal++, each.file, std::int64_t{each.line}, each.code,
                      each.object, each.detail});
        }
        return rows.write(connection);
    }

    static BulkInsert empty_rows() {
        return {"knowledge_staged",
                "delivery, id, kind, agency, local_id, scheme, removal, hash, changed_at, service, "
                "holder, size, xml"};
    }

    storage::Database &database_;
    const Clock &clock_;
    const DeliveryOptions &options_;
    DeliveryReport report_;
    std::string file_;
    BulkInsert rows_ = empty_rows();
    std::unordered_set<std::int64_t> batch_ids_;
    std::size_t batch_bytes_ = 0;
};

// ---- applying and undoing ---------------------------------------------------------------------

struct Piece {
    std::vector<ObjectChange> changes;
    std::int64_t last = -1; // id up to which the piece went
    bool end = false;
};

// What the delivery says, from after on, as far as one piece goes. Unchanged objects are left out.
Expected<Piece> staged_piece(storage::Connection &connection, std::int64_t delivery,
                             const std::string &source, std::int64_t after) {
    Piece piece{.changes = {}, .last = after, .end = false};
    std::size_t bytes = 0;
    std::vector<std::int64_t> wanted;
    std::int64_t rows = 0;
    // First the sizes, then the texts: PostgreSQL would hold the texts of all rows at once.
    auto done = connection.each(
        "SELECT s.id, s.size, s.removal, CASE WHEN o.id IS NULL THEN 0 WHEN o.hash = s.hash THEN 1 "
        "ELSE 2 END FROM knowledge_staged s LEFT JOIN knowledge_object o ON o.id = s.id "
        "WHERE s.delivery = $1 AND s.id > $2 ORDER BY s.id LIMIT $3",
        {delivery, after, static_cast<std::int64_t>(kBatchObjects)}, [&](const storage::Row &row) {
            if (bytes >= kBatchBytes) return false;
            ++rows;
            piece.last = row.integer(0);
            const bool removal = row.integer(2) != 0;
            const std::int64_t known = row.integer(3);
            if (removal ? known == 0 : known == 1) return true;
            bytes += static_cast<std::size_t>(row.integer(1));
            wanted.push_back(row.integer(0));
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    piece.end = rows == 0;
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
                                const std::string &source, std::int64_t after) {
    Piece piece{.changes = {}, .last = after, .end = false};
    const auto done = connection.each(
        "SELECT o.id, o.kind, o.agency, o.local_id, o.scheme FROM knowledge_object o "
        "WHERE o.source = $1 AND o.id > $3 AND NOT EXISTS (SELECT 1 FROM knowledge_staged s "
        "WHERE s.delivery = $2 AND s.id = o.id) ORDER BY o.id LIMIT $4",
        {source, delivery, after, static_cast<std::int64_t>(kBatchObjects)},
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
    piece.end = piece.changes.empty();
    return piece;
}

Expected<Piece> undo_piece(storage::Connection &connection, std::int64_t delivery) {
    Piece piece;
    std::size_t bytes = 0;
    const auto done = connection.each(
        "SELECT u.id, u.existed, u.kind, u.agency, u.local_id, u.scheme, u.source, u.xml, "
        "CASE WHEN o.id IS NULL THEN 0 ELSE 1 END FROM knowledge_undo u "
        "LEFT JOIN knowledge_object o ON o.id = u.id WHERE u.delivery = $1 ORDER BY u.id LIMIT 100",
        {delivery}, [&](const storage::Row &row) {
            if (bytes >= kBatchBytes) return false;
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

struct Header {
    std::string source;
    std::string state;
    bool complete = false;
    std::string report;
};

Expected<Header> header_of(storage::Database &database, std::int64_t id) {
    std::optional<Header> header;
    const auto done = database.read([&](storage::Connection &connection) {
        return connection.each(
            "SELECT source, state, complete, report FROM knowledge_delivery WHERE id = $1", {id},
            [&](const storage::Row &row) {
                header = Header{row.text(0), row.text(1), row.integer(2) != 0, row.text(3)};
                return true;
            });
    });
    if (!done) return tl::unexpected(done.error());
    if (!header) {
        return fail(ProblemKind::not_found, "knowledge.delivery_not_found",
                    {{"delivery", fmt::format("{}", id)}});
    }
    return *header;
}

Expected<void> set_state(storage::Database &database, std::int64_t id, std::string state,
                         Instant finished) {
    return database.write([&](storage::Connection &connection) {
        return run(connection,
                   "UPDATE knowledge_delivery SET state = $1, finished_at = $2 WHERE id = $3",
                   {state, finished.us, id});
    });
}

std::int64_t value_at(const json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(json::string_view(key.data(), key.size()));
    return value && value->is_int64() ? value->as_int64() : 0;
}

// The counts again; the findings stay in the database.
DeliveryReport parse_report(std::int64_t id, const Header &header) {
    DeliveryReport report{
        .id = id, .state = header.state, .source = header.source, .complete = header.complete};
    boost::system::error_code error;
    const json::value document = json::parse(header.report, error);
    if (error || !document.is_object()) return report;
    const json::object &object = document.as_object();
    report.files = value_at(object, "files");
    report.objects = value_at(object, "objects");
    report.refused = value_at(object, "refused");
    report.notes = value_at(object, "notes");
    report.unknown_removals = value_at(object, "unknown_removals");
    report.duplicates = value_at(object, "duplicates");
    report.dangling = value_at(object, "dangling");
    report.source_objects = value_at(object, "source_objects");
    report.vanishing = value_at(object, "vanishing");
    const json::value *kinds = object.if_contains("kinds");
    for (int kind = 1; kinds && kinds->is_object() && kind <= kObjectKinds; ++kind) {
        const std::string_view name = to_string(static_cast<ObjectKind>(kind));
        const json::value *counts =
            kinds->as_object().if_contains(json::string_view(name.data(), name.size()));
        if (!counts || !counts->is_object()) continue;
        report.kinds[static_cast<std::size_t>(kind - 1)] = {
            value_at(counts->as_object(), "created"), value_at(counts->as_object(), "updated"),
            value_at(counts->as_object(), "unchanged"), value_at(counts->as_object(), "removed")};
    }
    return report;
}

// Runs pieces, each in its own transaction, until one says that it is the end.
template <class Next>
Expected<void> in_pieces(storage::Database &database, const Clock &clock, const Next &next,
                         std::optional<std::int64_t> remember_for) {
    std::int64_t after = -1;
    for (bool end = false; !end;) {
        std::int64_t reached = after; // the transaction may run again: it must not move after
        const auto done = database.write([&](storage::Connection &connection) -> Expected<void> {
            auto piece = next(connection, after);
            if (!piece) return tl::unexpected(piece.error());
            end = piece->end;
            if (remember_for) {
                if (auto kept = remember(connection, *remember_for, piece->changes); !kept) {
                    return kept;
                }
            }
            if (auto stored = store_objects(connection, clock.now(), piece->changes); !stored) {
                return stored;
            }
            if (!remember_for) { // undoing: what is back needs no undo any more
                std::vector<std::int64_t> ids;
                for (const ObjectChange &change : piece->changes)
                    ids.push_back(change.id);
                if (auto gone = next.forget(connection, ids); !gone) return gone;
            }
            reached = piece->last;
            return {};
        });
        if (!done) return done;
        after = reached;
    }
    return {};
}

struct Staged {
    std::int64_t id;
    const std::string &source;
    Expected<Piece> operator()(storage::Connection &connection, std::int64_t after) const {
        return staged_piece(connection, id, source, after);
    }
    static Expected<void> forget(storage::Connection &, const std::vector<std::int64_t> &) {
        return {};
    }
};
struct Vanishing {
    std::int64_t id;
    const std::string &source;
    Expected<Piece> operator()(storage::Connection &connection, std::int64_t after) const {
        return vanishing_piece(connection, id, source, after);
    }
    static Expected<void> forget(storage::Connection &, const std::vector<std::int64_t> &) {
        return {};
    }
};
struct Undoing {
    std::int64_t id;
    Expected<Piece> operator()(storage::Connection &connection, std::int64_t) const {
        return undo_piece(connection, id);
    }
    [[nodiscard]] Expected<void> forget(storage::Connection &connection,
                                        const std::vector<std::int64_t> &ids) const {
        return each_group(ids, 1,
                          [&](const std::string &list,
                              const std::vector<storage::Value> &group) -> Expected<void> {
                              std::vector<storage::Value> values{id};
                              values.insert(values.end(), group.begin(), group.end());
                              return run(connection,
                                         "DELETE FROM knowledge_undo WHERE delivery = $1 AND "
                                         "id IN " +
                                             list,
                                         values);
                          });
    }
};

Expected<void> forget_staged(storage::Database &database, std::int64_t id) {
    for (std::int64_t removed = 1; removed > 0;) {
        const auto done = database.write([&](storage::Connection &connection) -> Expected<void> {
            const auto rows = connection.run(
                "DELETE FROM knowledge_staged WHERE delivery = $1 AND id IN (SELECT id FROM "
                "knowledge_staged WHERE delivery = $2 ORDER BY id LIMIT 2000)",
                {id, id});
            if (!rows) return tl::unexpected(rows.error());
            removed = *rows;
            return {};
        });
        if (!done) return done;
    }
    return {};
}

tl::unexpected<Problem> wrong_state(std::int64_t id, const std::string &state) {
    return fail(ProblemKind::conflict, "knowledge.delivery_state",
                {{"delivery", fmt::format("{}", id)}, {"state", state}});
}

} // namespace

Expected<DeliveryReport> stage_delivery(storage::Database &database, const Clock &clock,
                                        const DeliveryOptions &options) {
    return Staging(database, clock, options).run_all();
}

Expected<DeliveryReport> apply_delivery(storage::Database &database, const Clock &clock,
                                        std::int64_t id, const DeliveryOptions &options) {
    const auto header = header_of(database, id);
    if (!header) return tl::unexpected(header.error());
    if (header->state != "staged" && header->state != "applying") {
        return wrong_state(id, header->state);
    }
    DeliveryReport report = parse_report(id, *header);
    const std::int64_t most = report.source_objects * options.most_vanishing_percent / 100;
    if (!options.allow_mass_deletion && report.vanishing > most && header->state == "staged") {
        return fail(ProblemKind::conflict, "knowledge.delivery_mass_deletion",
                    {{"vanishing", fmt::format("{}", report.vanishing)},
                     {"of", fmt::format("{}", report.source_objects)},
                     {"most", fmt::format("{}", most)}});
    }
    if (auto done = set_state(database, id, "applying", clock.now()); !done) {
        return tl::unexpected(done.error());
    }
    if (auto done = in_pieces(database, clock, Staged{id, header->source}, id); !done) {
        return tl::unexpected(done.error());
    }
    if (header->complete) { // last, so that nothing is missing that comes back under way
        if (auto done = in_pieces(database, clock, Vanishing{id, header->source}, id); !done) {
            return tl::unexpected(done.error());
        }
    }
    if (auto done = forget_staged(database, id); !done) return tl::unexpected(done.error());
    if (auto done = set_state(database, id, "applied", clock.now()); !done) {
        return tl::unexpected(done.error());
    }
    report.state = "applied";
    return report;
}

Expected<DeliveryReport> undo_delivery(storage::Database &database, const Clock &clock,
                                       std::int64_t id) {
    const auto header = header_of(database, id);
    if (!header) return tl::unexpected(header.error());
    if (header->state != "applied" && header->state != "undoing" && header->state != "applying") {
        return wrong_state(id, header->state);
    }
    std::int64_t later = 0;
    const auto asked = database.read([&](storage::Connection &connection) -> Expected<void> {
        const auto found = number(connection,
                                  "SELECT COUNT(*) FROM knowledge_undo u JOIN knowledge_undo v "
                                  "ON v.id = u.id AND v.delivery > u.delivery "
                                  "WHERE u.delivery = $1",
                                  {id});
        if (!found) return tl::unexpected(found.error());
        later = *found;
        return {};
    });
    if (!asked) return tl::unexpected(asked.error());
    if (later > 0) {
        return fail(ProblemKind::conflict, "knowledge.undo_superseded",
                    {{"delivery", fmt::format("{}", id)}, {"objects", fmt::format("{}", later)}});
    }
    if (auto done = set_state(database, id, "undoing", clock.now()); !done) {
        return tl::unexpected(done.error());
    }
    if (auto done = in_pieces(database, clock, Undoing{id}, std::nullopt); !done) {
        return tl::unexpected(done.error());
    }
    if (auto done = forget_staged(database, id); !done) return tl::unexpected(done.error());
    if (auto done = set_state(database, id, "undone", clock.now()); !done) {
        return tl::unexpected(done.error());
    }
    DeliveryReport report = parse_report(id, *header);
    report.state = "undone";
    return report;
}

Expected<void> discard_delivery(storage::Database &database, std::int64_t id) {
    const auto header = header_of(database, id);
    if (!header) return tl::unexpected(header.error());
    if (header->state != "staging" && header->state != "staged") {
        return wrong_state(id, header->state);
    }
    if (auto done = forget_staged(database, id); !done) return done;
    return database.write([&](storage::Connection &connection) -> Expected<void> {
        if (auto done = run(connection, "DELETE FROM knowledge_finding WHERE delivery = $1", {id});
            !done) {
            return done;
        }
        return run(connection, "DELETE FROM knowledge_delivery WHERE id = $1", {id});
    });
}

Expected<std::vector<DeliverySummary>> deliveries(storage::Database &database) {
    std::vector<DeliverySummary> found;
    const auto done = database.read([&](storage::Connection &connection) {
        found.clear();
        return connection.each("SELECT id, source, state, complete, started_at "
                               "FROM knowledge_delivery ORDER BY id",
                               {}, [&](const storage::Row &row) {
                                   found.push_back({row.integer(0), row.text(1), row.text(2),
                                                    row.integer(3) != 0, Instant{row.integer(4)}});
                                   return true;
                               });
    });
    if (!done) return tl::unexpected(done.error());
    return found;
}

std::string to_json(const DeliveryReport &report) {
    json::object kinds;
    for (int kind = 1; kind <= kObjectKinds; ++kind) {
        const DeliveryCounts &counts = report.kinds[static_cast<std::size_t>(kind - 1)];
        const std::string_view name = to_string(static_cast<ObjectKind>(kind));
        kinds[json::string_view(name.data(), name.size())] =
            json::object{{"created", counts.created},
                         {"updated", counts.updated},
                         {"unchanged", counts.unchanged},
                         {"removed", counts.removed}};
    }
    json::array findings;
    for (const DeliveryFinding &each : report.findings) {
        findings.push_back(json::object{{"file", each.file},
                                        {"line", each.line},
                                        {"code", each.code},
                                        {"object", each.object},
                                        {"detail", each.detail}});
    }
    return json::serialize(json::object{{"delivery", report.id},
                                        {"state", report.state},
                                        {"source", report.source},
                                        {"complete", report.complete},
                                        {"files", report.files},
                                        {"objects", report.objects},
                                        {"refused", report.refused},
                                        {"notes", report.notes},
                                        {"unknown_removals", report.unknown_removals},
                                        {"duplicates", report.duplicates},
                                        {"dangling", report.dangling},
                                        {"source_objects", report.source_objects},
                                        {"vanishing", report.vanishing},
                                        {"kinds", std::move(kinds)},
                                        {"findings", std::move(findings)}});
}

} // namespace fernamt::knowledge
