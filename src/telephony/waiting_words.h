// SPDX-License-Identifier: EUPL-1.2
// Which words tell a waiting caller the place and the probable wait: names of sound files beside
// the announcements (Announcements::words). Rounds up, never promises:
// docs/explanation/waiting-time.md.
#pragma once

#include "routing/machine.h"

#include <string>
#include <vector>

namespace fernamt::telephony {

// "ahead_0" to "ahead_9", "ahead_more"
[[nodiscard]] std::string place_word(std::int64_t ahead);
// Whole minutes, rounded up: "minutes_1" to "minutes_10", then "minutes_15", "_20", "_30",
// "minutes_more". Empty: nobody is at work, so nothing can be said.
[[nodiscard]] std::string wait_word(const routing::WaitEstimate &estimate);
// Both, in the order in which they are said.
[[nodiscard]] std::vector<std::string> place_and_wait(const routing::WaitEstimate &estimate);

} // namespace fernamt::telephony
