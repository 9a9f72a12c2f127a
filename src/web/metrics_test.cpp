// SPDX-License-Identifier: EUPL-1.2
#include "web/metrics.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>

namespace fernamt::web {
namespace {

Readings all_readings() {
    Readings readings;
    readings.calls_offered = 200'000;
    readings.queue_waiting = 3;
    readings.agents = {{"ready", 2}, {"talking", 5}};
    readings.ledger_entries = 1'234'567;
    readings.ledger_accepting = true;
    readings.media_available = false;
    readings.event_streams = 7;
    return readings;
}

TEST(Metrics, AreWrittenInPrometheusTextFormat) {
    HttpTimes times;
    times.observe("/api/v1/desk", 3ms);
    const std::string text = metrics_text(times, all_readings());
    for (const char *line :
         {"# TYPE fernamt_calls_offered_total counter", "fernamt_calls_offered_total 200000",
          "fernamt_queue_waiting 3", "fernamt_agents{state=\"ready\"} 2",
          "fernamt_agents{state=\"talking\"} 5", "fernamt_ledger_entries_total 1234567",
          "fernamt_ledger_accepting 1", "fernamt_media_available 0", "fernamt_sse_clients 7",
          "fernamt_http_request_seconds_count{route=\"/api/v1/desk\"} 1",
          "fernamt_http_request_seconds_bucket{route=\"/api/v1/desk\",le=\"0.005\"} 1",
          "fernamt_http_request_seconds_bucket{route=\"/api/v1/desk\",le=\"0.0025\"} 0"}) {
        EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
    }
}

TEST(Metrics, WhatCannotBeReadIsLeftOut) {
    HttpTimes times;
    const std::string text = metrics_text(times, {});
    EXPECT_EQ(text.find("fernamt_queue_waiting"), std::string::npos);
    EXPECT_EQ(text.find("fernamt_agents"), std::string::npos);
}

TEST(Metrics, SayHowFarTheSearchIndexIs) {
    HttpTimes times;
    Readings readings = all_readings();
    std::string text = metrics_text(times, readings);
    EXPECT_NE(text.find("fernamt_search_ready 1\n"), std::string::npos) << text;
    EXPECT_EQ(text.find("fernamt_search_documents"), std::string::npos) << text;
    readings.search_building = {.done = 500, .of = 35'000};
    text = metrics_text(times, readings);
    for (const char *line : {"fernamt_search_ready 0\n", "fernamt_search_documents_indexed 500\n",
                             "fernamt_search_documents_expected 35000\n"}) {
        EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
    }
}

TEST(Metrics, HaveLabelsFromClosedListsOnly) {
    HttpTimes times;
    times.observe("/api/v1/calls/{id}", 3ms);
    const std::string text = metrics_text(times, all_readings());
    const std::regex label(R"re(([a-z_]+)=")re");
    for (auto match = std::sregex_iterator(text.begin(), text.end(), label);
         match != std::sregex_iterator(); ++match) {
        const std::set<std::string> allowed{"route", "state", "le", "missing"};
        EXPECT_TRUE(allowed.count((*match)[1].str())) << (*match)[0];
    }
}

} // namespace
} // namespace fernamt::web
