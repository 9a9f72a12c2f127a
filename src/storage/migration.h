// SPDX-License-Identifier: EUPL-1.2
// Forward-only migrations, embedded at build time from migrations/NNN_name.sql, with an optional
// NNN_name.sqlite.sql or NNN_name.postgres.sql that runs after it in the same transaction. One text
// serves both engines through tokens: @i64 @id @blob @json @real @strict. What counts is the set of
// applied versions, not the highest one: rooms number their files in ranges of their own. Changed
// or unknown applied migrations are refused with the file's name and the remedy.
#pragma once

#include "storage/engine.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::storage {

struct MigrationFile {
    std::string_view name; // "010_people.sql"
    std::string_view sql;
};
[[nodiscard]] const std::vector<MigrationFile> &embedded_migrations();

struct Migration {
    std::int64_t version = 0;
    std::string name; // "people"
    std::string file; // "010_people.sql"
    std::string sql;  // expanded for the engine
    std::string checksum;
};

// In order of version. Two names for one version are a Problem ("storage.migration_number").
[[nodiscard]] Expected<std::vector<Migration>>
migrations_for(Engine engine, const std::vector<MigrationFile> &files);

// Applies what is missing, each in its own transaction, under a lock against other processes.
[[nodiscard]] Expected<void> migrate(EngineConnection &connection,
                                     const std::vector<Migration> &migrations);
// The same refusals without writing; missing ones are "storage.migration_missing".
[[nodiscard]] Expected<void> check_migrated(EngineConnection &connection,
                                            const std::vector<Migration> &migrations);

} // namespace fernamt::storage
