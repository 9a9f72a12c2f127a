// SPDX-License-Identifier: EUPL-1.2
#include "storage/migration.h"

#include "base/log.h"
#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace fernamt::storage {

namespace {

struct Token {
    std::string_view name;
    std::string_view sqlite;
    std::string_view postgresql;
};

// SQLite's STRICT tables know no BIGINT, PostgreSQL's INTEGER has 32 bits.
constexpr std::array kTokens = {
    Token{"@i64", "INTEGER", "bigint"},
    Token{"@id", "INTEGER PRIMARY KEY", "bigint PRIMARY KEY"},
    Token{"@blob", "BLOB", "bytea"},
    Token{"@json", "TEXT", "text"}, // canonical text: jsonb would change its bytes
    Token{"@real", "REAL", "double precision"},
    Token{"@strict", "STRICT", ""},
};

constexpr std::string_view kCreateTable = R"(
    CREATE TABLE IF NOT EXISTS schema_migration (
        version @id, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at @i64 NOT NULL
    ) @strict)";

// An arbitrary constant: the advisory lock of Fernamt's migrations.
constexpr std::int64_t kLock = 0x4665726e616d74; // "Fernamt"

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

std::string expand(std::string_view sql, Engine engine) {
    std::string out;
    while (!sql.empty()) {
        const auto at = sql.find('@');
        out += sql.substr(0, at);
        if (at == std::string_view::npos) break;
        sql.remove_prefix(at);
        const auto end = std::find_if_not(sql.begin() + 1, sql.end(), is_word);
        const std::string_view word = sql.substr(0, static_cast<std::size_t>(end - sql.begin()));
        const auto *token = std::find_if(kTokens.begin(), kTokens.end(),
                                         [&](const Token &t) { return t.name == word; });
        if (token == kTokens.end()) {
            out += word;
        } else {
            out += engine == Engine::sqlite ? token->sqlite : token->postgresql;
        }
        sql.remove_prefix(word.size());
    }
    return out;
}

// FNV-1a, 64 bits: finds an edited file; nobody has to be kept from forging one.
std::string checksum_of(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
    return fmt::format("{:016x}", hash);
}

bool is_for(std::string_view file, Engine engine) {
    const std::string_view other = engine == Engine::sqlite ? ".postgres.sql" : ".sqlite.sql";
    return !file.ends_with(other);
}

struct Applied {
    std::string name;
    std::string checksum;
};

Expected<std::map<std::int64_t, Applied>> applied_migrations(EngineConnection &connection) {
    std::map<std::int64_t, Applied> applied;
    auto read = connection.each("SELECT version, name, checksum FROM schema_migration", {},
                                [&](const Row &row) {
                                    applied[row.integer(0)] = {row.text(1), row.text(2)};
                                    return true;
                                });
    if (!read) return tl::unexpected(read.error());
    return applied;
}

Expected<void> check_applied(const std::map<std::int64_t, Applied> &applied,
                             const std::vector<Migration> &migrations) {
    for (const auto &[version, was] : applied) {
        const auto known = std::find_if(migrations.begin(), migrations.end(),
                                        [&](const Migration &m) { return m.version == version; });
        if (known == migrations.end()) {
            return fail(ProblemKind::unavailable, "storage.database_newer",
                        {{"file", fmt::format("{:03}_{}.sql", version, was.name)},
                         {"remedy", "start the newer version of Fernamt that wrote this database, "
                                    "or restore a backup made before the upgrade"}});
        }
        if (known->checksum != was.checksum) {
            return fail(
                ProblemKind::unavailable, "storage.migration_changed",
                {{"file", known->file},
                 {"remedy", "bring the file back to the text that was applied and put the "
                            "change into a new migration; a demo's database may be deleted"}});
        }
    }
    return {};
}

