// SPDX-License-Identifier: EUPL-1.2
#include "people/rule_history.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace fernamt::people {

namespace json = boost::json;

using storage::Connection;
using storage::Row;
using storage::Value;

namespace {

struct Column {
    std::string_view name;
    bool is_text = false;
    std::optional<std::int64_t> before_it_was = {}; // in changes recorded without this column
};

// Its first `keys` columns are the primary key; the last one is its version if it has one.
struct Table {
    std::string_view name;
    std::size_t keys = 1;
    bool versioned = false;
    std::optional<RuleTable> thing; // a row is a thing of its own, not a part of one
    std::size_t shown = 0;          // the column with the thing's name; 0: it has none
    std::vector<Column> columns;
};

// Those that are referred to stand first.
const std::vector<Table> &tables() {
    constexpr bool text = true;
    static const std::vector<Table> all{
        {"skill",
         1,
         true,
         RuleTable::skill,
         2,
         {{"id"}, {"kind", text}, {"name", text}, {"version"}}},
        {"agent_skill", 2, false, RuleTable::agent_skills, 0, {{"account"}, {"skill"}, {"level"}}},
        {"call_queue",
         1,
         true,
         RuleTable::queue,
         1,
         {{"id"},
          {"name", text},
          {"head_start_us"},
          {"max_waiting"},
          {"offers_callback"},
          {"version"}}},
        {"call_queue_skill",
         4,
         false,
         {},
         0,
         {{"queue"}, {"purpose", text}, {"after_us"}, {"skill"}, {"level"}}},
        {"call_queue_relaxation", 2, false, {}, 0, {{"queue"}, {"after_us"}}},
        {"partner",
         1,
         true,
         RuleTable::partner,
         1,
         {{"id"}, {"name", text}, {"e164", text}, {"version"}}},
        {"overflow",
         1,
         true,
         RuleTable::overflow,
         2,
         {{"id"},
          {"position"},
          {"reason", text},
          {"partner"},
          {"queue"},
          {"waiting"},
          {"wait_us"},
          {"from_at"},
          {"until_at"},
          {"version"}}},
        {"crisis_plan",
         1,
         true,
         RuleTable::crisis_plan,
         1,
         {{"id"},
          {"name", text},
          {"municipality"},
          {"queue"},
          {"head_start_us"},
          {"always_open"},
          {"version"}}},
        {"crisis_period",
         4,
         false,
         {},
         0,
         {{"plan"},
          {"weekday"},
          {"from_second"},
          {"valid_from", text},
          {"to_second"},
          {"valid_until", text}}},
        {"crisis_skill", 2, false, {}, 0, {{"plan"}, {"skill"}, {"level"}}},
        {"crisis_relaxation", 2, false, {}, 0, {{"plan"}, {"after_us"}}},
        {"crisis_relaxed_skill", 3, false, {}, 0, {{"plan"}, {"after_us"}, {"skill"}, {"level"}}},
        {"crisis_wording", 2, false, {}, 0, {{"plan"}, {"language", text}, {"text", text}}},
        {"line",
         1,
         true,
         RuleTable::line,
         2,
         {{"id"},
          {"municipality"},
          {"e164", text},
          {"scope", text},
          {"queue"},
          {"price_class"},
          {"own_hours"},
          {"closed_on_public_holidays"},
          {"valid_from"},
          {"valid_until"},
          {"office", text},
          {"office_ring_us"},
          {"towns_days", false, 0},
          {"version"}}},
        {"line_period",
         5,
         false,
         {},
         0,
         {{"line"},
          {"purpose", text},
          {"weekday"},
          {"from_second"},
          {"valid_from", text},
          {"to_second"},
          {"valid_until", text}}},
        {"hours_exception",
         1,
         true,
         RuleTable::exception,
         3,
         {{"id"},
          {"municipality"},
          {"line"},
          {"first_day", text},
          {"last_day", text},
          {"opens"},
          {"from_second"},
          {"to_second"},
          {"reason", text},
          {"version"}}},
        {"municipality",
         1,
         true,
         RuleTable::municipality,
         1,
         {{"id"},
          {"name", text},
          {"short_name", text},
          {"land", text},
          {"population"},
          {"population_date", text},
          {"population_source", text},
          {"greeting", text},
          {"closed_on_public_holidays"},
          {"information_first_us"},
          {"information_every_us"},
          {"version"}}},
        {"opening_period",
         4,
         false,
         {},
         0,
         {{"municipality"},
          {"weekday"},
          {"from_second"},
          {"valid_from", text},
          {"to_second"},
          {"valid_until", text}}},
        {"office_settings",
         1,
         true,
         RuleTable::settings,
         0,
         {{"id"},
          {"ring_timeout_us"},
          {"wrap_up_us"},
          {"wrap_up_extension_us"},
          {"transfer_timeout_us"},
          {"callback_ring_us"},
          {"callback_attempts"},
          {"callback_retry_us"},
          {"callback_retry_busy_us"},
          {"callback_retry_own_us", false, 300'000'000},
          {"typical_handling_us"},
          {"max_hops"},
          {"max_partners", false, 5},
          {"version"}}},
    };
    return all;
}

using TableRows = std::map<std::string, json::array>; // by the key as text

std::string key_of(const Table &table, const json::array &row) {
    std::string key;
    for (std::size_t i = 0; i < table.keys; ++i)
        key += json::serialize(row[i]) + '\n';
    return key;
}

std::string listed(const Table &table, std::size_t from, std::string_view form,
                   std::string_view between) {
    std::string text;
    for (std::size_t i = from; i < table.columns.size(); ++i) {
        if (i > from) text += between;
        text += fmt::format(fmt::runtime(form), table.columns[i].name, i + 1);
    }
    return text;
}

std::string where(const Table &table) {
    std::string text;
    for (std::size_t i = 0; i < table.keys; ++i)
        text +=
            fmt::format("{}{} = ${}", i == 0 ? " WHERE " : " AND ", table.columns[i].name, i + 1);
    return text;
}

json::array read_row(const Table &table, const Row &row) {
    json::array cells;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const int column = static_cast<int>(i);
        if (row.is_null(column)) {
            cells.emplace_back(nullptr);
        } else if (table.columns[i].is_text) {
            cells.emplace_back(row.text(column));
        } else {
            cells.emplace_back(row.integer(column));
        }
    }
    return cells;
}

