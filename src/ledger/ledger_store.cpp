// SPDX-License-Identifier: EUPL-1.2
#include "ledger/ledger_store.h"

#include "storage/statement.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::ledger::store {

namespace {

using storage::Blob;
using storage::Connection;
using storage::Database;
using storage::Row;
using storage::Value;

// Rows per INSERT: a round trip to PostgreSQL costs more than a row.
constexpr std::size_t kBatches[] = {64, 8, 1};
constexpr int kColumns = 8;

const std::string &insert_sql(std::size_t rows) {
    static const auto make = [](std::size_t count) {
        std::string sql =
            "INSERT INTO ledger_entry (seq, at, type, payload, call_id, municipality, "
            "previous, hash) VALUES ";
        for (std::size_t row = 0; row < count; ++row) {
            const auto first = row * kColumns;
            sql += row == 0 ? "(" : ", (";
            for (std::size_t column = 1; column <= kColumns; ++column) {
                sql += fmt::format("{}${}", column == 1 ? "" : ", ", first + column);
            }
            sql += ")";
        }
        return sql;
    };
    static const std::string texts[] = {make(kBatches[0]), make(kBatches[1]), make(kBatches[2])};
    return rows == kBatches[0] ? texts[0] : rows == kBatches[1] ? texts[1] : texts[2];
}

template <class Tag>
Value value_of(const std::optional<Id<Tag>> &id) {
    return id ? Value(id->value) : Value(nullptr);
}

Value value_of(const Hash &hash) {
    return Blob(hash.begin(), hash.end());
}

void add_row(std::vector<Value> &values, const Entry &entry) {
    values.emplace_back(entry.seq);
    values.emplace_back(entry.at.us);
    values.emplace_back(entry.type);
    values.emplace_back(entry.payload);
    values.push_back(value_of(entry.call));
    values.push_back(value_of(entry.municipality));
    values.push_back(value_of(entry.previous));
    values.push_back(value_of(entry.hash));
}

// A hash of a wrong length fits nothing: all zero.
Hash hash_of(const Blob &blob) {
    Hash hash{};
    if (blob.size() == hash.size()) std::copy(blob.begin(), blob.end(), hash.begin());
    return hash;
}

Entry entry_of(const Row &row) {
    Entry entry;
    entry.seq = row.integer(0);
    entry.at = Instant{row.integer(1)};
    entry.type = row.text(2);
    entry.payload = row.text(3);
    if (!row.is_null(4)) entry.call = CallId{row.integer(4)};
    if (!row.is_null(5)) entry.municipality = MunicipalityId{row.integer(5)};
    entry.previous = hash_of(row.blob(6));
    entry.hash = hash_of(row.blob(7));
    return entry;
}

Expected<void> insert(Connection &connection, const Sealed &sealed) {
    return run(connection,
               "INSERT INTO ledger_sealed (commitment, kind, at, salt, value) "
               "VALUES ($1, $2, $3, $4, $5)",
               {sealed.commitment, sealed.kind, sealed.at.us, sealed.salt, sealed.value.reveal()});
}

} // namespace

Expected<void> insert(Connection &connection, std::span<const Entry> entries) {
    for (const Entry &entry : entries) {
        if (!entry.sealed) continue;
        if (auto done = insert(connection, *entry.sealed); !done) return done;
    }
    std::vector<Value> values;
    while (!entries.empty()) {
        const std::size_t rows = *std::find_if(std::begin(kBatches), std::end(kBatches),
                                               [&](std::size_t n) { return n <= entries.size(); });
        values.clear();
        for (const Entry &entry : entries.first(rows))
            add_row(values, entry);
        if (auto done = run(connection, insert_sql(rows), values); !done) return done;
        entries = entries.subspan(rows);
    }
    return {};
}

Expected<Head> head(Database &database) {
    Head found;
    auto done = database.read([&](Connection &connection) {
        return connection.each("SELECT seq, hash FROM ledger_entry ORDER BY seq DESC LIMIT 1", {},
                               [&](const Row &row) {
                                   found = {row.integer(0), hash_of(row.blob(1))};
                                   return false;
                               });
    });
    if (!done) return tl::unexpected(done.error());
    return found;
}

