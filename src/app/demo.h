// SPDX-License-Identifier: EUPL-1.2
// `fernamt demo`: the whole service on the demo region, with simulated citizens who call by real
// SIP and simulated colleagues who answer by real SIP. Stops on Ctrl-C or after the given time and
// leaves nothing behind (unless a state directory was named).
#pragma once

#include <cstdint>
#include <string>

namespace fernamt::app {

struct DemoOptions {
    int callers_per_hour = 240;
    int agents = 4;
    int seconds = 0; // 0: until Ctrl-C
    bool json = false;
    std::string state_directory;
    int http_port = 8115;
    int sip_port = 5115;
    // Where telephones reach the demo: an IPv4 address of this machine, or "auto" for the first
    // that others can reach. Empty: this machine only.
    std::string listen;
    std::uint64_t seed = 0; // 0: from the clock
    std::string database_url;
    std::string data_directory = "data";
    std::string ui_directory = "ui/dist";
    std::string announcements_directory = "build/announcements";
};

[[nodiscard]] int demo(const DemoOptions &options);

} // namespace fernamt::app