Expected<TableRows> read_table(Connection &connection, const Table &table) {
    TableRows rows;
    const auto read =
        connection.each(fmt::format("SELECT {} FROM {}", listed(table, 0, "{}", ", "), table.name),
                        {}, [&](const Row &row) {
                            json::array cells = read_row(table, row);
                            std::string key = key_of(table, cells);
                            rows.emplace(std::move(key), std::move(cells));
                            return true;
                        });
    if (!read) return tl::unexpected(read.error());
    return rows;
}

std::vector<Value> to_values(const json::array &row, std::size_t count) {
    std::vector<Value> values;
    for (std::size_t i = 0; i < count; ++i) {
        if (row[i].is_null()) {
            values.emplace_back(nullptr);
        } else if (row[i].is_string()) {
            values.emplace_back(std::string(row[i].get_string()));
        } else {
            values.emplace_back(row[i].as_int64());
        }
    }
    return values;
}

// One row that a change has touched; null: it was not there.
struct Touched {
    const Table *table = nullptr;
    json::value before;
    json::value after;
};

json::value to_json(const std::vector<Touched> &rows) {
    json::array all;
    for (const Touched &row : rows) {
        json::object one;
        one.emplace("table", row.table->name);
        one.emplace("before", row.before);
        one.emplace("after", row.after);
        all.push_back(std::move(one));
    }
    return all;
}

