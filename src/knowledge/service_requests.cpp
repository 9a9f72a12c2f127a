// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/service_requests.h"

#include "knowledge/bulk_rows.h"
#include "knowledge/local_text.h"

#include <fmt/format.h>

namespace fernamt::knowledge {

Expected<void> note_request(storage::Database &database, CallId call, ServiceId service,
                            MunicipalityId municipality, const LocalDate &today) {
    return database.write([&](storage::Connection &connection) -> Expected<void> {
        if (auto known = check_service(connection, service); !known) return known;
        return run(connection,
                   "INSERT INTO knowledge_call_service (call, service, municipality, opened_on) "
                   "VALUES ($1, $2, $3, $4) ON CONFLICT (call, service) DO NOTHING",
                   {call.value, service.value, municipality.value, to_string(today)});
    });
}

Expected<std::int64_t> erase_old_requests(storage::Database &database, const LocalDate &today) {
    std::int64_t erased = 0;
    const auto done = database.write([&](storage::Connection &connection) -> Expected<void> {
        const auto gone = connection.run("DELETE FROM knowledge_call_service WHERE opened_on < $1",
                                         {to_string(add_days(today, -kKeptDays))});
        if (!gone) return tl::unexpected(gone.error());
        erased = *gone;
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return erased;
}

Expected<std::vector<RequestedService>>
requested_services(storage::Database &database, const LocalDate &from, const LocalDate &to,
                   std::optional<MunicipalityId> municipality) {
    std::string sql = "SELECT c.service, s.name, COUNT(*) FROM knowledge_call_service c JOIN "
                      "knowledge_public_service s ON s.id = c.service WHERE c.opened_on >= $1 AND "
                      "c.opened_on <= $2 ";
    std::vector<storage::Value> values{to_string(from), to_string(to)};
    if (municipality) {
        sql += "AND c.municipality = $3 ";
        values.emplace_back(municipality->value);
    }
    // A constant of ours, not input.
    sql += fmt::format("GROUP BY c.service, s.name HAVING COUNT(*) >= {} ORDER BY COUNT(*) DESC, "
                       "s.name, c.service LIMIT 200",
                       kFewestCalls);
    std::vector<RequestedService> all;
    const auto done = database.read([&](storage::Connection &connection) {
        all.clear();
        return connection.each(sql, values, [&](const storage::Row &row) {
            all.push_back({ServiceId{row.integer(0)}, row.text(1), row.integer(2)});
            return true;
        });
    });
    if (!done) return tl::unexpected(done.error());
    return all;
}

} // namespace fernamt::knowledge
