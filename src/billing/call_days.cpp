// SPDX-License-Identifier: EUPL-1.2
#include "billing/call_days.h"

#include "base/calendar.h"
#include "storage/statement.h"

#include <algorithm>
#include <string>
#include <vector>

namespace fernamt::billing {

namespace {

constexpr std::string_view kRows =
    "SELECT call_id, offered_at, kind, own_kind, talk_us, work_us, price_class FROM billing_call "
    "WHERE municipality = $1 AND offered_at >= $2 AND offered_at < $3";
constexpr std::string_view kForgetRows =
    "DELETE FROM billing_call WHERE municipality = $1 AND offered_at >= $2 AND offered_at < $3";
constexpr std::string_view kRow = "INSERT INTO billing_call (call_id, municipality, offered_at, "
                                  "kind, own_kind, talk_us, work_us, price_class) "
                                  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
constexpr std::string_view kBlocks = "SELECT calls FROM billing_call_block "
                                     "WHERE municipality = $1 AND day >= $2 AND day < $3";
constexpr std::string_view kForgetBlock =
    "DELETE FROM billing_call_block WHERE municipality = $1 AND day = $2";
constexpr std::string_view kBlock =
    "INSERT INTO billing_call_block (municipality, day, first_call, last_call, calls) "
    "VALUES ($1, $2, $3, $4, $5)";
constexpr std::string_view kPerhapsWith = "SELECT municipality, day, calls FROM billing_call_block "
                                          "WHERE last_call >= $1 AND first_call <= $1";
constexpr std::string_view kOldest = "SELECT municipality, offered_at FROM billing_call "
                                     "WHERE offered_at > $1 AND offered_at < $2 "
                                     "ORDER BY offered_at LIMIT 1";

Instant begin_of_day(Instant at) {
    return to_instant(to_local(at).date, 0);
}
Instant end_of_day(Instant begin) {
    return to_instant(add_days(to_local(begin).date, 1), 0);
}

Expected<KnownCall> to_call(const storage::Row &row) {
    const auto kind = agreements::parse_call_kind(row.text(2));
    const auto own_kind = agreements::parse_call_kind(row.text(3));
    if (!kind || !own_kind) return fail(ProblemKind::internal, "billing.kind_unknown");
    return KnownCall{.call = CallId{row.integer(0)},
                     .offered_at = Instant{row.integer(1)},
                     .kind = *kind,
                     .own_kind = *own_kind,
                     .talk = Duration{row.integer(4)},
                     .work = Duration{row.integer(5)},
                     .price_class = row.integer(6)};
}

// each() with a problem of its own that ends it.
using OnRow = std::function<Expected<void>(const storage::Row &)>;
Expected<void> each_row(storage::Connection &connection, std::string_view sql,
                        const std::vector<storage::Value> &parameters, const OnRow &on_row) {
    Expected<void> taken;
    const auto read = connection.each(sql, parameters, [&](const storage::Row &row) {
        taken = on_row(row);
        return taken.has_value();
    });
    if (!read) return read;
    return taken;
}

Expected<void> insert_row(storage::Connection &connection, MunicipalityId municipality,
                          const KnownCall &call) {
    return storage::run(connection, kRow,
                        {call.call.value, municipality.value, call.offered_at.us,
                         std::string{to_string(call.kind)}, std::string{to_string(call.own_kind)},
                         std::int64_t{call.talk.count()}, std::int64_t{call.work.count()},
                         call.price_class});
}

} // namespace

Expected<std::optional<CallDay>> packed_day_of(storage::Connection &connection, CallId call) {
    std::optional<CallDay> day;
    const auto looked = each_row(
        connection, kPerhapsWith, {call.value}, [&](const storage::Row &row) -> Expected<void> {
            const auto calls = unpack(row.blob(2));
            if (!calls) return tl::unexpected(calls.error());
            if (std::ranges::binary_search(*calls, call, {}, &KnownCall::call)) {
                day = CallDay{MunicipalityId{row.integer(0)}, Instant{row.integer(1)}};
            }
            return {};
        });
    if (!looked) return tl::unexpected(looked.error());
    return day;
}

Expected<void> open_day(storage::Connection &connection, const CallDay &day) {
    std::vector<KnownCall> calls;
    const auto read =
        each_row(connection, kBlocks, {day.municipality.value, day.begin.us, day.begin.us + 1},
                 [&](const storage::Row &row) -> Expected<void> {
                     auto block = unpack(row.blob(0));
                     if (!block) return tl::unexpected(block.error());
                     calls = std::move(*block);
                     return {};
                 });
    if (!read) return read;
    for (const KnownCall &call : calls) {
        if (auto written = insert_row(connection, day.municipality, call); !written) return written;
    }
    return storage::run(connection, kForgetBlock, {day.municipality.value, day.begin.us});
}

Expected<bool> pack_day(storage::Connection &connection, const CallDay &day) {
    std::vector<KnownCall> calls;
    const Instant end = end_of_day(day.begin);
    const auto read = each_call(connection, day.municipality, day.begin, end,
                                [&](const KnownCall &call) -> Expected<void> {
                                    calls.push_back(call);
                                    return {};
                                });
    if (!read) return tl::unexpected(read.error());
    if (calls.empty()) return false;
    const auto [first, last] = std::ranges::minmax(calls, {}, &KnownCall::call);
    auto done = storage::run(connection, kForgetBlock, {day.municipality.value, day.begin.us});
    if (done) {
        done = storage::run(connection, kBlock,
                            {day.municipality.value, day.begin.us, first.call.value,
                             last.call.value, pack(std::move(calls))});
    }
    if (done) {
        done =
            storage::run(connection, kForgetRows, {day.municipality.value, day.begin.us, end.us});
    }
    if (!done) return tl::unexpected(done.error());
    return true;
}

Expected<std::optional<OpenDay>> oldest_open_day(storage::Connection &connection, Instant after,
                                                 Instant before) {
    std::optional<OpenDay> day;
    const auto read = connection.each(kOldest, {after.us, before.us}, [&](const storage::Row &row) {
        const Instant offered_at{row.integer(1)};
        day = OpenDay{{MunicipalityId{row.integer(0)}, begin_of_day(offered_at)}, offered_at};
        return false;
    });
    if (!read) return tl::unexpected(read.error());
    return day;
}

Expected<void> each_call(storage::Connection &connection, MunicipalityId municipality,
                         Instant begin, Instant end, const OnCall &on_call) {
    const std::vector<storage::Value> days{municipality.value, begin.us, end.us};
    const auto blocks =
        each_row(connection, kBlocks, days, [&](const storage::Row &row) -> Expected<void> {
            const auto calls = unpack(row.blob(0));
            if (!calls) return tl::unexpected(calls.error());
            for (const KnownCall &call : *calls) {
                if (auto taken = on_call(call); !taken) return taken;
            }
            return {};
        });
    if (!blocks) return blocks;
    return each_row(connection, kRows, days, [&](const storage::Row &row) -> Expected<void> {
        const auto call = to_call(row);
        if (!call) return tl::unexpected(call.error());
        return on_call(*call);
    });
}

} // namespace fernamt::billing
