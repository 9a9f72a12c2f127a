// SPDX-License-Identifier: EUPL-1.2
// Deliveries into a real SQLite file with its full durability: staged, compared and applied.
//   knowledge_bench --benchmark_filter=Delivery
// Arguments: characters of a service's texts (as in a Land's deliveries, and long ones) and
// megabytes of the generated delivery, 1024 for the gigabyte that a Land delivers. Rates are of the
// clock, which also counts what the disk takes. The counter peak_mb is the process's largest
// resident memory: ask for one delivery per process.
#include "knowledge/delivery.h"
#include "knowledge/delivery_samples.h"
#include "storage/test_database.h"

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <cstdio>
#include <memory>

namespace fernamt::knowledge {
namespace {

struct Generated {
    std::int64_t objects = 0;
    std::int64_t bytes = 0;
};

Generated generate(const std::string &path, std::int64_t bytes, std::size_t service_bytes) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(std::fopen(path.c_str(), "wb"),
                                                                std::fclose);
    Generated made;
    const auto write = [&](const std::string &text) {
        std::fwrite(text.data(), 1, text.size(), file.get());
        made.bytes += static_cast<std::int64_t>(text.size());
    };
    write(samples::head());
    while (made.bytes < bytes)
        write(samples::generated(made.objects++, service_bytes));
    write(std::string(samples::kFoot));
    return made;
}

double peak_megabytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

void Delivery(benchmark::State &state) {
    const std::int64_t bytes = state.range(1) << 20;
    for (auto _ : state) {
        state.PauseTiming();
        storage::testing::TestDatabase database(storage::Engine::sqlite);
        const std::string path = database.directory() + "/delivery.xml";
        const auto service_bytes = static_cast<std::size_t>(state.range(0));
        const Generated made = generate(path, bytes, service_bytes);
        storage::Database &db = database.open();
        const DeliveryOptions options{.path = path, .complete = true};
        state.ResumeTiming();
        const auto staged = stage_delivery(db, SystemClock{}, options);
        if (!staged || !apply_delivery(db, SystemClock{}, staged->id, options)) {
            state.SkipWithError("the delivery was refused");
            break;
        }
        state.PauseTiming();
        state.counters["objects"] = static_cast<double>(made.objects);
        state.counters["objects_per_second"] = benchmark::Counter(
            static_cast<double>(made.objects), benchmark::Counter::kIsIterationInvariantRate);
        state.counters["megabytes"] = static_cast<double>(made.bytes) / 1048576.0;
        state.counters["peak_mb"] = peak_megabytes();
        state.ResumeTiming();
    }
}
BENCHMARK(Delivery)
    ->ArgNames({"characters", "megabytes"})
    ->ArgsProduct({{6'000, 40'000}, {64, 1'024}})
    ->Iterations(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

} // namespace
} // namespace fernamt::knowledge
