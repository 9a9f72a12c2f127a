// SPDX-License-Identifier: EUPL-1.2
#include "app/agreed_retention.h"

#include "people/agreed_service.h"
#include "web/call_notes.h"

#include <algorithm>

namespace fernamt::app {

namespace {

Duration days(std::int64_t count) {
    return std::chrono::hours(24 * count);
}

Expected<std::vector<people::AgreedRetention>> agreed_now(storage::Database &database,
                                                          Instant now) {
    Expected<std::vector<people::AgreedRetention>> found;
    const auto read = database.read([&](storage::Connection &connection) -> Expected<void> {
        found = people::retentions_on(connection, to_local(now).date);
        return {};
    });
    if (!read) return tl::unexpected(read.error());
    return found;
}

} // namespace

Duration caller_number_period(storage::Database &database, Instant now, Duration configured) {
    Duration period = configured;
    const auto agreed = agreed_now(database, now);
    if (!agreed) return period; // the configuration holds in any case
    for (const people::AgreedRetention &each : *agreed)
        period = std::min(period, days(each.retention.caller_days));
    return std::max<Duration>(period, std::min<Duration>(configured, std::chrono::hours(1)));
}

Expected<std::int64_t> erase_notes_as_agreed(storage::Database &database, Instant now) {
    const auto agreed = agreed_now(database, now);
    if (!agreed) return tl::unexpected(agreed.error());
    std::int64_t erased = 0;
    for (const people::AgreedRetention &each : *agreed) {
        const auto notes = web::CallNotes(database).erase_before(
            now - days(each.retention.case_days), each.municipality);
        if (!notes) return notes;
        erased += *notes;
    }
    return erased;
}

} // namespace fernamt::app
