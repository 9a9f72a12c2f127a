// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/demo_services.h"

#include "base/time.h"
#include "knowledge/bulk_rows.h"
#include "knowledge/demo_editing.h"
#include "knowledge/demo_objects.h"
#include "knowledge/object_store.h"
#include "knowledge/xzufi_object.h"

#include <map>
#include <tuple>
#include <vector>

namespace fernamt::knowledge {

namespace {

using LocalId = std::tuple<std::int64_t, std::int64_t, std::string>; // service, place, section
struct Editorial {                                                   // of a service, written here
    std::string telephone_text;
    std::string checked_on;
    std::int64_t review_days = 0;
    friend bool operator==(const Editorial &, const Editorial &) = default;
};

struct Wanted {
    std::map<std::int64_t, ObjectChange> objects;
    std::map<LocalId, std::string> local; // lines as JSON
    std::map<std::int64_t, Editorial> editorial;
};
struct Stored {
    std::map<std::int64_t, ObjectChange> objects; // without XML
    std::map<std::int64_t, std::string> hashes;
    std::map<LocalId, std::string> local;
    std::map<std::int64_t, Editorial> editorial;
};

Wanted wanted_of(const DemoData &data) {
    Wanted wanted;
    DemoObjects made = demo_objects(data);
    for (const KnowledgeObject &object : made.objects) {
        const std::int64_t id = object_id(object.kind, object.key);
        wanted.objects.emplace(id, ObjectChange{.id = id,
                                                .kind = object.kind,
                                                .key = object.key,
                                                .source = std::string(kDemoAgency),
                                                .xml = write_object(object)});
    }
    for (const auto &[id, lines] : made.local)
        wanted.local.emplace(id, to_json(lines));
    for (const DemoService &each : data.services) {
        wanted.editorial.emplace(each.service.id.value,
                                 Editorial{each.service.short_answer,
                                           to_string(each.service.check.on.value()),
                                           each.service.check.days});
    }
    return wanted;
}

// The demo owns what has one of its services' hand-made ids.
Expected<Stored> stored_in(storage::Connection &connection) {
    Stored stored;
    auto done = connection.each(
        "SELECT id, kind, agency, local_id, scheme, hash FROM knowledge_object WHERE source = $1",
        {std::string(kDemoAgency)}, [&](const storage::Row &row) {
            const std::int64_t id = row.integer(0);
            stored.objects.emplace(
                id, ObjectChange{.id = id,
                                 .kind = object_kind(row.integer(1)).value_or(ObjectKind::service),
                                 .key = {row.text(2), row.text(3), row.text(4)},
                                 .source = std::string(kDemoAgency),
                                 .xml = std::nullopt,
                                 .existed = true});
            stored.hashes.emplace(id, row.text(5));
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    done = connection.each(
        "SELECT t.service, t.municipality, t.section, t.lines FROM knowledge_local_text t "
        "WHERE t.service < $1 AND t.municipality <> 0 AND t.visibility = 'public' AND "
        "t.state = 'released'",
        {kFreeIds}, [&](const storage::Row &row) {
            stored.local.emplace(LocalId{row.integer(0), row.integer(1), row.text(2)}, row.text(3));
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    done = connection.each(
        "SELECT t.service, t.text, r.checked_on, r.review_days FROM knowledge_telephone_text t "
        "JOIN knowledge_review r ON r.service = t.service AND r.municipality = 0 "
        "WHERE t.service < $1 AND t.municipality = 0",
        {kFreeIds}, [&](const storage::Row &row) {
            stored.editorial.emplace(row.integer(0),
                                     Editorial{row.text(1), row.text(2), row.integer(3)});
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    return stored;
}

std::vector<ObjectChange> object_changes(const Wanted &wanted, const Stored &stored) {
    std::vector<ObjectChange> changes;
    for (const auto &[id, change] : wanted.objects) {
        const auto there = stored.hashes.find(id);
        if (there != stored.hashes.end() && there->second == text_hash(*change.xml)) continue;
        changes.push_back(change);
        changes.back().existed = there != stored.hashes.end();
    }
    for (const auto &[id, change] : stored.objects) {
        if (!wanted.objects.contains(id)) changes.push_back(change);
    }
    return changes;
}

Expected<std::int64_t> write_local(storage::Connection &connection, const Wanted &wanted,
                                   const Stored &stored) {
    std::int64_t changed = 0;
    BulkInsert rows("knowledge_local_text",
                    "service, municipality, section, visibility, state, lines, expires_on",
                    "ON CONFLICT (service, municipality, section, visibility, state) "
                    "DO UPDATE SET lines = excluded.lines, expires_on = ''");
    for (const auto &[id, lines] : wanted.local) {
        const auto there = stored.local.find(id);
        if (there != stored.local.end() && there->second == lines) continue;
        const auto &[service, municipality, section] = id;
        rows.add({service, municipality, section, std::string("public"), std::string("released"),
                  lines, std::string()});
        ++changed;
    }
    if (auto done = rows.write(connection); !done) return tl::unexpected(done.error());
    for (const auto &[id, lines] : stored.local) {
        if (wanted.local.contains(id)) continue;
        const auto &[service, municipality, section] = id;
        const auto done = connection.run(
            "DELETE FROM knowledge_local_text WHERE service = $1 AND municipality = $2 AND "
            "section = $3 AND visibility = 'public' AND state = 'released'",
            {service, municipality, section});
        if (!done) return tl::unexpected(done.error());
        ++changed;
    }
    return changed;
}

Expected<std::int64_t> write_editorial(storage::Connection &connection, const Wanted &wanted,
                                       const Stored &stored) {
    std::int64_t changed = 0;
    BulkInsert texts("knowledge_telephone_text", "service, municipality, text, expires_on",
                     "ON CONFLICT (service, municipality) DO UPDATE SET text = excluded.text, "
                     "expires_on = ''");
    BulkInsert reviews("knowledge_review", "service, municipality, checked_on, review_days",
                       "ON CONFLICT (service, municipality) DO UPDATE SET "
                       "checked_on = excluded.checked_on, review_days = excluded.review_days");
    for (const auto &[service, editorial] : wanted.editorial) {
        const auto there = stored.editorial.find(service);
        if (there != stored.editorial.end() && there->second == editorial) continue;
        texts.add({service, std::int64_t{0}, editorial.telephone_text, std::string()});
        reviews.add({service, std::int64_t{0}, editorial.checked_on, editorial.review_days});
        ++changed;
    }
    if (auto done = texts.write(connection); !done) return tl::unexpected(done.error());
    if (auto done = reviews.write(connection); !done) return tl::unexpected(done.error());
    return changed;
}

// What people have written or checked since is theirs: neither wanted nor stored here any more.
Expected<void> leave_alone(storage::Connection &connection, Wanted &wanted, Stored &stored) {
    const auto edited = edited_by_people(connection);
    if (!edited) return tl::unexpected(edited.error());
    for (const LocalId &id : edited->texts) {
        wanted.local.erase(id);
        stored.local.erase(id);
    }
    for (const std::int64_t service : edited->services) {
        wanted.editorial.erase(service);
        stored.editorial.erase(service);
    }
    return {};
}

Expected<std::int64_t> write_all(storage::Connection &connection, Wanted wanted,
                                 const DemoData &data) {
    auto stored = stored_in(connection);
    if (!stored) return tl::unexpected(stored.error());
    if (auto done = leave_alone(connection, wanted, *stored); !done) {
        return tl::unexpected(done.error());
    }
    const auto changes = object_changes(wanted, *stored);
    if (auto done = store_objects(connection, SystemClock{}.now(), changes); !done) {
        return tl::unexpected(done.error());
    }
    const auto local = write_local(connection, wanted, *stored);
    if (!local) return local;
    const auto editorial = write_editorial(connection, wanted, *stored);
    if (!editorial) return editorial;
    const auto editing = seed_demo_editing(connection, data);
    if (!editing) return editing;
    return static_cast<std::int64_t>(changes.size()) + *local + *editorial + *editing;
}

} // namespace

Expected<SeedReport> seed_demo_services(storage::Database &database, const std::string &directory) {
    const auto data = read_demo_data(directory);
    if (!data) return tl::unexpected(data.error());
    const Wanted wanted = wanted_of(*data);
    SeedReport report{.services = static_cast<std::int64_t>(data->services.size()),
                      .municipalities = static_cast<std::int64_t>(data->region.places.size()),
                      .objects = static_cast<std::int64_t>(wanted.objects.size()),
                      .local_texts = static_cast<std::int64_t>(wanted.local.size())};
    const auto done = database.write([&](storage::Connection &connection) -> Expected<void> {
        const auto changed = write_all(connection, wanted, *data);
        if (!changed) return tl::unexpected(changed.error());
        report.changed = *changed;
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return report;
}

} // namespace fernamt::knowledge
