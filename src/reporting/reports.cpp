// SPDX-License-Identifier: EUPL-1.2
#include "reporting/reports.h"

#include <string>
#include <string_view>
#include <vector>

namespace fernamt::reporting {

namespace {

constexpr std::string_view kColumns =
    "SELECT call_id, municipality, number, offered_at, answered_at, ended_at, end_reason, "
    "announced, talk_us, transferred_us, after_call_work_us, first_seq, last_seq FROM call_record ";

std::optional<Instant> optional_time(const storage::Row &row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return Instant{row.integer(column)};
}

std::optional<routing::EndReason> parse_end_reason(std::string_view text) {
    using enum routing::EndReason;
    for (const auto reason :
         {completed, abandoned, closed, unknown_number, nobody_available, transferred, failed}) {
        if (to_string(reason) == text) return reason;
    }
    return std::nullopt;
}

std::optional<routing::Announcement> parse_announcement(std::string_view text) {
    using enum routing::Announcement;
    for (const auto kind : {greeting, waiting_music, closed, unknown_number, nobody_available}) {
        if (to_string(kind) == text) return kind;
    }
    return std::nullopt;
}

CallRecord to_record(const storage::Row &row) {
    CallRecord record;
    record.call = CallId{row.integer(0)};
    if (!row.is_null(1)) record.municipality = MunicipalityId{row.integer(1)};
    if (!row.is_null(2)) record.number = PhoneNumber{row.text(2)};
    record.offered_at = Instant{row.integer(3)};
    record.answered_at = optional_time(row, 4);
    record.ended_at = optional_time(row, 5);
    if (!row.is_null(6)) record.end_reason = parse_end_reason(row.text(6));
    if (!row.is_null(7)) record.announced = parse_announcement(row.text(7));
    record.talk = Duration{row.integer(8)};
    record.transferred = Duration{row.integer(9)};
    record.after_call_work = Duration{row.integer(10)};
    record.first_seq = row.integer(11);
    record.last_seq = row.integer(12);
    return record;
}

} // namespace

Period local_day(const LocalDate &date) {
    return {to_instant(date, 0), to_instant(add_days(date, 1), 0)};
}

Expected<std::optional<CallRecord>> Reports::call(CallId id) {
    std::optional<CallRecord> found;
    const std::string sql = std::string(kColumns) + "WHERE call_id = $1";
    auto read = database_.read([&](storage::Connection &connection) {
        return connection.each(sql, {storage::Value{id.value}}, [&](const storage::Row &row) {
            found = to_record(row);
            return false;
        });
    });
    if (!read) return tl::unexpected(read.error());
    return found;
}

Expected<Report> Reports::report(const Period &period, std::optional<MunicipalityId> only) {
    std::string sql = std::string(kColumns) + "WHERE offered_at >= $1 AND offered_at < $2";
    std::vector<storage::Value> parameters{period.from.us, period.to.us};
    if (only) {
        sql += " AND municipality = $3";
        parameters.emplace_back(only->value);
    }

    KeyFigureSum total;
    std::array<KeyFigureSum, 24> per_hour;
    std::map<MunicipalityId, KeyFigureSum> municipalities;
    const auto add = [&](const storage::Row &row) {
        const CallRecord record = to_record(row);
        total.add(record);
        const int hour = to_local(record.offered_at).second_of_day / 3600;
        per_hour.at(static_cast<std::size_t>(hour)).add(record);
        if (record.municipality) municipalities[*record.municipality].add(record);
        return true;
    };
    auto read = database_.read(
        [&](storage::Connection &connection) { return connection.each(sql, parameters, add); });
    if (!read) return tl::unexpected(read.error());

    Report report;
    report.total = total.figures();
    for (std::size_t hour = 0; hour < per_hour.size(); ++hour) {
        report.per_hour.at(hour) = per_hour.at(hour).figures();
    }
    for (const auto &[id, sum] : municipalities)
        report.municipalities[id] = sum.figures();
    return report;
}

} // namespace fernamt::reporting
