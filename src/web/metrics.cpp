// SPDX-License-Identifier: EUPL-1.2
#include "web/metrics.h"

#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <vector>

namespace fernamt::web {

namespace {

using Sample = prometheus::ClientMetric;

Sample gauge(std::int64_t value) {
    Sample sample;
    sample.gauge.value = static_cast<double>(value);
    return sample;
}

void add(std::vector<prometheus::MetricFamily> &families, std::string name, std::string help,
         prometheus::MetricType type, std::vector<Sample> samples) {
    families.push_back({std::move(name), std::move(help), type, std::move(samples)});
}

void add_gauge(std::vector<prometheus::MetricFamily> &families, std::string name, std::string help,
               const std::optional<std::int64_t> &value) {
    if (!value) return;
    add(families, std::move(name), std::move(help), prometheus::MetricType::Gauge, {gauge(*value)});
}

void add_counter(std::vector<prometheus::MetricFamily> &families, std::string name,
                 std::string help, const std::optional<std::int64_t> &value) {
    if (!value) return;
    Sample sample;
    sample.counter.value = static_cast<double>(*value);
    add(families, std::move(name), std::move(help), prometheus::MetricType::Counter, {sample});
}

std::optional<std::int64_t> as_number(const std::optional<bool> &value) {
    if (!value) return std::nullopt;
    return *value ? 1 : 0;
}

Sample rejected(std::string missing, std::int64_t value) {
    Sample sample;
    sample.label = {{"missing", std::move(missing)}};
    sample.counter.value = static_cast<double>(value);
    return sample;
}

Sample dispatch(const telephony::Exchange::Counters &counters) {
    Sample sample;
    for (std::size_t i = 0; i < counters.dispatched.size(); ++i) {
        const bool last = i == telephony::kDispatchBounds.size();
        const double bound = last ? std::numeric_limits<double>::infinity()
                                  : static_cast<double>(telephony::kDispatchBounds[i]) / 1e6;
        sample.histogram.bucket.push_back(
            {static_cast<std::uint64_t>(counters.dispatched[i]), bound});
    }
    sample.histogram.sample_count = static_cast<std::uint64_t>(counters.dispatched.back());
    sample.histogram.sample_sum = static_cast<double>(counters.dispatch_us) / 1e6;
    return sample;
}

} // namespace

struct HttpTimes::Impl {
    prometheus::Registry registry;
    prometheus::Family<prometheus::Histogram> &family =
        prometheus::BuildHistogram()
            .Name("fernamt_http_request_seconds")
            .Help("Time to answer a request, by route")
            .Register(registry);
};

HttpTimes::HttpTimes() : impl_(std::make_unique<Impl>()) {}
HttpTimes::~HttpTimes() = default;

void HttpTimes::observe(std::string_view route, Duration taken) {
    static const prometheus::Histogram::BucketBoundaries boundaries{
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5};
    impl_->family.Add({{"route", std::string(route)}}, boundaries)
        .Observe(static_cast<double>(taken.count()) / 1e6);
}

std::string metrics_text(HttpTimes &times, const Readings &readings) {
    std::vector<prometheus::MetricFamily> families = times.impl().registry.Collect();
    add_counter(families, "fernamt_calls_offered_total", "Calls that arrived, of any fate",
                readings.calls_offered);
    add_gauge(families, "fernamt_queue_waiting", "Callers waiting for an agent",
              readings.queue_waiting);
    std::vector<Sample> agents;
    for (const auto &[state, count] : readings.agents) {
        Sample sample = gauge(count);
        sample.label = {{"state", state}};
        agents.push_back(std::move(sample));
    }
    if (!agents.empty()) {
        add(families, "fernamt_agents", "Agents by state", prometheus::MetricType::Gauge, agents);
    }
    add_counter(families, "fernamt_ledger_entries_total", "Entries of the ledger",
                readings.ledger_entries);
    add_gauge(families, "fernamt_ledger_accepting", "1 while the ledger takes entries",
              as_number(readings.ledger_accepting));
    add_gauge(families, "fernamt_media_available", "1 while rtpengine answers",
              as_number(readings.media_available));
    add_gauge(families, "fernamt_sse_clients", "Open event streams", readings.event_streams);
    add_gauge(families, "fernamt_legs_open", "SIP dialogs, also those that are just ending",
              readings.legs_open);
    add_gauge(families, "fernamt_search_ready",
              "1 while the search has its index; 0: names of services are all it finds",
              readings.search_building ? 0 : 1);
    if (const auto &building = readings.search_building) {
        add_gauge(families, "fernamt_search_documents_indexed",
                  "Documents in the index that is being built", building->done);
        add_gauge(families, "fernamt_search_documents_expected", "Documents it will have, about",
                  building->of);
    }
    add_gauge(families, "fernamt_calls_live", "Calls on the line", readings.exchange.live_calls);
    add(families, "fernamt_calls_rejected_total", "Calls refused with 503, by what was missing",
        prometheus::MetricType::Counter,
        {rejected("media", readings.exchange.rejected_media),
         rejected("ledger", readings.exchange.rejected_ledger)});
    add(families, "fernamt_dispatch_seconds",
        "From the decision that an agent rings to the INVITE or the word to the desk",
        prometheus::MetricType::Histogram, {dispatch(readings.exchange)});
    return prometheus::TextSerializer().Serialize(families);
}

} // namespace fernamt::web
