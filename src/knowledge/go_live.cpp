// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/go_live.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace fernamt::knowledge {

namespace {

std::vector<std::string> words_of(const std::string &text) {
    std::vector<std::string> words;
    for (std::size_t from = 0; from < text.size();) {
        const auto end = std::min(text.find(',', from), text.size());
        words.push_back(text.substr(from, end - from));
        from = end + 1;
    }
    return words;
}

Expected<GoLiveGate> read(storage::Connection &connection, MunicipalityId municipality,
                          const LocalDate &today) {
    auto matrix = read_matrix(connection, {municipality}, today);
    if (!matrix) return tl::unexpected(matrix.error());
    GoLiveGate gate{.counts = matrix->rows.front().counts, .lacks = {}, .decision = std::nullopt};
    const auto done = connection.each(
        "SELECT decided_at, decided_by, override_reason, complete, stale, missing, lacks FROM "
        "knowledge_go_live WHERE municipality = $1",
        {municipality.value}, [&](const storage::Row &row) {
            gate.decision = {.decided_at = Instant{row.integer(0)},
                             .decided_by = UserId{row.integer(1)},
                             .override_reason = row.text(2),
                             .counts = {row.integer(3), row.integer(4), row.integer(5)},
                             .lacks = words_of(row.text(6))};
            return false;
        });
    if (!done) return tl::unexpected(done.error());
    return gate;
}

} // namespace

Expected<GoLiveGate> go_live_gate(storage::Database &database, const Clock &clock,
                                  MunicipalityId municipality, std::vector<std::string> lacks) {
    GoLiveGate gate;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        auto found = read(connection, municipality, to_local(clock.now()).date);
        if (!found) return tl::unexpected(found.error());
        gate = std::move(*found);
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    gate.lacks = std::move(lacks);
    return gate;
}

Expected<void> require_go_live(storage::Connection &connection, MunicipalityId municipality) {
    bool decided = false;
    const auto read =
        connection.each("SELECT 1 FROM knowledge_go_live WHERE municipality = $1",
                        {municipality.value}, [&](const storage::Row &) { return decided = true; });
    if (!read || decided) return read;
    return fail(ProblemKind::conflict, "knowledge.gate_undecided");
}

Expected<GoLiveGate> decide_go_live(storage::Database &database, const Clock &clock, UserId by,
                                    MunicipalityId municipality, const std::string &override_reason,
                                    const Audit &audit, std::vector<std::string> lacks) {
    if (override_reason.size() > kLongestReason) {
        return fail(ProblemKind::invalid_input, "knowledge.text_invalid",
                    {{"field", "override_reason"}});
    }
    GoLiveGate gate;
    const auto done = database.write([&](storage::Connection &connection) -> Expected<void> {
        const Instant now = clock.now();
        auto found = read(connection, municipality, to_local(now).date);
        if (!found) return tl::unexpected(found.error());
        gate = std::move(*found);
        gate.lacks = lacks;
        if (gate.decision) return fail(ProblemKind::conflict, "knowledge.gate_passed");
        if (!gate.ready() && override_reason.empty()) {
            return fail(ProblemKind::conflict, "knowledge.gate_closed",
                        {{"stale", fmt::format("{}", gate.counts.stale)},
                         {"missing", fmt::format("{}", gate.counts.missing)},
                         {"lacks", fmt::format("{}", lacks.size())}});
        }
        // A reason that was not needed is no override.
        gate.decision = {now, by, gate.ready() ? "" : override_reason, gate.counts, lacks};
        const auto stored = connection.run(
            "INSERT INTO knowledge_go_live (municipality, decided_at, decided_by, "
            "override_reason, complete, stale, missing, lacks) VALUES ($1, $2, $3, $4, $5, $6, $7, "
            "$8)",
            {municipality.value, now.us, by.value, gate.decision->override_reason,
             gate.counts.complete, gate.counts.stale, gate.counts.missing,
             fmt::format("{}", fmt::join(lacks, ","))});
        if (!stored) return tl::unexpected(stored.error());
        return audit ? audit(connection) : Expected<void>{};
    });
    if (!done) return tl::unexpected(done.error());
    return gate;
}

} // namespace fernamt::knowledge