Expected<std::int64_t> read(Database &database, std::int64_t from, std::int64_t limit,
                            const std::function<bool(const Entry &)> &on_entry) {
    std::int64_t count = 0;
    auto done = database.read([&](Connection &connection) {
        return connection.each(
            "SELECT seq, at, type, payload, call_id, municipality, previous, hash "
            "FROM ledger_entry WHERE seq >= $1 ORDER BY seq LIMIT $2",
            {from, limit}, [&](const Row &row) {
                ++count;
                return on_entry(entry_of(row));
            });
    });
    if (!done) return tl::unexpected(done.error());
    return count;
}

Expected<void> read_call(Database &database, CallId call,
                         const std::function<bool(const Entry &)> &on_entry) {
    return database.read([&](Connection &connection) {
        return connection.each("SELECT seq, at, type, payload, call_id, municipality, previous, "
                               "hash FROM ledger_entry WHERE call_id = $1 ORDER BY seq",
                               {call.value},
                               [&](const Row &row) { return on_entry(entry_of(row)); });
    });
}

Expected<void> save(Database &database, const Ledger::Snapshot &snapshot) {
    return database.write([&](Connection &connection) -> Expected<void> {
        // Also those ahead of it: they belong to a ledger that is not this one any more.
        auto dropped = run(connection, "DELETE FROM ledger_snapshot", {});
        if (!dropped) return dropped;
        return run(connection, "INSERT INTO ledger_snapshot (seq, state) VALUES ($1, $2)",
                   {snapshot.seq, snapshot.state});
    });
}

Expected<std::optional<Ledger::Snapshot>> snapshot(Database &database, std::int64_t up_to) {
    std::optional<Ledger::Snapshot> found;
    auto done = database.read([&](Connection &connection) {
        return connection.each("SELECT seq, state FROM ledger_snapshot WHERE seq <= $1 "
                               "ORDER BY seq DESC LIMIT 1",
                               {up_to}, [&](const Row &row) {
                                   found = Ledger::Snapshot{row.integer(0), row.text(1)};
                                   return false;
                               });
    });
    if (!done) return tl::unexpected(done.error());
    return found;
}

Expected<std::optional<std::string>> reveal(Database &database, const std::string &commitment) {
    std::optional<std::string> found;
    auto done = database.read([&](Connection &connection) {
        return connection.each("SELECT value FROM ledger_sealed WHERE commitment = $1",
                               {commitment}, [&](const Row &row) {
                                   found = row.text(0);
                                   return false;
                               });
    });
    if (!done) return tl::unexpected(done.error());
    return found;
}

Expected<std::int64_t> erase(Database &database, std::string_view kind, Instant before) {
    std::int64_t erased = 0;
    auto done = database.write([&](Connection &connection) -> Expected<void> {
        auto count = connection.run("DELETE FROM ledger_sealed WHERE kind = $1 AND at < $2",
                                    {std::string(kind), before.us});
        if (!count) return tl::unexpected(count.error());
        erased = *count;
        return {};
    });
    // Scrubbed even if nothing was erased now: an earlier scrub may have failed.
    if (done) done = database.scrub("ledger_sealed");
    if (!done) return tl::unexpected(done.error());
    return erased;
}

Expected<std::int64_t> erase_but(Database &database, std::string_view kind, Instant before,
                                 const std::set<std::string> &kept) {
    std::int64_t erased = 0;
    auto done = database.write([&](Connection &connection) -> Expected<void> {
        erased = 0;
        std::vector<std::string> over;
        auto found =
            connection.each("SELECT commitment FROM ledger_sealed WHERE kind = $1 AND at < $2",
                            {std::string(kind), before.us}, [&](const Row &row) {
                                if (!kept.contains(row.text(0))) over.push_back(row.text(0));
                                return true;
                            });
        if (!found) return found;
        for (const std::string &commitment : over) {
            auto gone =
                run(connection, "DELETE FROM ledger_sealed WHERE commitment = $1", {commitment});
            if (!gone) return gone;
            ++erased;
        }
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return erased;
}

} // namespace fernamt::ledger::store
