// SPDX-License-Identifier: EUPL-1.2
// One change of what distribution obeys, under way: the transaction it stands in, when and by whom.
// Everything written through it is committed together, or not at all (a preview rolls back). Small
// helpers that the stores of this room share; no SQL of a subject.
#pragma once

#include "base/id.h"
#include "base/time.h"
#include "storage/statement.h"

#include <string>
#include <string_view>
#include <vector>

namespace fernamt::people {

struct Change {
    storage::Connection &connection;
    Instant at;
    UserId by;
};

using storage::exists;
using storage::run;

// Never given twice, also after its row is gone: the ledger names ids for ever.
[[nodiscard]] Expected<std::int64_t> next_rule_id(storage::Connection &connection);
// Audited, and the rules have a new version.
[[nodiscard]] Expected<void> note(const Change &change, std::string_view action,
                                  std::int64_t subject,
                                  const std::vector<std::string> &fields = {});

// stale "distribution.stale" {version} unless they are the same.
[[nodiscard]] Expected<void> check_version(std::int64_t expected, std::int64_t stored);
[[nodiscard]] tl::unexpected<Problem> no_such_thing(); // not_found "distribution.not_found"
// invalid_input `code` {field}: "distribution.unknown", "distribution.name_taken" ...
[[nodiscard]] tl::unexpected<Problem> wrong(std::string code, std::string_view field);

[[nodiscard]] storage::Value nullable(const std::optional<Instant> &at);
[[nodiscard]] std::optional<Instant> optional_instant(const storage::Row &row, int column);
template <class Tag>
[[nodiscard]] storage::Value nullable(Id<Tag> id) {
    if (!id) return nullptr;
    return id.value;
}

} // namespace fernamt::people
