// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/directory_ldap.h"

#include "base/text.h"
#include "knowledge/bulk_rows.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace fernamt::knowledge {

namespace {

constexpr std::int64_t kFew = 3; // people may always leave, however small the town hall

std::vector<std::string> names_of(std::string_view attributes) {
    std::vector<std::string> names;
    while (!(attributes = trimmed(attributes)).empty()) {
        const std::string_view name = attributes.substr(0, attributes.find_first_of(kBlanks));
        names.push_back(lower_ascii(name));
        attributes.remove_prefix(name.size());
    }
    return names;
}

// Who or what is meant, wherever it sits and however it is called up: offices have no name.
std::string identity(const DirectoryEntry &entry) {
    return entry.name.empty() ? "\n" + entry.office : entry.name;
}

class Mapping {
  public:
    explicit Mapping(const LdapDirectory &directory) {
        for (std::size_t i = 0; i < kDirectoryFields; ++i)
            names_.at(i) = names_of(directory.attributes.at(i));
    }

    [[nodiscard]] std::vector<std::string> attributes() const {
        std::set<std::string> all;
        for (const auto &names : names_)
            all.insert(names.begin(), names.end());
        return {all.begin(), all.end()};
    }

    std::vector<DirectoryEntry> read(const std::vector<LdapEntry> &found, LdapReading &reading) {
        for (const LdapEntry &entry : found)
            take(entry, reading);
        resolve_substitutes(reading);
        // Servers tell in any order: the same people are the same list.
        std::ranges::sort(taken_, {}, [](const Taken &one) {
            return std::tie(one.entry.office, one.entry.name, one.dn);
        });
        std::vector<DirectoryEntry> entries;
        for (Taken &one : taken_)
            entries.push_back(std::move(one.entry));
        return entries;
    }

  private:
    struct Taken {
        std::string dn;
        DirectoryEntry entry;
    };

    [[nodiscard]] std::string value(const LdapEntry &entry, DirectoryField field) const {
        std::string first;
        for (const std::string &name : names_.at(static_cast<std::size_t>(field))) {
            const auto found = entry.values.find(name);
            if (found == entry.values.end()) continue;
            for (const std::string &value : found->second) {
                // Of several numbers the first that is one.
                if (field != DirectoryField::telephone || parse_phone_number(value)) return value;
                if (first.empty()) first = value;
            }
        }
        return first;
    }

    void take(const LdapEntry &entry, LdapReading &reading) {
        DirectoryValues values;
        for (std::size_t i = 0; i < kDirectoryFields; ++i)
            values.at(i) = value(entry, static_cast<DirectoryField>(i));
        CheckedEntry checked = check_entry(std::move(values));
        for (const DirectoryField field : checked.wrong)
            note(entry.dn, field, reading);
        const bool nameless = std::ranges::find(checked.wrong, DirectoryField::name) !=
                              checked.wrong.end(); // would pass for the office itself
        if (checked.entry.office.empty() || nameless) return;
        by_dn_.emplace(same_dn(entry.dn), checked.entry.name);
        taken_.push_back({entry.dn, std::move(checked.entry)});
    }

    void resolve_substitutes(LdapReading &reading) {
        std::set<std::string> names;
        for (const Taken &one : taken_)
            names.insert(one.entry.name);
        for (auto &[dn, entry] : taken_) {
            if (entry.substitute.empty()) continue;
            const auto found = by_dn_.find(same_dn(entry.substitute));
            if (found != by_dn_.end()) entry.substitute = found->second;
            if (names.contains(entry.substitute) && entry.substitute != entry.name) continue;
            note(dn, DirectoryField::substitute, reading);
            entry.substitute.clear();
        }
    }

    static void note(const std::string &dn, DirectoryField field, LdapReading &reading) {
        ++reading.wrong;
        if (reading.faults.size() < kMostFaults) reading.faults.push_back({dn, field});
    }

