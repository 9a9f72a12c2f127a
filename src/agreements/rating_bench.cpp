// SPDX-License-Identifier: EUPL-1.2
// Budget: ten million calls rated and summed in 0.2 s, exact to the cent.
#include "agreements/samples.h"

#include <benchmark/benchmark.h>

#include <memory>
#include <random>

namespace fernamt::agreements {
namespace {

constexpr std::size_t kCalls = 10'000'000;

const Calls &ten_million(int days) {
    static std::vector<std::unique_ptr<Calls>> made(400);
    auto &calls = made.at(static_cast<std::size_t>(days));
    if (calls) return *calls;
    const LocalDate first{2026, 1, 1};
    calls = std::make_unique<Calls>(first, add_days(first, days - 1));
    calls->reserve(kCalls);
    std::mt19937_64 random{20261122};
    const Instant begin = to_instant(first, 0);
    for (std::size_t i = 0; i < kCalls; ++i) {
        const auto offered =
            static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(days)) *
                86'400'000'000 +
            static_cast<std::int64_t>(random() % 80'000'000'000);
        const auto kind = static_cast<CallKind>(random() % 100 < 90 ? 0 : random() % 2);
        (void)calls->add(CallId{static_cast<std::int64_t>(i) + 1}, begin + Duration{offered}, kind,
                         Duration{static_cast<std::int64_t>(random() % 600'000'000)},
                         Duration{static_cast<std::int64_t>(random() % 90'000'000)});
    }
    return *calls;
}

void rate_columns(benchmark::State &state, const PriceList &list) {
    const Calls &calls = ten_million(static_cast<int>(state.range(0)));
    for (auto _ : state) {
        auto months = rate(list, calls);
        if (!months) state.SkipWithError("not rated");
        benchmark::DoNotOptimize(months);
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kCalls));
}

const LocalDate kFirst{2026, 1, 1};

void minutes_by_second(benchmark::State &state) {
    rate_columns(state,
                 samples::prices(kFirst, {samples::clause("minutes", kFirst,
                                                          samples::per_minute(Price{950'000}))}));
}
void minutes_on_sum(benchmark::State &state) {
    rate_columns(state,
                 samples::prices(
                     kFirst, {samples::clause("minutes", kFirst,
                                              samples::per_minute(Price{950'000}, true,
                                                                  Unit::second, Level::on_sum))}));
}
void four_clauses(benchmark::State &state) {
    Package package;
    package.per_year = Money{9'500'000};
    package.included_minutes = 60'000;
    package.overage_per_minute = Price{1'590'000};
    rate_columns(
        state,
        samples::prices(
            kFirst, {samples::clause("minutes", kFirst, samples::per_minute(Price{950'000}),
                                     KindSet::of({CallKind::own_number})),
                     samples::clause("115", kFirst, package, KindSet::of({CallKind::number_115})),
                     samples::clause("base", kFirst, InhabitantBase{Price{500'000}}),
                     samples::clause("cap", kFirst, InhabitantCap{{{1, Price{40'000'000}}}})}));
}
// The calls that script/bench_duckdb.mjs makes for DuckDB from the same formula: both sum the same
// ten million amounts, each rounded to the cent by itself.
void like_duckdb(benchmark::State &state) {
    Calls calls(kFirst, {2026, 1, 31});
    calls.reserve(kCalls);
    for (std::size_t i = 0; i < kCalls; ++i) {
        const auto n = static_cast<std::int64_t>(i);
        const Instant offered = to_instant(add_days(kFirst, static_cast<int>(n % 31)), 43'200);
        (void)calls.add(CallId{n + 1}, offered, CallKind::own_number,
                        Duration{n * 7'919 % 600 * 1'000'000},
                        Duration{n * 104'729 % 90 * 1'000'000});
    }
    const PriceList list = samples::prices(
        kFirst, {samples::clause("minutes", kFirst, samples::per_minute(Price{950'000}))});
    std::int64_t cents = 0;
    for (auto _ : state) {
        const auto months = rate(list, calls);
        if (!months)
            state.SkipWithError("not rated");
        else
            cents = months->front().total.cents;
    }
    state.counters["cents"] = static_cast<double>(cents); // below 2^53: exact
}
BENCHMARK(like_duckdb)->Unit(benchmark::kMillisecond)->Iterations(5);

BENCHMARK(minutes_by_second)->Arg(31)->Arg(365)->Unit(benchmark::kMillisecond);
BENCHMARK(minutes_on_sum)->Arg(31)->Unit(benchmark::kMillisecond);
BENCHMARK(four_clauses)->Arg(31)->Arg(365)->Unit(benchmark::kMillisecond);

} // namespace
} // namespace fernamt::agreements