json::value with_all_columns(const Table &table, json::value row) {
    if (row.is_null()) return row;
    json::array &cells = row.as_array();
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const auto &missing = table.columns[i].before_it_was;
        if (missing && cells.size() < table.columns.size()) {
            cells.insert(cells.begin() + static_cast<std::ptrdiff_t>(i), *missing);
        }
    }
    return row;
}

std::vector<Touched> parse(const std::string &text) {
    const json::value all = json::parse(text);
    std::vector<Touched> rows;
    for (const json::value &one : all.as_array()) {
        const auto &name = one.at("table").as_string();
        const auto table = std::ranges::find(tables(), std::string_view(name), &Table::name);
        if (table == tables().end()) continue;
        rows.push_back({&*table, with_all_columns(*table, one.at("before")),
                        with_all_columns(*table, one.at("after"))});
    }
    return rows;
}

// All but the version, which an undo raises.
bool same_content(const Table &table, const json::value &a, const json::value &b) {
    if (a.is_null() || b.is_null()) return a.is_null() && b.is_null();
    json::array left = a.as_array(), right = b.as_array();
    if (table.versioned) {
        left.pop_back();
        right.pop_back();
    }
    return left == right;
}

constexpr std::size_t kOwner = 1; // of a line, of an exception: its municipality's column

std::vector<ChangedThing> things_of(const std::vector<Touched> &rows) {
    std::vector<ChangedThing> things;
    for (const Touched &row : rows) {
        if (!row.table->thing) continue;
        const json::array &shown = (row.after.is_null() ? row.before : row.after).as_array();
        ChangedThing thing{*row.table->thing, shown[0].as_int64(), RuleHow::changed, {}};
        if (thing.table == RuleTable::line || thing.table == RuleTable::exception)
            thing.municipality = MunicipalityId{shown[kOwner].as_int64()};
        if (row.table->versioned && row.before.is_null()) thing.how = RuleHow::added;
        if (row.table->versioned && row.after.is_null()) thing.how = RuleHow::removed;
        if (row.table->shown > 0) thing.name = shown[row.table->shown].as_string();
        if (std::ranges::find(things, thing) == things.end()) things.push_back(std::move(thing));
    }
    return things;
}

// Puts the row back as it was before; its version goes on, so that whoever still has the undone
// one open is told.
Expected<void> put_back(Connection &connection, const Touched &row, const json::value &now) {
    const Table &table = *row.table;
    json::array wanted = row.before.as_array();
    if (table.versioned) {
        const json::value &last = now.is_null() ? row.before : now;
        wanted.back() = last.as_array().back().as_int64() + 1;
    }
    const auto values = to_values(wanted, wanted.size());
    if (now.is_null()) {
        return run(connection,
                   fmt::format("INSERT INTO {} ({}) VALUES ({})", table.name,
                               listed(table, 0, "{}", ", "), listed(table, 0, "${1}", ", ")),
                   values);
    }
    if (table.keys == table.columns.size()) return {};
    return run(connection,
               fmt::format("UPDATE {} SET {}{}", table.name,
                           listed(table, table.keys, "{} = ${}", ", "), where(table)),
               values);
}

Expected<void> take_out(Connection &connection, const Touched &row) {
    return run(connection, fmt::format("DELETE FROM {}{}", row.table->name, where(*row.table)),
               to_values(row.after.as_array(), row.table->keys));
}

// A line, a term of its agreement: the municipality's version goes on, nothing of it has changed.
bool only_its_lines(const Touched &row, const std::vector<Touched> &all) {
    if (row.table->thing != RuleTable::municipality) return false;
    if (!same_content(*row.table, row.before, row.after)) return false;
    const json::value &id = row.after.as_array().front();
    return std::ranges::none_of(all, [&](const Touched &other) {
        if (other.table->name != "opening_period") return false;
        return (other.after.is_null() ? other.before : other.after).as_array().front() == id;
    });
}

