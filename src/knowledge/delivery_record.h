// SPDX-License-Identifier: EUPL-1.2
// The row of a delivery: its state, its counts, why it stopped. What other tables hold of it can
// be forgotten here, too. Each function is one transaction unless it is given a connection.
// Internal to knowledge; what a delivery does stands in delivery.h.
#pragma once

#include "knowledge/delivery.h"

#include <functional>
#include <string>
#include <string_view>

namespace fernamt::knowledge {

// finished is written for the last states ("failed", "applied", "undone") and 0 for the others.
[[nodiscard]] Expected<void> set_state(storage::Database &database, std::int64_t id,
                                       const std::string &state, Instant now,
                                       const std::optional<Problem> &problem = std::nullopt,
                                       const std::optional<LocalDate> &undo_until = std::nullopt);
// The state stays, the reason why the step did not end is noted.
[[nodiscard]] Expected<void> note_problem(storage::Database &database, std::int64_t id,
                                          const Problem &problem);
// "knowledge.delivery_not_found"; without findings.
[[nodiscard]] Expected<DeliveryReport> delivery_record(storage::Database &database,
                                                       std::int64_t id);
[[nodiscard]] tl::unexpected<Problem> wrong_state(const DeliveryReport &delivery);
// The counts, as kept in the row; findings have a table of their own.
[[nodiscard]] std::string counts_json(const DeliveryReport &report);

// What the source has and a complete delivery does not name, by kind.
[[nodiscard]] Expected<void>
each_vanishing(storage::Connection &connection, std::int64_t delivery, const std::string &source,
               const std::function<void(ObjectKind kind, std::int64_t count)> &take);
// The last day on which what took effect then can be undone.
[[nodiscard]] LocalDate last_undo_day(Instant applied, int undo_days);
// In pieces, so that calls get the one writer between them: a delivery has as many rows as a Land
// has texts. The table: "knowledge_staged" or "knowledge_undo".
[[nodiscard]] Expected<void> forget_rows(storage::Database &database, std::string_view table,
                                         std::int64_t id, const DeliveryPace &pace);
[[nodiscard]] Expected<void> forget_staged(storage::Database &database, std::int64_t id,
                                           std::size_t piece_objects);

} // namespace fernamt::knowledge