Expected<void> apply(EngineConnection &connection, const Migration &migration) {
    const bool sqlite = connection.engine() == Engine::sqlite;
    if (auto begun = connection.script(sqlite ? "BEGIN IMMEDIATE" : "BEGIN"); !begun) return begun;
    auto done = connection.script(migration.sql);
    if (done) {
        auto noted = connection.run(
            "INSERT INTO schema_migration (version, name, checksum, "
            "applied_at) VALUES ($1, $2, $3, $4)",
            {migration.version, migration.name, migration.checksum, SystemClock{}.now().us});
        if (!noted) done = tl::unexpected(noted.error());
    }
    if (done) done = connection.script("COMMIT");
    if (done) return done;
    Problem problem = done.error();
    (void)connection.script("ROLLBACK");
    problem.arguments.emplace_back("file", migration.file);
    return tl::unexpected(problem);
}

Expected<void> migrate_locked(EngineConnection &connection,
                              const std::vector<Migration> &migrations) {
    if (auto made = connection.script(expand(kCreateTable, connection.engine())); !made)
        return made;
    auto applied = applied_migrations(connection);
    if (!applied) return tl::unexpected(applied.error());
    if (auto checked = check_applied(*applied, migrations); !checked) return checked;
    for (const Migration &migration : migrations) {
        if (applied->contains(migration.version)) continue;
        if (auto done = apply(connection, migration); !done) return done;
        log::debug("storage.migrated", {{"file", migration.file}});
    }
    return {};
}

} // namespace

Expected<std::vector<Migration>> migrations_for(Engine engine,
                                                const std::vector<MigrationFile> &files) {
    std::map<std::int64_t, Migration> found;
    for (const MigrationFile &file : files) {
        const std::int64_t version = std::stoll(std::string(file.name.substr(0, 3)));
        const std::string name(file.name.substr(4, file.name.find('.') - 4));
        Migration &migration = found[version];
        if (!migration.name.empty() && migration.name != name) {
            return fail(ProblemKind::internal, "storage.migration_number",
                        {{"file", std::string(file.name)}, {"other", migration.file}});
        }
        migration.version = version;
        migration.name = name;
        if (!is_for(file.name, engine)) continue;
        if (migration.file.empty()) migration.file = std::string(file.name);
        // In order of names "010_people.postgres.sql" comes before "010_people.sql".
        const bool is_common = file.name.find('.') == file.name.rfind('.');
        std::string sql = expand(file.sql, engine);
        migration.sql = is_common ? sql + "\n" + migration.sql : migration.sql + "\n" + sql;
    }
    std::vector<Migration> migrations;
    for (auto &[version, migration] : found) {
        if (migration.file.empty()) continue; // only for the other engine
        migration.checksum = checksum_of(migration.sql);
        migrations.push_back(std::move(migration));
    }
    return migrations;
}

Expected<void> migrate(EngineConnection &connection, const std::vector<Migration> &migrations) {
    if (connection.engine() == Engine::sqlite) return migrate_locked(connection, migrations);
    const auto ignore = [](const Row &) { return true; };
    if (auto locked = connection.each("SELECT pg_advisory_lock($1)", {kLock}, ignore); !locked) {
        return locked;
    }
    auto done = migrate_locked(connection, migrations);
    (void)connection.each("SELECT pg_advisory_unlock($1)", {kLock}, ignore);
    return done;
}

Expected<void> check_migrated(EngineConnection &connection,
                              const std::vector<Migration> &migrations) {
    auto applied = applied_migrations(connection);
    if (!applied) return tl::unexpected(applied.error());
    if (auto checked = check_applied(*applied, migrations); !checked) return checked;
    for (const Migration &migration : migrations) {
        if (applied->contains(migration.version)) continue;
        return fail(
            ProblemKind::unavailable, "storage.migration_missing",
            {{"file", migration.file},
             {"remedy", "start this version of Fernamt once so that it upgrades the database"}});
    }
    return {};
}

} // namespace fernamt::storage
