// SPDX-License-Identifier: EUPL-1.2
// What may be said of an office or a person in the directory, wherever it comes from (a table, a
// directory service): which fields there are, and which of their values are wrong. Knows nothing of
// lines, attributes or other entries. Internal to directory_*.cpp.
#pragma once

#include "knowledge/directory.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::knowledge {

enum class DirectoryField { office, name, position, telephone, email, room, substitute, hours };
inline constexpr std::size_t kDirectoryFields = 8;
[[nodiscard]] std::string_view to_string(DirectoryField field); // "office"

// By DirectoryField.
using DirectoryValues = std::array<std::string, kDirectoryFields>;

struct CheckedEntry {
    DirectoryEntry entry;              // without what is wrong
    std::vector<DirectoryField> wrong; // in the order of the fields
};
[[nodiscard]] CheckedEntry check_entry(DirectoryValues values);

} // namespace fernamt::knowledge
