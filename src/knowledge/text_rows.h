// SPDX-License-Identifier: EUPL-1.2
// The rows behind text_editing: drafts, versions and what is shown now, of one place each. Every
// function stands in its caller's transaction and asks nobody's rights. Internal to knowledge.
#pragma once

#include "knowledge/text_editing.h"

#include <functional>

namespace fernamt::knowledge {

[[nodiscard]] LocalText local_text(const TextPlace &place, const TextContent &content);
[[nodiscard]] TelephoneText telephone_text(const TextPlace &place, const TextContent &content);

[[nodiscard]] Expected<std::optional<Draft>> find_draft(storage::Connection &connection,
                                                        const TextPlace &place);
// condition: "WHERE ... ORDER BY ..."
[[nodiscard]] Expected<void> each_draft(storage::Connection &connection, std::string_view condition,
                                        const std::vector<storage::Value> &values,
                                        const std::function<void(Draft)> &take);
[[nodiscard]] Expected<void> store_draft(storage::Connection &connection, const Draft &draft);
[[nodiscard]] Expected<void> remove_draft(storage::Connection &connection, const TextPlace &place);

// 0: none is kept.
[[nodiscard]] Expected<std::int64_t> newest_version(storage::Connection &connection,
                                                    const TextPlace &place);
[[nodiscard]] Expected<std::optional<TextVersion>>
find_version(storage::Connection &connection, const TextPlace &place, std::int64_t number);
// Newest first.
[[nodiscard]] Expected<std::vector<TextVersion>> versions_of(storage::Connection &connection,
                                                             const TextPlace &place);

[[nodiscard]] Expected<std::optional<TextContent>> shown_text(storage::Connection &connection,
                                                              const TextPlace &place);
// Puts the text where readers look, and the version beside it; returns its number.
[[nodiscard]] Expected<std::int64_t> show(storage::Connection &connection, Instant now,
                                          const TextPlace &place, TextVersion version);

} // namespace fernamt::knowledge