std::vector<Touched> difference(const std::vector<TableRows> &before,
                                const std::vector<TableRows> &after) {
    std::vector<Touched> touched;
    for (std::size_t i = 0; i < tables().size(); ++i) {
        for (const auto &[key, row] : before[i]) {
            const auto now = after[i].find(key);
            if (now == after[i].end()) {
                touched.push_back({&tables()[i], row, nullptr});
            } else if (now->second != row) {
                touched.push_back({&tables()[i], row, now->second});
            }
        }
        for (const auto &[key, row] : after[i]) {
            if (!before[i].contains(key)) touched.push_back({&tables()[i], nullptr, row});
        }
    }
    std::erase_if(touched, [&](const Touched &row) { return only_its_lines(row, touched); });
    return touched;
}

Expected<std::string> change_to_undo(Connection &connection, std::int64_t id) {
    std::optional<std::string> found;
    bool later = false;
    const auto read =
        connection.each("SELECT id, change FROM rule_history WHERE undone_at IS NULL AND id >= $1",
                        {id}, [&](const Row &row) {
                            if (row.integer(0) == id) {
                                found = row.text(1);
                            } else {
                                later = true;
                            }
                            return true;
                        });
    if (!read) return tl::unexpected(read.error());
    if (!found) return no_such_thing();
    if (later) return fail(ProblemKind::conflict, "distribution.undo_not_last");
    return *found;
}

} // namespace

struct RuleRows::Rows {
    std::vector<TableRows> tables; // in the order of tables()
};

RuleRows::RuleRows(std::unique_ptr<Rows> rows) : rows_(std::move(rows)) {}
RuleRows::RuleRows(RuleRows &&) noexcept = default;
RuleRows &RuleRows::operator=(RuleRows &&) noexcept = default;
RuleRows::~RuleRows() = default;

Expected<RuleRows> RuleRows::read(Connection &connection) {
    auto rows = std::make_unique<Rows>();
    for (const Table &table : tables()) {
        auto read = read_table(connection, table);
        if (!read) return tl::unexpected(read.error());
        rows->tables.push_back(std::move(*read));
    }
    return RuleRows(std::move(rows));
}

Expected<void> remember(const Change &change, const RuleRows &before) {
    const auto after = RuleRows::read(change.connection);
    if (!after) return tl::unexpected(after.error());
    const auto touched = difference(before.rows_->tables, after->rows_->tables);
    if (touched.empty()) return {};
    const auto id = next_rule_id(change.connection);
    if (!id) return tl::unexpected(id.error());
    return run(change.connection,
               "INSERT INTO rule_history (id, at, by_account, change) VALUES ($1, $2, $3, $4)",
               {*id, change.at.us, change.by.value, json::serialize(to_json(touched))});
}

Expected<std::vector<ChangedThing>> changed_since(Connection &connection, const RuleRows &before) {
    const auto after = RuleRows::read(connection);
    if (!after) return tl::unexpected(after.error());
    return things_of(difference(before.rows_->tables, after->rows_->tables));
}

std::string_view to_string(RuleTable table) {
    static constexpr std::array<std::string_view, 10> names{
        "skill",       "agent_skills", "queue",     "partner",      "overflow",
        "crisis_plan", "line",         "exception", "municipality", "settings"};
    return names.at(static_cast<std::size_t>(table));
}

std::string_view to_string(RuleHow how) {
    static constexpr std::array<std::string_view, 3> names{"added", "changed", "removed"};
    return names.at(static_cast<std::size_t>(how));
}

Expected<std::vector<RuleHistoryEntry>> rule_history(Connection &connection, int limit) {
    std::vector<RuleHistoryEntry> entries;
    const auto read = connection.each(
        "SELECT id, at, by_account, change, undone_at FROM rule_history ORDER BY id DESC LIMIT $1",
        {std::int64_t{limit}}, [&](const Row &row) {
            entries.push_back({row.integer(0), Instant{row.integer(1)}, UserId{row.integer(2)},
                               things_of(parse(row.text(3))), !row.is_null(4)});
            return true;
        });
    if (!read) return tl::unexpected(read.error());
    return entries;
}

