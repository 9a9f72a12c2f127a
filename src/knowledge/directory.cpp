// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/directory.h"

#include "knowledge/analysis.h"
#include "knowledge/bulk_rows.h"
#include "knowledge/search.h"
#include "knowledge/search_engine_query.h"
#include "knowledge/spelling.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <tuple>
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

// "Bürgerbüro Öffnungszeiten", "Telefon vom Standesamt": whom they ask for. All words if there is
// nobody in them.
std::vector<std::string> telling(std::vector<std::string> words) {
    const auto asks_more = [](const std::string &word) {
        return Analyser::german().is_stopword(word) || section_of_word(word).has_value();
    };
    if (!std::ranges::all_of(words, asks_more)) std::erase_if(words, asks_more);
    return words;
}

using Says = bool (*)(const std::string &typed, const std::string &word);

bool begins(const std::string &typed, const std::string &word) {
    return word.starts_with(typed);
}

// With one ordinary error.
bool is_nearly(const std::string &typed, const std::string &word) {
    constexpr std::size_t kShortest = 5;
    constexpr int kOneError = 10; // of typing_cost()
    if (word.starts_with(typed)) return true;
    return typed.size() >= kShortest && word.size() >= kShortest &&
           typing_cost(key_of(typed), key_of(word), kOneError) <= kOneError;
}

struct Listed {
    std::size_t town = 0; // index of the towns asked: 0 is the call's
    DirectoryEntry entry;
    DirectorySource source = DirectorySource::list;
    std::int64_t office = 0; // the delivered one that it is
};

std::string_view to_string(DirectorySource source) {
    return source == DirectorySource::list ? "list" : "service";
}

constexpr std::string_view kEntryColumns =
    "office, name, position, telephone, email, room, substitute, hours";

DirectoryEntry read_entry(const storage::Row &row, int first) {
    DirectoryEntry entry{.office = row.text(first),
                         .name = row.text(first + 1),
                         .position = row.text(first + 2),
                         .telephone = std::nullopt,
                         .email = row.text(first + 4),
                         .room = row.text(first + 5),
                         .substitute = row.text(first + 6),
                         .hours = row.text(first + 7)};
    if (!row.text(first + 3).empty()) entry.telephone = PhoneNumber{row.text(first + 3)};
    return entry;
}

bool matches(const DirectoryEntry &entry, const std::vector<std::string> &wanted, Says says) {
    if (wanted.empty()) return true;
    const auto words =
        words_of(entry.office + " " + entry.name + " " + entry.position + " " + entry.room);
    return std::ranges::all_of(wanted, [&](const std::string &one) {
        return std::ranges::any_of(words, [&](const std::string &word) { return says(one, word); });
    });
}

struct Wish {
    std::vector<std::string> words;
    Says says = begins;
};

// The text as it stands where somebody is called so, else what it asks for, else what it may mean.
Wish wish_of(std::string_view text, const std::vector<Listed> &all) {
    const auto words = words_of(text);
    const auto fewer = telling(words);
    for (const Wish &wish : {Wish{words, begins}, Wish{fewer, begins}}) {
        if (std::ranges::any_of(
                all, [&](const Listed &one) { return matches(one.entry, wish.words, wish.says); }))
            return wish;
    }
    return {fewer, is_nearly};
}

// "($1, $2, $3)" and the values for it.
struct Areas {
    std::string list;
    std::vector<storage::Value> values;

    explicit Areas(const std::vector<AreaId> &areas) {
        for (const AreaId area : areas) {
            values.emplace_back(area.value);
            list += (list.empty() ? "($" : ", $") + std::to_string(values.size());
        }
        list += ')';
    }
};

// Everybody who may be shown, in the order of the towns.
class Lists {
  public:
    Lists(storage::Connection &connection, const std::vector<MunicipalityId> &towns)
        : connection_(connection), towns_(towns) {}

    Expected<std::vector<Listed>> read() {
        if (auto done = read_own(); !done) return tl::unexpected(done.error());
        if (auto done = read_offices(); !done) return tl::unexpected(done.error());
        if (auto done = read_contacts(); !done) return tl::unexpected(done.error());
        for (const auto &[id, office] : offices_)
            add_delivered(office, 0, {});
        if (auto done = read_people(); !done) return tl::unexpected(done.error());
        drop_named();
        // The own list of a town, then what was delivered, by office: the office itself first.
        std::ranges::stable_sort(all_, {}, [](const Listed &one) {
            return std::tuple(one.town, one.entry.delivered,
                              one.entry.delivered ? one.entry.office : std::string());
        });
        return std::move(all_);
    }

  private:
    struct Office {
        std::int64_t id = 0;
        std::size_t town = 0;
        std::string name, hours;
    };
    struct Contact {
        std::string telephone, email;
    };

    std::size_t town_of(MunicipalityId municipality) const {
        const auto found = std::ranges::find(towns_, municipality);
        return found == towns_.end() ? 0 : static_cast<std::size_t>(found - towns_.begin());
    }

