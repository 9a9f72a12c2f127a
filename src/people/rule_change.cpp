// SPDX-License-Identifier: EUPL-1.2
#include "people/rule_change.h"

#include "people/audit.h"

namespace fernamt::people {

using storage::Connection;
using storage::Row;
using storage::Value;

Expected<std::int64_t> next_rule_id(Connection &connection) {
    const auto id = storage::number(connection, "SELECT next_rule_id FROM office_settings");
    if (!id) return id;
    auto moved = run(connection, "UPDATE office_settings SET next_rule_id = next_rule_id + 1");
    if (!moved) return tl::unexpected(moved.error());
    return id;
}

Expected<void> note(const Change &change, std::string_view action, std::int64_t subject,
                    const std::vector<std::string> &fields) {
    auto touched =
        run(change.connection, "UPDATE office_settings SET rules_version = rules_version + 1");
    if (!touched) return touched;
    return record(change.connection, change.at, change.by, action, subject, fields);
}

Expected<void> check_version(std::int64_t expected, std::int64_t stored) {
    if (expected == stored) return {};
    return fail(ProblemKind::stale, "distribution.stale", {{"version", std::to_string(stored)}});
}

tl::unexpected<Problem> no_such_thing() {
    return fail(ProblemKind::not_found, "distribution.not_found");
}

tl::unexpected<Problem> wrong(std::string code, std::string_view field) {
    return fail(ProblemKind::invalid_input, std::move(code), {{"field", std::string(field)}});
}

Value nullable(const std::optional<Instant> &at) {
    if (!at) return nullptr;
    return at->us;
}

std::optional<Instant> optional_instant(const Row &row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return Instant{row.integer(column)};
}

} // namespace fernamt::people
