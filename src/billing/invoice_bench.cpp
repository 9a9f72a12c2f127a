// SPDX-License-Identifier: EUPL-1.2
// Reading and rating from a ledger that holds a year: 200,000 calls of 22 municipalities; a month's
// documents of all of them (budget 5 s); a thousand runs that must not differ by a byte.
#include "billing/billing_samples.h"
#include "billing/demo_billing.h"
#include "billing/evidence_table.h"
#include "billing/invoice.h"
#include "billing/invoice_book.h"
#include "billing/invoice_pdf.h"
#include "billing/re_run_samples.h"
#include "billing/xrechnung.h"
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

// Rated from the ledger, written as letter with every call, XRechnung, CSV and evidence.
void documents_of_22_municipalities(benchmark::State &state) {
    Year &the = year();
    std::vector<agreements::TemplateTown> towns;
    for (const MunicipalityId municipality : the.municipalities)
        towns.push_back({.municipality = municipality,
                         .name = "Musterstedt",
                         .key_date = {},
                         .numbers = {PhoneNumber{"+493023125234"}}});
    storage::Database &database = the.database.open();
    const auto seeded = seed_demo_billing(database, towns, to_instant({2026, 12, 1}, 0));
    if (!seeded) return state.SkipWithError(describe(seeded.error()).c_str());
    std::size_t bytes = 0;
    for (auto _ : state) {
        for (const MunicipalityId municipality : the.municipalities) {
            auto made = InvoiceBook(database).preview(municipality, samples::kNovember,
                                                      to_instant({2026, 12, 1}, 3600));
            if (!made) return state.SkipWithError(describe(made.error()).c_str());
            made->document.number = "R2026-000001";
            const auto table = evidence_table(made->evidence);
            const auto xml = to_xrechnung(made->document);
            if (!table || !xml) return state.SkipWithError("no evidence or no XRechnung");
            const auto pdf = to_pdf(made->document, *table);
            if (!pdf) return state.SkipWithError("no letter");
            bytes += pdf->size() + xml->size() + to_csv(*table).size();
        }
    }
    state.counters["bytes"] = static_cast<double>(bytes) / static_cast<double>(state.iterations());
}
BENCHMARK(documents_of_22_municipalities)->Unit(benchmark::kMillisecond)->Iterations(2);

// The same entries in another order, in other time zones and under other locales: the same bytes of
// document, evidence, CSV, XRechnung and letter, with a correction.
void thousand_re_runs(benchmark::State &state) {
    samples::ReRun again(500);
    std::int64_t identical = 0;
    const std::string first = again.bytes(0);
    for (auto _ : state) {
        for (std::size_t run = 0; run < 1000; ++run)
            identical += again.bytes(run) == first ? 1 : 0;
    }
    state.counters["identical"] = static_cast<double>(identical);
}
BENCHMARK(thousand_re_runs)->Unit(benchmark::kMillisecond)->Iterations(1);

} // namespace
} // namespace fernamt::billing
