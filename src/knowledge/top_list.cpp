// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/local_text.h"
#include "knowledge/matrix.h"

#include <fmt/format.h>

#include <set>

namespace fernamt::knowledge {

namespace {

Expected<TopList> read(storage::Connection &connection) {
    TopList list;
    auto done = connection.each("SELECT version FROM knowledge_top_state WHERE id = 1", {},
                                [&](const storage::Row &row) {
                                    list.version = row.integer(0);
                                    return false;
                                });
    if (!done) return tl::unexpected(done.error());
    done = connection.each("SELECT service FROM knowledge_top ORDER BY position", {},
                           [&](const storage::Row &row) {
                               list.services.emplace_back(ServiceId{row.integer(0)});
                               return true;
                           });
    if (!done) return tl::unexpected(done.error());
    return list;
}

Expected<void> write(storage::Connection &connection, const std::vector<ServiceId> &services) {
    auto done = connection.run("DELETE FROM knowledge_top");
    if (!done) return tl::unexpected(done.error());
    std::int64_t position = 0;
    for (const ServiceId service : services) {
        if (auto known = check_service(connection, service); !known) return known;
        done = connection.run("INSERT INTO knowledge_top (position, service) VALUES ($1, $2)",
                              {++position, service.value});
        if (!done) return tl::unexpected(done.error());
    }
    done = connection.run("UPDATE knowledge_top_state SET version = version + 1 WHERE id = 1");
    if (!done) return tl::unexpected(done.error());
    return {};
}

} // namespace

Expected<TopList> top_list(storage::Database &database) {
    TopList list;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        auto found = read(connection);
        if (!found) return tl::unexpected(found.error());
        list = std::move(*found);
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return list;
}

Expected<std::int64_t> set_top_list(storage::Database &database, const TopList &wanted,
                                    const Audit &audit) {
    const std::set<ServiceId> once(wanted.services.begin(), wanted.services.end());
    if (once.size() != wanted.services.size() || once.size() > kLongestTopList) {
        return fail(ProblemKind::invalid_input, "knowledge.text_invalid", {{"field", "services"}});
    }
    const auto done = database.write([&](storage::Connection &connection) -> Expected<void> {
        const auto there = read(connection);
        if (!there) return tl::unexpected(there.error());
        if (there->version != wanted.version) {
            return fail(ProblemKind::stale, "knowledge.top_list_stale",
                        {{"version", fmt::format("{}", there->version)}});
        }
        if (auto written = write(connection, wanted.services); !written) return written;
        return audit ? audit(connection) : Expected<void>{};
    });
    if (!done) return tl::unexpected(done.error());
    return wanted.version + 1;
}

} // namespace fernamt::knowledge
