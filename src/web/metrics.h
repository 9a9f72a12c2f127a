// SPDX-License-Identifier: EUPL-1.2
// Metrics in Prometheus' text format: sums of the house, never a person, a phone number or a
// municipality's caller as a label. Label values come from closed lists: route patterns and agent
// states. Everything but the request times is read at the moment of the scrape.
#pragma once

#include "base/time.h"
#include "knowledge/search.h"
#include "telephony/exchange.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace fernamt::web {

// Request times by route pattern. Thread-safe.
class HttpTimes {
  public:
    HttpTimes();
    ~HttpTimes();
    void observe(std::string_view route, Duration taken);

    struct Impl;
    [[nodiscard]] Impl &impl() { return *impl_; }

  private:
    std::unique_ptr<Impl> impl_;
};

struct Readings { // empty: not readable now, the metric is left out
    std::optional<std::int64_t> calls_offered;
    std::optional<std::int64_t> queue_waiting;
    std::map<std::string, std::int64_t> agents; // by state
    std::optional<std::int64_t> ledger_entries;
    std::optional<bool> ledger_accepting;
    std::optional<bool> media_available;
    std::optional<std::int64_t> event_streams;
    std::optional<std::int64_t> legs_open;
    std::optional<knowledge::IndexBuilding> search_building; // empty: the index answers
    telephony::Exchange::Counters exchange;
};

[[nodiscard]] std::string metrics_text(HttpTimes &times, const Readings &readings);

} // namespace fernamt::web