    std::array<std::vector<std::string>, kDirectoryFields> names_;
    std::map<std::string, std::string> by_dn_; // names
    std::vector<Taken> taken_;
};

void compare(const std::vector<DirectoryEntry> &before, const std::vector<DirectoryEntry> &now,
             int most_percent, LdapReading &reading) {
    std::set<std::string> here;
    for (const DirectoryEntry &entry : now)
        here.insert(identity(entry));
    reading.taken = static_cast<std::int64_t>(now.size());
    reading.before = static_cast<std::int64_t>(before.size());
    reading.vanishing = std::ranges::count_if(
        before, [&](const DirectoryEntry &entry) { return !here.contains(identity(entry)); });
    const std::int64_t most = std::max(kFew, reading.before * most_percent / 100);
    const bool all = reading.before > 0 && reading.vanishing == reading.before;
    reading.too_many_vanish = all || reading.vanishing > most;
}

Expected<void> note_visit(storage::Database &database, Instant now, MunicipalityId municipality,
                          const std::string &outcome, const LdapReading &reading) {
    return database.write([&](storage::Connection &connection) {
        return run(
            connection,
            "INSERT INTO knowledge_directory_visit (municipality, ended_at, outcome, "
            "entries, vanishing, faults) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT "
            "(municipality) DO UPDATE SET ended_at = excluded.ended_at, outcome = "
            "excluded.outcome, entries = excluded.entries, vanishing = excluded.vanishing, "
            "faults = excluded.faults",
            {municipality.value, now.us, outcome, reading.taken, reading.vanishing, reading.wrong});
    });
}

Expected<LdapReading> read(storage::Database &database, const LdapDirectory &directory,
                           const LdapReadOptions &options, LdapReading &reading) {
    Mapping mapping(directory);
    const auto found = ask_ldap(directory.server,
                                {.base = directory.base,
                                 .filter = directory.filter,
                                 .attributes = mapping.attributes(),
                                 .most_entries = kMostDirectoryEntries},
                                options.stop);
    if (!found) return tl::unexpected(found.error());
    reading.read = static_cast<std::int64_t>(found->size());
    const auto entries = mapping.read(*found, reading);
    const auto before =
        stored_directory(database, directory.municipality, DirectorySource::service);
    if (!before) return tl::unexpected(before.error());
    compare(*before, entries, directory.most_vanishing_percent, reading);
    if (options.dry_run) return reading;
    if (reading.too_many_vanish && !options.allow_mass_deletion) {
        return fail(ProblemKind::conflict, "directory.mass_deletion",
                    {{"vanishing", std::to_string(reading.vanishing)},
                     {"of", std::to_string(reading.before)}});
    }
    if (entries == *before) return reading;
    auto stored =
        store_directory(database, directory.municipality, entries, DirectorySource::service);
    if (!stored) return tl::unexpected(stored.error());
    reading.stored = true;
    return reading;
}

} // namespace

Expected<LdapReading> read_ldap_directory(storage::Database &database, const Clock &clock,
                                          const LdapDirectory &directory,
                                          const LdapReadOptions &options) {
    LdapReading reading;
    auto done = read(database, directory, options, reading);
    if (options.dry_run) return done;
    const std::string outcome = !done ? done.error().code : reading.stored ? "stored" : "same";
    auto noted = note_visit(database, clock.now(), directory.municipality, outcome, reading);
    if (done && !noted) return tl::unexpected(noted.error());
    return done;
}

Expected<std::optional<LdapVisit>> last_ldap_visit(storage::Database &database,
                                                   MunicipalityId municipality) {
    std::optional<LdapVisit> visit;
    const auto done = database.read([&](storage::Connection &connection) {
        return connection.each(
            "SELECT ended_at, outcome FROM knowledge_directory_visit WHERE municipality = $1",
            {municipality.value}, [&](const storage::Row &row) {
                visit = {Instant{row.integer(0)}, row.text(1)};
                return false;
            });
    });
    if (!done) return tl::unexpected(done.error());
    return visit;
}

} // namespace fernamt::knowledge