    Expected<void> read_own() {
        const Areas towns(towns_);
        std::map<std::pair<std::size_t, std::string>, std::string> hours; // of offices
        auto done = connection_.each(
            fmt::format("SELECT municipality, source, {} FROM knowledge_directory_entry WHERE "
                        "municipality IN {} ORDER BY municipality, source, ordinal",
                        kEntryColumns, towns.list),
            towns.values, [&](const storage::Row &row) {
                const std::size_t town = town_of(MunicipalityId{row.integer(0)});
                const bool listed = row.text(1) == to_string(DirectorySource::list);
                DirectoryEntry entry = read_entry(row, 2);
                if (entry.name.empty() && !entry.hours.empty())
                    hours.emplace(std::pair(town, entry.office), entry.hours);
                all_.push_back({town, std::move(entry),
                                listed ? DirectorySource::list : DirectorySource::service, 0});
                return true;
            });
        if (!done) return done;
        for (auto &[town, entry, source, office] : all_) {
            const auto found = hours.find({town, entry.office});
            if (entry.hours.empty() && found != hours.end()) entry.hours = found->second;
        }
        drop_listed();
        return {};
    }

    // Who is in the town's list is not told again by its directory service: people by name, offices
    // by theirs.
    void drop_listed() {
        const auto known = [](const Listed &one) {
            const DirectoryEntry &entry = one.entry;
            return std::tuple(one.town, entry.name.empty() ? entry.office : "", entry.name);
        };
        std::set<std::tuple<std::size_t, std::string, std::string>> listed;
        for (const Listed &one : all_) {
            if (one.source == DirectorySource::list) listed.insert(known(one));
        }
        std::erase_if(all_, [&](const Listed &one) {
            return one.source == DirectorySource::service && listed.contains(known(one));
        });
    }

    // For the first town also those that answer for what it lies in.
    [[nodiscard]] std::vector<AreaId> areas() const {
        std::vector<AreaId> all = lineage(towns_.front());
        all.insert(all.end(), towns_.begin() + 1, towns_.end());
        return all;
    }
    static std::string of_areas(const Areas &areas) {
        return "(SELECT r.holder FROM knowledge_responsibility r WHERE r.area IN " + areas.list +
               ")";
    }

    Expected<void> read_offices() {
        const Areas areas(this->areas());
        return connection_.each(
            "SELECT DISTINCT o.id, o.name, o.hours_text, r.area FROM knowledge_responsibility r "
            "JOIN knowledge_office o ON o.id = r.holder WHERE r.area IN " +
                areas.list + " ORDER BY o.name, o.id, r.area",
            areas.values, [&](const storage::Row &row) {
                const std::size_t town = town_of(AreaId{row.integer(3)});
                Office &office = offices_[row.integer(0)];
                if (office.id == 0) office = {row.integer(0), town, row.text(1), row.text(2)};
                office.town = std::min(office.town, town);
                return true;
            });
    }

    Expected<void> read_contacts() {
        const Areas areas(this->areas());
        return connection_.each(
            "SELECT office, person, channel, value FROM knowledge_contact WHERE channel IN "
            "('01', '02', '03') AND office IN " +
                of_areas(areas) + " ORDER BY office, person, ordinal",
            areas.values, [&](const storage::Row &row) {
                Contact &contact = contacts_[{row.integer(0), row.integer(1)}];
                std::string &place = row.text(2) == "01" ? contact.email : contact.telephone;
                if (place.empty()) place = row.text(3);
                return true;
            });
    }

    Expected<void> read_people() {
        const Areas areas(this->areas());
        return connection_.each(
            "SELECT office, id, title, given_name, family_name, position, room, hours_text FROM "
            "knowledge_person WHERE office IN " +
                of_areas(areas) + " ORDER BY office, ordinal",
            areas.values, [&](const storage::Row &row) {
                DirectoryEntry entry{
                    .position = row.text(5), .room = row.text(6), .hours = row.text(7)};
                for (const int column : {2, 3, 4}) {
                    if (row.text(column).empty()) continue;
                    entry.name += (entry.name.empty() ? "" : " ") + row.text(column);
                }
                const auto office = offices_.find(row.integer(0));
                if (office != offices_.end()) {
                    add_delivered(office->second, row.integer(1), std::move(entry));
                }
                return true;
            });
    }

    void add_delivered(const Office &office, std::int64_t person, DirectoryEntry entry) {
        const Contact &contact = contacts_[{office.id, person}];
        entry.office = office.name;
        entry.delivered = true;
        entry.telephone = parse_phone_number(contact.telephone);
        entry.email = contact.email;
        if (entry.hours.empty()) entry.hours = office.hours;
        all_.push_back({office.town, std::move(entry), DirectorySource::list,
                        person == 0 ? office.id : std::int64_t{0}});
    }

