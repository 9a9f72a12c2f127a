// SPDX-License-Identifier: EUPL-1.2
// How long deliveries keep texts: what they replaced, and what nobody decided about.
#include "knowledge/bulk_rows.h"
#include "knowledge/delivery_record.h"

#include <fmt/format.h>

namespace fernamt::knowledge {

namespace {

// The table that still holds what nobody needs any more of the delivery; "": what it has is needed.
std::string_view what_is_over(const DeliveryReport &delivery, const LocalDate &today,
                              int undo_days) {
    if (delivery.state == "applied" && delivery.undo_until && *delivery.undo_until < today)
        return "knowledge_undo";
    if (delivery.state == "staged" && last_undo_day(delivery.started, undo_days) < today)
        return "knowledge_staged";
    if (delivery.state == "failed") return "knowledge_staged"; // erased half-way
    return "";
}

Expected<void> note_last_day(storage::Database &database, DeliveryReport &delivery, int undo_days) {
    if (delivery.state != "applied" || !delivery.finished) return {};
    const LocalDate last = last_undo_day(*delivery.finished, undo_days);
    if (delivery.undo_until && *delivery.undo_until <= last) return {}; // never extended
    delivery.undo_until = last;
    return database.write([&](storage::Connection &connection) {
        return run(
            connection,
            "UPDATE knowledge_delivery SET undo_until = $1 WHERE id = $2 AND state = 'applied'",
            {to_string(last), delivery.id});
    });
}

} // namespace

LocalDate last_undo_day(Instant applied, int undo_days) {
    return add_days(to_local(applied).date, undo_days);
}

bool can_undo(const DeliveryReport &report, Instant now) {
    if (report.state != "applied") return report.state == "applying" || report.state == "undoing";
    return !report.undo_until || to_local(now).date <= *report.undo_until;
}

Expected<std::vector<std::int64_t>> find_over(storage::Database &database, const Clock &clock,
                                              int undo_days) {
    auto all = deliveries(database);
    if (!all) return tl::unexpected(all.error());
    std::vector<std::int64_t> over;
    for (auto each = all->rbegin(); each != all->rend(); ++each) {
        if (auto noted = note_last_day(database, *each, undo_days); !noted)
            return tl::unexpected(noted.error());
        const auto table = what_is_over(*each, to_local(clock.now()).date, undo_days);
        if (table.empty()) continue;
        const auto asked = database.read([&](storage::Connection &connection) -> Expected<void> {
            const auto left = storage::exists(
                connection, fmt::format("SELECT 1 FROM {} WHERE delivery = $1 LIMIT 1", table),
                {each->id});
            if (!left) return tl::unexpected(left.error());
            if (*left) over.push_back(each->id);
            return {};
        });
        if (!asked) return tl::unexpected(asked.error());
    }
    return over;
}

Expected<DeliveryReport> erase_over(storage::Database &database, const Clock &clock,
                                    std::int64_t id, int undo_days, const DeliveryPace &pace) {
    auto delivery = delivery_record(database, id);
    if (!delivery) return delivery;
    const auto table = what_is_over(*delivery, to_local(clock.now()).date, undo_days);
    if (table.empty()) return wrong_state(*delivery);
    if (delivery->state == "staged") { // first: nobody may apply what is left of it
        const Problem why{ProblemKind::conflict,
                          "knowledge.delivery_undecided",
                          {{"days", fmt::format("{}", undo_days)}}};
        if (auto done = set_state(database, id, "failed", clock.now(), why); !done)
            return tl::unexpected(done.error());
    }
    // Not scrubbed: that rewrites what may be gigabytes, while no call could be written down.
    if (auto done = forget_rows(database, table, id, pace); !done)
        return tl::unexpected(done.error());
    return delivery_record(database, id);
}

} // namespace fernamt::knowledge
