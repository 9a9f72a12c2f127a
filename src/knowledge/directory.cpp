// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/directory.h"

#include "knowledge/bulk_rows.h"
#include "knowledge/search.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

namespace fernamt::knowledge {

namespace {

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words(1);
    for (const char c : normalise(text)) {
        if (c != ' ')
            words.back() += c;
        else if (!words.back().empty())
            words.emplace_back();
    }
    if (words.back().empty()) words.pop_back();
    return words;
}

bool matches(const DirectoryEntry &entry, const std::vector<std::string> &wanted) {
    if (wanted.empty()) return true;
    const auto words =
        words_of(entry.office + " " + entry.name + " " + entry.position + " " + entry.room);
    return std::ranges::all_of(wanted, [&](const std::string &one) {
        return std::ranges::any_of(words,
                                   [&](const std::string &word) { return word.starts_with(one); });
    });
}

Expected<void> read_own(storage::Connection &connection, MunicipalityId municipality,
                        std::vector<DirectoryEntry> &entries) {
    return connection.each(
        "SELECT office, name, position, telephone, email, room, substitute, hours FROM "
        "knowledge_directory WHERE municipality = $1 ORDER BY ordinal",
        {municipality.value}, [&](const storage::Row &row) {
            entries.push_back({.office = row.text(0),
                               .name = row.text(1),
                               .position = row.text(2),
                               .telephone = std::nullopt,
                               .email = row.text(4),
                               .room = row.text(5),
                               .substitute = row.text(6),
                               .hours = row.text(7)});
            if (!row.text(3).empty()) entries.back().telephone = PhoneNumber{row.text(3)};
            return true;
        });
}

struct Office {
    std::int64_t id = 0;
    std::string name, hours;
};

Expected<void> read_people(storage::Connection &connection, const Office &office,
                           std::vector<DirectoryEntry> &entries) {
    std::map<std::int64_t, std::pair<std::string, std::string>> reach; // telephone, e-mail
    auto done = connection.each(
        "SELECT person, channel, value FROM knowledge_contact WHERE office = $1 AND channel IN "
        "('01', '02', '03') ORDER BY ordinal",
        {office.id}, [&](const storage::Row &row) {
            auto &[telephone, email] = reach[row.integer(0)];
            std::string &place = row.text(1) == "01" ? email : telephone;
            if (place.empty()) place = row.text(2);
            return true;
        });
    if (!done) return done;
    const auto add = [&](std::int64_t person, DirectoryEntry entry) {
        entry.office = office.name;
        entry.delivered = true;
        entry.telephone = parse_phone_number(reach[person].first);
        entry.email = reach[person].second;
        if (entry.hours.empty()) entry.hours = office.hours;
        entries.push_back(std::move(entry));
    };
    add(0, {});
    return connection.each(
        "SELECT id, title, given_name, family_name, position, room, hours_text FROM "
        "knowledge_person WHERE office = $1 ORDER BY ordinal",
        {office.id}, [&](const storage::Row &row) {
            DirectoryEntry entry{
                .position = row.text(4), .room = row.text(5), .hours = row.text(6)};
            for (const int column : {1, 2, 3}) {
                if (row.text(column).empty()) continue;
                entry.name += (entry.name.empty() ? "" : " ") + row.text(column);
            }
            add(row.integer(0), std::move(entry));
            return true;
        });
}

// Offices that answer for the municipality or for what it lies in.
Expected<void> read_delivered(storage::Connection &connection, MunicipalityId municipality,
                              std::vector<DirectoryEntry> &entries) {
    std::vector<Office> offices;
    std::set<std::int64_t> seen;
    for (const AreaId area : lineage(municipality)) {
        const auto done = connection.each(
            "SELECT DISTINCT o.id, o.name, o.hours_text FROM knowledge_responsibility r JOIN "
            "knowledge_office o ON o.id = r.holder WHERE r.area = $1 ORDER BY o.name, o.id",
            {area.value}, [&](const storage::Row &row) {
                if (seen.insert(row.integer(0)).second) {
                    offices.push_back({row.integer(0), row.text(1), row.text(2)});
                }
                return true;
            });
        if (!done) return done;
    }
    for (const Office &office : offices) {
        if (auto done = read_people(connection, office, entries); !done) return done;
    }
    return {};
}

// The own list knows better: what it names with the same number is not named twice.
void drop_named(std::vector<DirectoryEntry> &entries) {
    std::set<std::string> own;
    for (const DirectoryEntry &entry : entries) {
        if (!entry.delivered && entry.telephone) own.insert(entry.telephone->e164);
    }
    std::erase_if(entries, [&](const DirectoryEntry &entry) {
        return entry.delivered && entry.telephone && own.contains(entry.telephone->e164);
    });
}

} // namespace

Expected<void> store_directory(storage::Database &database, MunicipalityId municipality,
                               const std::vector<DirectoryEntry> &entries) {
    return database.write([&](storage::Connection &connection) -> Expected<void> {
        const auto gone = connection.run("DELETE FROM knowledge_directory WHERE municipality = $1",
                                         {municipality.value});
        if (!gone) return tl::unexpected(gone.error());
        BulkInsert rows("knowledge_directory",
                        "municipality, ordinal, office, name, position, telephone, email, room, "
                        "substitute, hours",
                        "");
        std::int64_t ordinal = 0;
        for (const DirectoryEntry &entry : entries) {
            rows.add({municipality.value, ++ordinal, entry.office, entry.name, entry.position,
                      entry.telephone ? entry.telephone->e164 : std::string(), entry.email,
                      entry.room, entry.substitute, entry.hours});
        }
        return rows.write(connection);
    });
}

Expected<std::vector<DirectoryEntry>> find_in_directory(storage::Database &database,
                                                        MunicipalityId municipality,
                                                        std::string_view query, std::size_t limit) {
    std::vector<DirectoryEntry> entries;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        entries.clear();
        if (auto read = read_own(connection, municipality, entries); !read) return read;
        return read_delivered(connection, municipality, entries);
    });
    if (!done) return tl::unexpected(done.error());
    drop_named(entries);
    const auto wanted = words_of(query);
    std::erase_if(entries, [&](const DirectoryEntry &entry) { return !matches(entry, wanted); });
    if (entries.size() > limit) entries.resize(limit);
    return entries;
}

} // namespace fernamt::knowledge