    // The own list knows better: what it names with the same number is not named twice. Of the
    // directory service that holds for people among people: many there may share an office's line.
    void drop_named() {
        enum class Named { any, office, person };
        std::set<std::tuple<std::size_t, std::string, Named>> own;
        const auto kind = [](const Listed &one) {
            return one.entry.name.empty() ? Named::office : Named::person;
        };
        for (const Listed &one : all_) {
            if (one.entry.delivered || !one.entry.telephone) continue;
            own.emplace(one.town, one.entry.telephone->e164,
                        one.source == DirectorySource::list ? Named::any : kind(one));
        }
        for (const Listed &one : all_) {
            if (one.office == 0 || !one.entry.telephone) continue;
            for (Listed &same : all_) { // found by the delivered one's names, too
                if (!same.entry.delivered && same.town == one.town && same.entry.name.empty() &&
                    same.entry.telephone == one.entry.telephone)
                    same.office = one.office;
            }
        }
        std::erase_if(all_, [&](const Listed &one) {
            if (!one.entry.delivered || !one.entry.telephone) return false;
            const std::string &number = one.entry.telephone->e164;
            return own.contains({one.town, number, Named::any}) ||
                   own.contains({one.town, number, kind(one)});
        });
    }

    storage::Connection &connection_;
    const std::vector<MunicipalityId> &towns_;
    std::map<std::int64_t, Office> offices_;
    std::map<std::pair<std::int64_t, std::int64_t>, Contact> contacts_; // office, person (0: none)
    std::vector<Listed> all_;
};

} // namespace

Expected<void> store_directory(storage::Database &database, MunicipalityId municipality,
                               const std::vector<DirectoryEntry> &entries, DirectorySource source) {
    const std::string from(to_string(source));
    return database.write([&](storage::Connection &connection) -> Expected<void> {
        auto gone = run(connection,
                        "DELETE FROM knowledge_directory_entry WHERE municipality = $1 AND "
                        "source = $2",
                        {municipality.value, from});
        if (!gone) return gone;
        BulkInsert rows("knowledge_directory_entry",
                        fmt::format("municipality, source, ordinal, {}", kEntryColumns));
        std::int64_t ordinal = 0;
        for (const DirectoryEntry &entry : entries) {
            rows.add({municipality.value, from, ++ordinal, entry.office, entry.name, entry.position,
                      entry.telephone ? entry.telephone->e164 : std::string(), entry.email,
                      entry.room, entry.substitute, entry.hours});
        }
        return rows.write(connection);
    });
}

Expected<std::vector<DirectoryEntry>>
stored_directory(storage::Database &database, MunicipalityId municipality, DirectorySource source) {
    std::vector<DirectoryEntry> entries;
    const auto done = database.read([&](storage::Connection &connection) {
        entries.clear();
        return connection.each(
            fmt::format("SELECT {} FROM knowledge_directory_entry WHERE municipality = $1 AND "
                        "source = $2 ORDER BY ordinal",
                        kEntryColumns),
            {municipality.value, std::string(to_string(source))}, [&](const storage::Row &row) {
                entries.push_back(read_entry(row, 0));
                return true;
            });
    });
    if (!done) return tl::unexpected(done.error());
    return entries;
}

Expected<std::vector<FoundEntry>> find_in_directory(storage::Database &database,
                                                    const DirectoryQuestion &question) {
    const bool everybody = words_of(question.text).empty();
    std::vector<MunicipalityId> towns{question.municipality};
    if (!everybody)
        towns.insert(towns.end(), question.neighbours.begin(), question.neighbours.end());
    std::vector<Listed> all;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        auto read = Lists(connection, towns).read();
        if (!read) return tl::unexpected(read.error());
        all = std::move(*read);
        return {};
    });
    if (!done) return tl::unexpected(done.error());

    std::map<std::size_t, std::vector<routing::HoursException>> closures; // of towns, when needed
    const auto reachable = [&](const Listed &one) {
        const MunicipalityId town = towns[one.town];
        const auto [known, asked] = closures.try_emplace(one.town);
        if (asked && question.closures) known->second = question.closures(town);
        return Reachable{town, one.entry,
                         reachability(parse_opening_hours(one.entry.hours), land_of(town),
                                      known->second, question.now)};
    };
    const Wish wish = wish_of(question.text, all);
    const auto known = [&](const Listed &one) {
        return one.office != 0 &&
               std::ranges::find(question.offices, one.office) != question.offices.end();
    };
    std::vector<FoundEntry> found;
    for (const Listed &one : all) {
        if (found.size() == question.limit) break;
        if (!known(one) && !matches(one.entry, wish.words, wish.says)) continue;
        FoundEntry made{reachable(one), std::nullopt};
        const auto substitute = std::ranges::find_if(all, [&](const Listed &other) {
            return !one.entry.substitute.empty() && other.town == one.town &&
                   !other.entry.delivered && other.entry.name == one.entry.substitute;
        });
        if (substitute != all.end()) made.substitute = reachable(*substitute);
        found.push_back(std::move(made));
    }
    return found;
}

} // namespace fernamt::knowledge
