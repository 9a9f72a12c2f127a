// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/demo_editing.h"

#include "knowledge/bulk_rows.h"

namespace fernamt::knowledge {

namespace {

Expected<bool> has_top_list(storage::Connection &connection) {
    bool found = false;
    const auto done = connection.each("SELECT 1 FROM knowledge_top LIMIT 1", {},
                                      [&](const storage::Row &) { return !(found = true); });
    if (!done) return tl::unexpected(done.error());
    return found;
}

} // namespace

Expected<std::int64_t> seed_demo_editing(storage::Connection &connection, const DemoData &data) {
    const auto there = has_top_list(connection);
    if (!there) return tl::unexpected(there.error());
    if (*there) return 0;
    BulkInsert top("knowledge_top", "position, service", "");
    BulkInsert reviews("knowledge_review", "service, municipality, checked_on, review_days",
                       "ON CONFLICT (service, municipality) DO NOTHING");
    std::int64_t written = 0;
    std::int64_t position = 0;
    for (const DemoService &each : data.services) {
        top.add({++position, each.service.id.value});
        ++written;
        for (std::size_t place = 0; place < data.region.places.size(); ++place) {
            // A fixed rule of both positions, so that neighbours differ and every run is the same.
            const auto mixed = static_cast<std::int64_t>(place) * 31 + position * 17;
            if (mixed % 23 == 0) continue; // never
            const auto days_before = static_cast<int>(mixed % 120);
            reviews.add({each.service.id.value, data.region.places[place].id.value,
                         to_string(add_days(each.service.check.on.value(), -days_before)),
                         std::int64_t{each.service.check.days}});
            ++written;
        }
    }
    if (auto done = top.write(connection); !done) return tl::unexpected(done.error());
    if (auto done = reviews.write(connection); !done) return tl::unexpected(done.error());
    return written;
}

Expected<EditedByPeople> edited_by_people(storage::Connection &connection) {
    EditedByPeople edited;
    auto done =
        connection.each("SELECT DISTINCT service, municipality, part FROM "
                        "knowledge_version WHERE visibility = 'public'",
                        {}, [&](const storage::Row &row) {
                            if (row.text(2) == "telephone") {
                                edited.services.insert(row.integer(0));
                            } else {
                                edited.texts.emplace(row.integer(0), row.integer(1), row.text(2));
                            }
                            return true;
                        });
    if (!done) return tl::unexpected(done.error());
    done = connection.each("SELECT service FROM knowledge_check WHERE municipality = 0 UNION "
                           "SELECT service FROM knowledge_care WHERE municipality = 0",
                           {}, [&](const storage::Row &row) {
                               edited.services.insert(row.integer(0));
                               return true;
                           });
    if (!done) return tl::unexpected(done.error());
    return edited;
}

} // namespace fernamt::knowledge