namespace {

std::optional<std::string> name_in(const Table &table, const json::value &row) {
    if (row.is_null()) return std::nullopt;
    return std::string(row.as_array()[table.shown].as_string());
}

} // namespace

Expected<RuleNames> RuleNames::read(Connection &connection, const std::vector<RuleTable> &wanted) {
    const auto is_wanted = [&](const Table &table) {
        return table.thing && std::ranges::find(wanted, *table.thing) != wanted.end();
    };
    RuleNames names;
    for (const Table &table : tables()) {
        if (!is_wanted(table)) continue;
        const auto rows = read_table(connection, table);
        if (!rows) return tl::unexpected(rows.error());
        for (const auto &[key, row] : *rows)
            names.today_[{*table.thing, row[0].as_int64()}] = row[table.shown].as_string();
    }
    const auto read = connection.each(
        "SELECT at, undone_at, change FROM rule_history ORDER BY id", {}, [&](const Row &entry) {
            const auto undone = optional_instant(entry, 1);
            for (const Touched &row : parse(entry.text(2))) {
                if (!is_wanted(*row.table)) continue;
                const json::value &any = row.after.is_null() ? row.before : row.after;
                auto &list = names.renamings_[{*row.table->thing, any.as_array()[0].as_int64()}];
                auto before = name_in(*row.table, row.before);
                auto after = name_in(*row.table, row.after);
                list.push_back({Instant{entry.integer(0)}, before, after});
                if (undone) list.push_back({*undone, std::move(after), std::move(before)});
            }
            return true;
        });
    if (!read) return tl::unexpected(read.error());
    for (auto &[thing, list] : names.renamings_)
        std::ranges::stable_sort(list, {}, &Renaming::at);
    return names;
}

ThingName RuleNames::at(RuleTable table, std::int64_t id, Instant at) const {
    ThingName name;
    if (const auto there = today_.find({table, id}); there != today_.end())
        name.today = there->second;
    name.then = name.today;
    const auto found = renamings_.find({table, id});
    if (found == renamings_.end()) return name;
    const auto next = std::ranges::upper_bound(found->second, at, {}, &Renaming::at);
    if (next != found->second.end()) name.then = next->before;
    // The moment between a removal and the last decision that did not know of it yet.
    for (auto last = next; !name.then && last != found->second.begin();)
        name.then = (--last)->before;
    return name;
}

Expected<void> undo(const Change &change, std::int64_t id) {
    const auto text = change_to_undo(change.connection, id);
    if (!text) return tl::unexpected(text.error());
    const auto now = RuleRows::read(change.connection);
    if (!now) return tl::unexpected(now.error());
    const std::vector<Touched> rows = parse(*text);
    std::vector<json::value> current;
    for (const Touched &row : rows) {
        const auto place = static_cast<std::size_t>(row.table - tables().data());
        const TableRows &there = now->rows_->tables[place];
        const json::array &any = (row.after.is_null() ? row.before : row.after).as_array();
        const auto found = there.find(key_of(*row.table, any));
        current.push_back(found == there.end() ? json::value(nullptr) : json::value(found->second));
        if (!same_content(*row.table, current.back(), row.after))
            return fail(ProblemKind::conflict, "distribution.undo_overtaken");
    }
    // Rows stand with those first that others refer to.
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].before.is_null()) continue;
        if (auto put = put_back(change.connection, rows[i], current[i]); !put) return put;
    }
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
        if (!row->before.is_null()) continue;
        if (auto taken = take_out(change.connection, *row); !taken) return taken;
    }
    auto marked = run(change.connection, "UPDATE rule_history SET undone_at = $2 WHERE id = $1",
                      {id, change.at.us});
    if (!marked) return marked;
    return note(change, "rules.undone", id);
}

} // namespace fernamt::people
