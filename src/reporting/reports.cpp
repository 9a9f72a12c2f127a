// SPDX-License-Identifier: EUPL-1.2
#include "reporting/reports.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::reporting {

namespace {

constexpr std::string_view kColumns =
    "SELECT call_id, municipality, number, offered_at, answered_at, ended_at, end_reason, "
    "reached, talk_us, transferred_us, after_call_work_us, first_seq, last_seq, scope, queue, "
    "crisis, from_partner, to_partner, dialled, transfers, callback_at, callback_attempts "
    "FROM call_record ";

std::optional<Instant> optional_time(const storage::Row &row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return Instant{row.integer(column)};
}

template <class Enum>
std::optional<Enum> named(std::string_view text, std::initializer_list<Enum> values) {
    const auto *found =
        std::ranges::find_if(values, [&](Enum value) { return to_string(value) == text; });
    return found == values.end() ? std::nullopt : std::optional(*found);
}

std::optional<routing::EndReason> parse_end_reason(std::string_view text) {
    using enum routing::EndReason;
    return named(text, {completed, abandoned, closed, unknown_number, nobody_available, transferred,
                        failed, taken_by_office, taken_by_partner, callback_given_up,
                        callback_replaced, callback_withdrawn});
}

std::optional<Reached> parse_reached(std::string_view text) {
    using enum Reached;
    return named(text, {office, closed, closed_partner, unknown_number, nobody_available, centre});
}

routing::Scope parse_scope(std::string_view text) {
    using enum routing::Scope;
    return named(text, {central, authority_115, department, it_faults, public_order, test_calls,
                        internal})
        .value_or(central);
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
    if (!row.is_null(7)) record.reached = parse_reached(row.text(7));
    record.talk = Duration{row.integer(8)};
    record.transferred = Duration{row.integer(9)};
    record.after_call_work = Duration{row.integer(10)};
    record.first_seq = row.integer(11);
    record.last_seq = row.integer(12);
    record.scope = parse_scope(row.text(13));
    record.queue = routing::QueueId{row.integer(14)};
    record.crisis = routing::CrisisId{row.integer(15)};
    record.from = routing::PartnerId{row.integer(16)};
    record.to = routing::PartnerId{row.integer(17)};
    if (!row.is_null(18)) record.dialled = MunicipalityId{row.integer(18)};
    record.transfers = row.integer(19);
    record.callback_at = optional_time(row, 20);
    record.callback_attempts = row.integer(21);
    return record;
}

// A call whose record names a crisis has ended; it belongs to the time in which it was answered.
constexpr std::string_view kCrises =
    "SELECT r.crisis, r.began_at, r.ended_at, r.offered, r.answered, r.abandoned, r.helpers, "
    "r.waiting, r.talk_us, r.after_call_work_us, r.waited_us, r.longest_wait_us, "
    "COUNT(c.call_id), CAST(COALESCE(SUM(c.talk_us), 0) AS BIGINT), "
    "CAST(COALESCE(SUM(c.after_call_work_us), 0) AS BIGINT) "
    "FROM crisis_report r LEFT JOIN call_record c ON c.crisis = r.crisis "
    "AND c.answered_at >= r.began_at AND c.answered_at <= r.ended_at "
    "WHERE CAST($1 AS BIGINT) = 0 OR r.crisis = $1 GROUP BY r.seq ORDER BY r.seq DESC";

CrisisRecord read_crisis(const storage::Row &row) {
    CrisisRecord record;
    record.crisis = routing::CrisisId{row.integer(0)};
    record.began_at = Instant{row.integer(1)};
    record.ended_at = Instant{row.integer(2)};
    routing::CrisisFacts &facts = record.facts;
    facts.offered = row.integer(3);
    facts.answered = row.integer(4);
    facts.abandoned = row.integer(5);
    facts.helpers = row.integer(6);
    facts.waiting = row.integer(7);
    // Sealed with the crisis; the conversations that have ended since make it more.
    facts.talk = std::max(Duration{row.integer(8)}, Duration{row.integer(13)});
    facts.after_call_work = std::max(Duration{row.integer(9)}, Duration{row.integer(14)});
    facts.waited = Duration{row.integer(10)};
    facts.longest_wait = Duration{row.integer(11)};
    record.running = std::max<std::int64_t>(facts.answered - row.integer(12), 0);
    return record;
}

// What a report counts and no record names need not run: older programs wrote no crisis, and
// records are erased. No call lives for a month.
constexpr std::string_view kStillRun =
    "SELECT COUNT(*) FROM call_record WHERE offered_at >= $1 AND offered_at <= $3 "
    "AND answered_at >= $2 AND answered_at <= $3 AND ended_at IS NULL";
constexpr Duration kLongestCall = std::chrono::hours{24 * 31};

Expected<void> count_running(storage::Connection &connection, CrisisRecord &record) {
    if (record.running == 0) return {};
    return connection.each(
        kStillRun, {(record.began_at - kLongestCall).us, record.began_at.us, record.ended_at.us},
        [&](const storage::Row &row) {
            record.running = std::min(record.running, row.integer(0));
            return false;
        });
}

using Towns = std::map<MunicipalityId, KeyFigureSum>;

// Empty: there are some, and no municipality tells its own.
std::optional<CallbackFigures> told_callbacks(const Towns &towns) {
    CallbackSum sum;
    bool hidden = false;
    for (const auto &[id, town] : towns) {
        if (town.callbacks().told()) {
            sum.add(town.callbacks());
        } else {
            hidden = true;
        }
    }
    auto told = sum.told();
    if (hidden && told && told->asked == 0) told.reset();
    return told;
}

std::string in_period(std::string_view before, std::string_view after) {
    return std::string(before) + " WHERE offered_at >= $1 AND offered_at < $2 " +
           std::string(after);
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

Expected<Report> Reports::report(const Period &period, std::optional<MunicipalityId> only,
                                 const Targets &targets) {
    std::string sql = std::string(kColumns) + "WHERE offered_at >= $1 AND offered_at < $2";
    std::vector<storage::Value> parameters{period.from.us, period.to.us};
    if (only) {
        sql += " AND municipality = $3";
        parameters.emplace_back(only->value);
    }

    KeyFigureSum total, authority_115;
    std::array<KeyFigureSum, 24> per_hour;
    Towns municipalities, towns_on_115;
    const auto add = [&](const storage::Row &row) {
        const CallRecord record = to_record(row);
        const LocalTime at = to_local(record.offered_at);
        const Target target = targets.on(record.municipality, at.date);
        total.add(record, target);
        per_hour.at(static_cast<std::size_t>(at.second_of_day / 3600)).add(record, target);
        if (record.municipality) municipalities[*record.municipality].add(record, target);
        if (record.scope == routing::Scope::authority_115) {
            authority_115.add(record);
            if (record.municipality) towns_on_115[*record.municipality].add(record);
        }
        return true;
    };
    auto read = database_.read(
        [&](storage::Connection &connection) { return connection.each(sql, parameters, add); });
    if (!read) return tl::unexpected(read.error());

    Report report;
    report.total = total.figures();
    report.total.callbacks = told_callbacks(municipalities);
    report.authority_115 = authority_115.figures();
    report.authority_115.callbacks = told_callbacks(towns_on_115);
    for (std::size_t hour = 0; hour < per_hour.size(); ++hour) {
        report.per_hour.at(hour) = per_hour.at(hour).figures();
        report.per_hour.at(hour).callbacks.reset();
    }
    for (const auto &[id, sum] : municipalities)
        report.municipalities[id] = sum.figures();
    return report;
}

Expected<std::vector<Misroute>> Reports::misroutes(const Period &period,
                                                   std::optional<MunicipalityId> only) {
    std::string sql = in_period("SELECT dialled, municipality, COUNT(*) FROM call_record",
                                "AND dialled IS NOT NULL AND dialled <> municipality ");
    std::vector<storage::Value> parameters{period.from.us, period.to.us};
    if (only) {
        sql += "AND (dialled = $3 OR municipality = $3) ";
        parameters.emplace_back(only->value);
    }
    // A constant of ours, not input.
    sql += "GROUP BY dialled, municipality HAVING COUNT(*) >= " + std::to_string(kFewestCalls) +
           " ORDER BY 3 DESC, 1, 2";
    std::vector<Misroute> found;
    auto read = database_.read([&](storage::Connection &connection) {
        found.clear();
        return connection.each(sql, parameters, [&](const storage::Row &row) {
            found.push_back(
                {MunicipalityId{row.integer(0)}, MunicipalityId{row.integer(1)}, row.integer(2)});
            return true;
        });
    });
    if (!read) return tl::unexpected(read.error());
    return found;
}

Expected<std::vector<CrisisRecord>> Reports::crises(std::optional<routing::CrisisId> only) {
    std::vector<CrisisRecord> found;
    auto read = database_.read([&](storage::Connection &connection) {
        found.clear();
        auto done = connection.each(kCrises, {only ? only->value : std::int64_t{0}},
                                    [&](const storage::Row &row) {
                                        found.push_back(read_crisis(row));
                                        return true;
                                    });
        for (auto record = found.begin(); done && record != found.end(); ++record)
            done = count_running(connection, *record);
        return done;
    });
    if (!read) return tl::unexpected(read.error());
    return found;
}

Expected<std::optional<Instant>> Reports::latest_call(Instant before) {
    std::optional<Instant> latest;
    auto read = database_.read([&](storage::Connection &connection) {
        latest.reset();
        return connection.each("SELECT MAX(offered_at) FROM call_record WHERE offered_at < $1 "
                               "AND call_id < $2",
                               {before.us, kFirstImportedCall}, [&](const storage::Row &row) {
                                   if (!row.is_null(0)) latest = Instant{row.integer(0)};
                                   return false;
                               });
    });
    if (!read) return tl::unexpected(read.error());
    return latest;
}

Expected<std::int64_t> Reports::first_seq_since(Instant at) {
    std::int64_t seq = 0;
    auto read = database_.read([&](storage::Connection &connection) {
        return connection.each("SELECT MIN(first_seq) FROM call_record WHERE offered_at >= $1 "
                               "AND call_id < $2",
                               {at.us, kFirstImportedCall}, [&](const storage::Row &row) {
                                   seq = row.integer(0);
                                   return false;
                               });
    });
    if (!read) return tl::unexpected(read.error());
    return seq;
}

} // namespace fernamt::reporting
