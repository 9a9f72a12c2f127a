// SPDX-License-Identifier: EUPL-1.2
#include "app/retention.h"

#include "base/log.h"
#include "knowledge/service_requests.h"
#include "people/agreed_service.h"
#include "people/sessions.h"
#include "web/call_notes.h"

#include <algorithm>

namespace fernamt::app {

namespace {

// The office of deliveries goes by the clock alone: so little is no harm in its days.
constexpr Duration kLittleAhead = 10min;

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

void say(const char *event, const Expected<std::int64_t> &erased) {
    if (!erased) {
        log::warning("retention.failed", {{"problem", describe(erased.error())}});
    } else if (*erased > 0) {
        log::info(event, {{"count", *erased}});
    }
}

void erase_numbers(const Retention &kept, Instant now) {
    const Instant before = now - caller_number_period(kept.database, now, kept.caller_numbers);
    for (const auto kind : {ledger::kSealedCaller, ledger::kSealedTarget}) {
        const auto erased = kept.ledger.erase_sealed_before(kind, before);
        if (!erased) {
            log::warning("retention.failed", {{"problem", describe(erased.error())}});
        } else if (*erased > 0) {
            log::info("retention.numbers_erased",
                      {{"kind", std::string(kind)}, {"count", *erased}});
        }
    }
    // Whoever waits for a callback must still be called, however long that takes; nobody else.
    const auto needed = kept.still_needed();
    if (!needed) return;                       // asked again next time
    const Instant written = now - kEraseEvery; // none that has just been
    const auto erased = kept.ledger.erase_sealed_before(ledger::kSealedCallback, written, *needed);
    if (!erased) log::warning("retention.failed", {{"problem", describe(erased.error())}});
}

} // namespace

void erase_what_is_over(const Retention &kept) {
    const Duration ahead = std::max(kept.clock.ahead(), Duration{});
    const Instant now = kept.clock.now() - ahead;
    erase_numbers(kept, now);
    say("retention.notes_erased",
        web::CallNotes(kept.database).erase_before(now - kept.call_notes));
    say("retention.notes_erased_as_agreed", erase_notes_as_agreed(kept.database, now));
    say("retention.requests_erased",
        knowledge::erase_old_requests(kept.database, to_local(now).date));
    if (ahead <= kLittleAhead) {
        if (const auto replaced = kept.erase_deliveries(); !replaced) {
            log::warning("retention.failed", {{"problem", describe(replaced.error())}});
        }
    }
    if (const auto ended = people::Sessions(kept.database, kept.clock).remove_ended(); !ended) {
        log::warning("retention.failed", {{"problem", describe(ended.error())}});
    }
}

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
