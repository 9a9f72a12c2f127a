// SPDX-License-Identifier: EUPL-1.2
// The first step: everything that was delivered, into a generation of its own.
#include "knowledge/bulk_rows.h"
#include "knowledge/delivery.h"
#include "knowledge/delivery_files.h"
#include "knowledge/delivery_record.h"
#include "knowledge/xzufi_object.h"

#include <fmt/format.h>

#include <unordered_set>

namespace fernamt::knowledge {

namespace {

class Staging {
  public:
    Staging(storage::Database &database, std::int64_t id, const DeliveryOptions &options,
            const DeliveryPace &pace)
        : database_(database), options_(options), pace_(pace) {
        report_.id = id;
    }

    Expected<void> run_all() {
        if (auto staged = read_files(); !staged) return staged;
        if (auto staged = flush(); !staged) return staged;
        if (report_.objects == 0 && options_.complete) {
            // Everything would go: a broken export, never an intention.
            return fail(ProblemKind::invalid_input, "knowledge.delivery_empty",
                        {{"file", options_.path}});
        }
        return finish();
    }

  private:
    Expected<void> read_files() {
        const XzufiSink sink{.item = [&](XzufiItem item) { return take(std::move(item)); },
                             .finding = [&](XzufiFinding finding) { note(std::move(finding)); }};
        const auto schema = XzufiSchema::load(options_.schema_file);
        if (!schema) return tl::unexpected(schema.error());
        return each_delivered_file(
            options_.path,
            [&](const std::string &name, const ByteSource &source) -> Expected<void> {
                file_ = name;
                ++report_.files;
                const auto header = read_xzufi(source, schema->get(), sink);
                if (header) return {};
                Problem problem = header.error();
                problem.arguments.emplace_back("file", name);
                if (problem.code == "knowledge.schema_violated") {
                    problem.arguments.emplace_back(
                        "remedy",
                        "whoever delivers has to correct it, or the schema is not for it: " +
                            options_.schema_file);
                }
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
        if (item.refused) return keep(id, item);
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
        const std::string hash = item.xml.empty() ? "" : text_hash(item.xml);
        rows_.add({report_.id, id, static_cast<std::int64_t>(item.kind), item.key.agency,
                   item.key.local_id, item.key.scheme, std::int64_t{item.removal ? 1 : 0}, hash,
                   item.object.changed_at, service, holder, size, std::move(item.xml)});
        if (rows_.rows() >= pace_.piece_objects || batch_bytes_ >= pace_.piece_bytes())
            return flush();
        return {};
    }

    // What is named but refused stays as it is, if it is there: a row without text. It never takes
    // the place of one that could be read.
    Expected<void> keep(std::int64_t id, const XzufiItem &item) {
        kept_.add({report_.id, id, static_cast<std::int64_t>(item.kind), item.key.agency,
                   item.key.local_id, item.key.scheme, std::int64_t{0}, "", "", std::int64_t{0},
                   std::int64_t{0}, std::int64_t{0}, ""});
        return kept_.rows() >= pace_.piece_objects ? flush() : Expected<void>{};
    }

    Expected<void> flush() {
        if (rows_.rows() + kept_.rows() == 0) return {};
        const std::vector<std::int64_t> ids(batch_ids_.begin(), batch_ids_.end());
        BulkInsert rows = std::move(rows_);
        BulkInsert kept = std::move(kept_);
        rows_ = empty_rows();
        kept_ = empty_rows("ON CONFLICT (delivery, id) DO NOTHING");
        batch_ids_.clear();
        batch_bytes_ = 0;
        const auto written =
            database_.write([&](storage::Connection &connection) -> Expected<void> {
                BulkInsert attempt = rows; // PostgreSQL may ask to run this again
                BulkInsert beside = kept;
                if (auto done = drop_earlier(connection, ids); !done) return done;
                if (auto done = attempt.write(connection); !done) return done;
                return beside.write(connection);
            });
        if (!written || !pace_.after_piece) return written;
        return pace_.after_piece(report_.objects);
    }

    // Objects that this delivery has already named: the last one counts.
    Expected<void> drop_earlier(storage::Connection &connection,
                                const std::vector<std::int64_t> &ids) {
        std::vector<std::int64_t> twice;
        const auto found =
            each_group(ids, 1,
                       [&](const std::string &list,
                           const std::vector<storage::Value> &group) -> Expected<void> {
                           std::vector<storage::Value> values{report_.id};
                           values.insert(values.end(), group.begin(), group.end());
                           return connection.each(
                               "SELECT id, kind, agency, local_id, size, removal "
                               "FROM knowledge_staged "
                               "WHERE delivery = $1 AND id IN " +
                                   list,
                               values, [&](const storage::Row &row) {
                                   twice.push_back(row.integer(0));
                                   const bool kept = row.integer(4) == 0 && row.integer(5) == 0;
                                   if (!kept) note_duplicate(row);
                                   return true;
                               });
                       });
        if (!found || twice.empty()) return found;
        return each_group(twice, 1,
                          [&](const std::string &list,
                              const std::vector<storage::Value> &group) -> Expected<void> {
                              std::vector<storage::Value> values{report_.id};
                              values.insert(values.end(), group.begin(), group.end());
                              return run(connection,
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
                if (auto done = name_changes(connection); !done) return done;
                return count_dangling(connection);
            });
        if (!compared) return compared;
        return database_.write([&](storage::Connection &connection) -> Expected<void> {
            if (auto done = store_findings(connection); !done) return done;
            return run(connection,
                       "UPDATE knowledge_delivery SET state = 'staged', finished_at = 0, "
                       "problem = '', report = $1 WHERE id = $2",
                       {counts_json(report_), report_.id});
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
                if (auto done = run(connection,
                                    "DELETE FROM knowledge_staged WHERE delivery = $1 AND id = $2",
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
            "SELECT s.kind, s.removal, CASE WHEN o.id IS NULL THEN 0 "
            "WHEN o.hash = s.hash OR (s.size = 0 AND s.removal = 0) THEN 1 ELSE 2 END AS known, "
            "COUNT(*) FROM knowledge_staged s LEFT JOIN knowledge_object o ON o.id = s.id "
            "WHERE s.delivery = $1 AND (o.id IS NOT NULL OR s.size > 0 OR s.removal = 1) "
            "GROUP BY 1, 2, 3",
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
        return each_vanishing(
            connection, report_.id, options_.source, [&](ObjectKind kind, std::int64_t count) {
                report_.kinds[static_cast<std::size_t>(kind) - 1].removed += count;
                report_.vanishing += count;
            });
    }

    // Which objects change, by name: what goes first.
    Expected<void> name_changes(storage::Connection &connection) {
        report_.changes.clear();
        const std::string_view staged = "FROM knowledge_staged s JOIN knowledge_object o "
                                        "ON o.id = s.id WHERE s.delivery = $1";
        const std::vector<storage::Value> here{report_.id};
        const storage::Value source = options_.source;
        if (auto done = name_some(
                connection, "removed",
                fmt::format("SELECT o.id {} AND s.removal = 1 ORDER BY o.id", staged), here, true);
            !done)
            return done;
        if (options_.complete) {
            const auto done = name_some(
                connection, "removed",
                "SELECT o.id FROM knowledge_object o WHERE o.source = $1 AND NOT EXISTS "
                "(SELECT 1 FROM knowledge_staged s WHERE s.delivery = $2 AND s.id = o.id) "
                "ORDER BY o.id",
                {source, report_.id}, true);
            if (!done) return done;
        }
        if (auto done = name_some(
                connection, "updated",
                fmt::format("SELECT s.id {} AND s.size > 0 AND o.hash <> s.hash ORDER BY s.id",
                            staged),
                here, false);
            !done)
            return done;
        return name_some(connection, "created",
                         "SELECT s.id FROM knowledge_staged s WHERE s.delivery = $1 AND s.size > 0 "
                         "AND NOT EXISTS (SELECT 1 FROM knowledge_object o WHERE o.id = s.id) "
                         "ORDER BY s.id",
                         here, false);
    }

    // One text after the other: PostgreSQL would hold them all at once.
    Expected<void> name_some(storage::Connection &connection, const std::string &what,
                             const std::string &which, std::vector<storage::Value> values,
                             bool as_it_was) {
        const std::int64_t left = kMostChanges - static_cast<std::int64_t>(report_.changes.size());
        if (left <= 0) return {};
        values.emplace_back(left);
        std::vector<std::int64_t> ids;
        auto done = connection.each(fmt::format("{} LIMIT ${}", which, values.size()), values,
                                    [&](const storage::Row &row) {
                                        ids.push_back(row.integer(0));
                                        return true;
                                    });
        const std::string_view text =
            as_it_was ? "SELECT kind, agency, local_id, xml FROM knowledge_object WHERE id = $1"
                      : "SELECT kind, agency, local_id, xml FROM knowledge_staged WHERE id = $1 "
                        "AND delivery = $2";
        for (std::size_t i = 0; done && i < ids.size(); ++i) {
            std::vector<storage::Value> one{ids[i]};
            if (!as_it_was) one.emplace_back(report_.id);
            done = connection.each(std::string(text), one, [&](const storage::Row &row) {
                const auto kind = object_kind(row.integer(0)).value_or(ObjectKind::service);
                const auto object = read_object(row.text(3));
                report_.changes.push_back(
                    {what, fmt::format("{} {}/{}", to_string(kind), row.text(1), row.text(2)),
                     object ? object->name : ""});
                return true;
            });
        }
        return done;
    }

    Expected<void> count_dangling(storage::Connection &connection) {
        // Kept all the same: what they point to may come with the next delivery.
        constexpr std::string_view kThere =
            "(SELECT 1 FROM knowledge_staged t WHERE t.delivery = s.delivery AND t.id = s.{0} "
            "AND t.size > 0) AND NOT EXISTS (SELECT 1 FROM knowledge_object o "
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
        if (auto done = rows.write(connection); !done) return done;
        BulkInsert changes("knowledge_change", "delivery, ordinal, what, object, name");
        ordinal = 0;
        for (const DeliveryChange &each : report_.changes)
            changes.add({report_.id, ordinal++, each.what, each.object, each.name});
        return changes.write(connection);
    }

    static BulkInsert empty_rows(std::string_view suffix = "") {
        return {"knowledge_staged",
                "delivery, id, kind, agency, local_id, scheme, removal, hash, changed_at, service, "
                "holder, size, xml",
                suffix};
    }

    storage::Database &database_;
    const DeliveryOptions &options_;
    const DeliveryPace &pace_;
    DeliveryReport report_;
    std::string file_;
    BulkInsert rows_ = empty_rows();
    BulkInsert kept_ = empty_rows("ON CONFLICT (delivery, id) DO NOTHING");
    std::unordered_set<std::int64_t> batch_ids_;
    std::size_t batch_bytes_ = 0;
};

} // namespace

Expected<std::int64_t> open_delivery(storage::Database &database, const Clock &clock,
                                     const DeliveryOptions &options, UserId by) {
    std::int64_t id = 0;
    const auto opened = database.write([&](storage::Connection &connection) -> Expected<void> {
        const auto next =
            number(connection, "SELECT next_delivery FROM knowledge_state WHERE id = 1");
        if (!next) return tl::unexpected(next.error());
        id = *next;
        if (auto done = run(connection,
                            "UPDATE knowledge_state SET next_delivery = $1 WHERE id = 1", {id + 1});
            !done) {
            return done;
        }
        return run(connection,
                   "INSERT INTO knowledge_delivery (id, source, path, complete, state, started_at, "
                   "finished_at, by_user, report) VALUES ($1, $2, $3, $4, 'staging', $5, 0, $6, "
                   "'{}')",
                   {id, options.source, options.path, std::int64_t{options.complete ? 1 : 0},
                    clock.now().us, by.value});
    });
    if (!opened) return tl::unexpected(opened.error());
    return id;
}

Expected<DeliveryReport> read_delivery(storage::Database &database, const Clock &clock,
                                       std::int64_t id, const DeliveryOptions &options,
                                       const DeliveryPace &pace) {
    if (auto staged = Staging(database, id, options, pace).run_all(); !staged) {
        // Stopped from outside, in a hurry: clean_up_deliveries forgets the rows later.
        if (staged.error().code == "knowledge.delivery_interrupted") {
            return tl::unexpected(staged.error());
        }
        if (auto gone = forget_staged(database, id, pace.piece_objects); !gone) {
            return tl::unexpected(gone.error());
        }
        if (auto kept = set_state(database, id, "failed", clock.now(), staged.error()); !kept) {
            return tl::unexpected(kept.error());
        }
        return tl::unexpected(staged.error());
    }
    return find_delivery(database, id);
}

Expected<DeliveryReport> stage_delivery(storage::Database &database, const Clock &clock,
                                        const DeliveryOptions &options, const DeliveryPace &pace) {
    const auto id = open_delivery(database, clock, options);
    if (!id) return tl::unexpected(id.error());
    auto staged = read_delivery(database, clock, *id, options, pace);
    if (!staged) {
        // Whoever asked has the reason in hand; the database may be what is broken.
        (void)discard_delivery(database, *id,
                               {.piece_objects = pace.piece_objects, .after_piece = {}});
    }
    return staged;
}

} // namespace fernamt::knowledge
