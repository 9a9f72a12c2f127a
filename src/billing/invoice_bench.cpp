// SPDX-License-Identifier: EUPL-1.2
// Reading and rating from a ledger that holds a year: 200,000 calls of 22 municipalities.
#include "billing/billing_samples.h"
#include "billing/invoice.h"
#include "storage/test_database.h"

#include <benchmark/benchmark.h>

namespace fernamt::billing {
namespace {

struct Year {
    storage::testing::TestDatabase database{storage::Engine::sqlite};
    std::unique_ptr<ledger::Ledger> ledger;
    std::vector<MunicipalityId> municipalities;

    Year() {
        for (int i = 0; i < 22; ++i)
            municipalities.push_back({32410000000 + i * 1001});
        (void)seed_demo_prices(database.open(), municipalities);
        ledger = ledger::Ledger::open(database.open()).value();
        const Instant begin = begin_of({2026, 1});
        const Instant end = begin_of({2027, 1});
        std::vector<ledger::NewEntry> entries;
        for (std::int64_t i = 0; i < 200'000; ++i) {
            const Instant offered = begin + (end - begin) / 200'000 * i;
            const MunicipalityId where = municipalities[static_cast<std::size_t>(i * 7 % 22)];
            const CallFact fact = samples::call(i + 1, offered, std::chrono::seconds{120});
            const Instant ended = offered + std::chrono::seconds{125};
            entries.push_back(samples::offered_entry(where, fact.call, offered));
            entries.push_back(samples::end_entry(where, fact, ended));
            entries.push_back(samples::work_entry(where, fact.call, std::chrono::seconds{45},
                                                  ended + std::chrono::seconds{45}));
            if (entries.size() < 3000) continue;
            (void)ledger->append_and_wait(std::move(entries));
            entries.clear();
        }
    }
};

Year &year() {
    static Year made;
    return made;
}

void invoice_of_one_month(benchmark::State &state) {
    Year &the = year();
    for (auto _ : state) {
        auto invoice = make_invoice(the.database.open(), the.municipalities[3], samples::kNovember);
        if (!invoice || invoice->calls == 0) state.SkipWithError("no invoice");
        benchmark::DoNotOptimize(invoice);
    }
}
BENCHMARK(invoice_of_one_month)->Unit(benchmark::kMillisecond);

void month_list_of_22_municipalities(benchmark::State &state) {
    Year &the = year();
    for (auto _ : state) {
        auto list = invoice_summaries(the.database.open(), the.municipalities, samples::kNovember);
        if (!list || list->front().calls == 0) state.SkipWithError("no list");
        benchmark::DoNotOptimize(list);
    }
}
BENCHMARK(month_list_of_22_municipalities)->Unit(benchmark::kMillisecond);

} // namespace
} // namespace fernamt::billing
