// SPDX-License-Identifier: EUPL-1.2
// Which other people's servers the knowledge also comes from (towns' websites, directory services),
// and how the last reading of each went: for editors, who wonder why somebody is not found. Shows
// only: website_office.h and directory_ldap.h read, website_rules.h changes.
#pragma once

#include "base/problem.h"
#include "base/time.h"
#include "knowledge/areas.h"
#include "knowledge/website_rules.h"
#include "storage/database.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fernamt::knowledge {

struct Source {
    enum class Kind { website, directory };
    Kind kind = Kind::website;
    MunicipalityId municipality;
    std::string address; // of a website its first page
    friend bool operator==(const Source &, const Source &) = default;
};
[[nodiscard]] std::string_view to_string(Source::Kind kind);

// What is configured now, instead of what was before.
[[nodiscard]] Expected<void> note_sources(storage::Database &database,
                                          const std::vector<Source> &configured);

struct SourceReading {
    Instant ended_at;
    std::string outcome;       // Visit::outcome, or "stored", "same", a problem's code
    std::int64_t found = 0;    // pages asked for, entries taken
    std::int64_t changed = 0;  // pages new or changed; of a directory: not there any more
    std::int64_t refused = 0;  // wrong values; of a website: 0
    std::int64_t searched = 0; // pages, entries that stand there now
    friend bool operator==(const SourceReading &, const SourceReading &) = default;
};
struct SourceState {
    Source source;
    std::optional<SourceReading> last; // empty: never
    std::optional<SiteRule> rule = {}; // empty: of the configuration
    bool wished = false;               // somebody waits for its reading
};
// By kind, then municipality; websites of the configuration before those of the editors. Of one
// municipality, or of all. Without removed ones.
[[nodiscard]] Expected<std::vector<SourceState>>
source_states(storage::Database &database, std::optional<MunicipalityId> only = std::nullopt);

} // namespace fernamt::knowledge
