// SPDX-License-Identifier: EUPL-1.2
// Who can be reached in a town hall: offices and people with telephone, substitute and hours, for
// transfers. From the municipality's own list (a CSV table that replaces the one before as a
// whole), its directory service (directory_ldap.h) and what was delivered with the knowledge, each
// with whether it can be reached now. Asked for one municipality, with neighbours of its district
// behind it; no search over all town halls, no list of everybody. The import of the table says each
// fault with its line and changes nothing while there is one.
#pragma once

#include "base/phone_number.h"
#include "base/problem.h"
#include "knowledge/areas.h"
#include "knowledge/reachability.h"
#include "storage/database.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::knowledge {

struct DirectoryEntry {
    std::string office;
    std::string name; // of a person; empty: the office itself
    std::string position;
    std::optional<PhoneNumber> telephone;
    std::string email;
    std::string room;
    std::string substitute; // the name of another entry
    std::string hours;      // as text; when found, those of the office if there are no own
    bool delivered = false; // from a delivery, not from the municipality itself
    friend bool operator==(const DirectoryEntry &, const DirectoryEntry &) = default;
};

inline constexpr std::size_t kMostDirectoryEntries = 5'000;

struct DirectoryFault {
    std::int64_t line = 0; // 1: the header
    std::string field;     // a column, or "columns"
    friend bool operator==(const DirectoryFault &, const DirectoryFault &) = default;
};

struct ParsedDirectory {
    std::vector<DirectoryEntry> entries;
    std::vector<DirectoryFault> faults; // at most kMostFaults
};
inline constexpr std::size_t kMostFaults = 50;

// A header line names the columns: office (needed), name, position, telephone, email, room,
// substitute, hours, in any order, in English or German (Amt, Name, Funktion, Telefon, E-Mail,
// Raum, Vertretung, Zeiten); divided by semicolons, quoted as RFC 4180. UTF-8, with or without its
// mark.
[[nodiscard]] ParsedDirectory parse_directory(std::string_view csv);

enum class DirectorySource { list, service };

// Replaces what the municipality has from this source.
[[nodiscard]] Expected<void> store_directory(storage::Database &database,
                                             MunicipalityId municipality,
                                             const std::vector<DirectoryEntry> &entries,
                                             DirectorySource source = DirectorySource::list);
// As it was stored.
[[nodiscard]] Expected<std::vector<DirectoryEntry>>
stored_directory(storage::Database &database, MunicipalityId municipality, DirectorySource source);

struct Reachable {
    MunicipalityId municipality; // whose list or offices
    DirectoryEntry entry;
    Reachability now;
};
struct FoundEntry : Reachable {
    std::optional<Reachable> substitute;
};

struct DirectoryQuestion {
    MunicipalityId municipality;
    std::vector<MunicipalityId> neighbours; // below; never without a word to look for
    std::string_view text;
    // Delivered offices (their ids) that a search has found for the text by other words.
    std::vector<std::int64_t> offices = {};
    std::size_t limit = 20;
    Instant now;
    // Of a municipality: may be empty, then none is known.
    std::function<std::vector<routing::HoursException>(MunicipalityId)> closures = {};
};
// Entries in which every word of the text begins a word (normalised), without words that only ask
// for hours or telephone; if there is none, those in which one typing error makes it so. Beside
// them the offices. All of the municipality without a word. Its own list first; then those of its
// directory service whom the list does not name; then delivered offices and people that answer for
// it, unless the same telephone number was named before; then neighbours' in the same way. Hours of
// an office hold for all its people, wherever they come from.
[[nodiscard]] Expected<std::vector<FoundEntry>>
find_in_directory(storage::Database &database, const DirectoryQuestion &question);

} // namespace fernamt::knowledge
