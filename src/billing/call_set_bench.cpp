// SPDX-License-Identifier: EUPL-1.2
// Ten million calls of 22 municipalities from a SQLite file that no page of is in memory, to each
// month's sums on the program's own way (budget 10 s). The calls are those of
// agreements/rating_bench.cpp, like_duckdb, and of script/bench_duckdb.mjs: the same cents. They
// are written as call_set.cpp writes them, in the order in which calls come, and packed as the days
// go by, so that the municipalities' pages lie among each other as they do in a house. Needs 300 MB
// beside the temporary directory.
#include "billing/billing_samples.h"
#include "billing/call_set.h"
#include "billing/demo_billing.h"
#include "storage/test_database.h"

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

namespace fernamt::billing {
namespace {

constexpr std::int64_t kCalls = 10'000'000;
constexpr std::int64_t kTowns = 22;
constexpr Month kJanuary{2026, 1};

MunicipalityId town(std::int64_t at) {
    return MunicipalityId{32410000000 + at * 1001};
}

Instant offered_at(std::int64_t call) {
    const Instant begin = begin_of(kJanuary);
    return begin + (end_of(kJanuary) - begin) / kCalls * call;
}

Expected<void> write_calls(storage::Database &database, std::int64_t first, std::int64_t count) {
    return database.write([&](storage::Connection &connection) -> Expected<void> {
        const std::string kind{to_string(agreements::CallKind::own_number)};
        for (std::int64_t n = first; n < first + count; ++n) {
            const auto written = connection.run(
                "INSERT INTO billing_call (call_id, municipality, offered_at, kind, own_kind, "
                "talk_us, work_us, price_class) VALUES ($1, $2, $3, $4, $4, $5, $6, 0)",
                {n + 1, town(n * 7 % kTowns).value, offered_at(n).us, kind,
                 n * 7'919 % 600 * 1'000'000, n * 104'729 % 90 * 1'000'000});
            if (!written) return tl::unexpected(written.error());
        }
        return {};
    });
}

// What the kernel keeps of the file goes; the disk's own memory stays.
void forget(const std::string &directory) {
    for (const auto &file : std::filesystem::directory_iterator(directory)) {
        const int descriptor = ::open(file.path().c_str(), O_RDONLY | O_CLOEXEC);
        if (descriptor < 0) continue;
        (void)::fsync(descriptor);
        (void)::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
        (void)::close(descriptor);
    }
}

void ten_million_from_cold_sqlite(benchmark::State &state) {
    storage::testing::TestDatabase database{storage::Engine::sqlite};
    std::vector<MunicipalityId> towns;
    for (std::int64_t i = 0; i < kTowns; ++i)
        towns.push_back(town(i));
    if (!seed_demo_prices(database.open(), towns)) return state.SkipWithError("no prices");
    constexpr std::int64_t kBatch = 200'000;
    for (std::int64_t first = 0; first < kCalls; first += kBatch) {
        if (!write_calls(database.open(), first, kBatch)) return state.SkipWithError("not written");
        if (!pack_days_before(database.open(), offered_at(first + kBatch))) {
            return state.SkipWithError("not packed");
        }
    }
    std::int64_t cents = 0;
    std::int64_t calls = 0;
    for (auto _ : state) {
        state.PauseTiming();
        database.close();
        forget(database.directory());
        state.ResumeTiming();
        const auto list = invoice_summaries(database.open(), towns, kJanuary);
        if (!list) return state.SkipWithError("not summed");
        cents = calls = 0;
        for (const InvoiceSummary &each : *list) {
            cents += each.total.cents;
            calls += each.calls;
        }
    }
    state.counters["cents"] = static_cast<double>(cents); // below 2^53: exact
    state.counters["calls"] = static_cast<double>(calls);
}
BENCHMARK(ten_million_from_cold_sqlite)->Unit(benchmark::kMillisecond)->Iterations(3);

} // namespace
} // namespace fernamt::billing
