// SPDX-License-Identifier: EUPL-1.2
// Budget: ten million calls rated in 0.2 s, exact to the cent.
#include "billing/billing_samples.h"
#include "billing/rating.h"

#include <benchmark/benchmark.h>

#include <random>

namespace fernamt::billing {
namespace {

constexpr std::int64_t kCalls = 10'000'000;

const std::vector<CallFact> &ten_million() {
    static const std::vector<CallFact> calls = [] {
        std::mt19937_64 random{20261122};
        const std::int64_t begin = begin_of(samples::kNovember).us;
        const std::int64_t length = end_of(samples::kNovember).us - begin;
        std::vector<CallFact> made;
        made.reserve(kCalls);
        for (std::int64_t id = 1; id <= kCalls; ++id) {
            const auto offered =
                static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(length));
            const auto talk = static_cast<std::int64_t>(random() % 600'000'000);
            const auto work = static_cast<std::int64_t>(random() % 90'000'000);
            made.push_back(
                samples::call(id, Instant{begin + offered}, Duration{talk}, Duration{work}));
        }
        return made;
    }();
    return calls;
}

void rate_ten_million_calls(benchmark::State &state) {
    const auto &calls = ten_million();
    const std::vector agreements{samples::agreement(
        Price{950'000}, static_cast<Unit>(state.range(0)), static_cast<Level>(state.range(1)))};
    for (auto _ : state) {
        auto invoice = rate(samples::kLangenhagen, samples::kNovember, calls, agreements);
        benchmark::DoNotOptimize(invoice);
    }
    state.SetItemsProcessed(state.iterations() * kCalls);
}
BENCHMARK(rate_ten_million_calls)
    ->ArgNames({"unit", "level"})
    ->Args({0, 0})
    ->Args({2, 0})
    ->Args({0, 1})
    ->Unit(benchmark::kMillisecond);

} // namespace
} // namespace fernamt::billing
