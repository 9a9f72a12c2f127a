// SPDX-License-Identifier: EUPL-1.2
#include "telephony/waiting_words.h"

#include <array>

namespace fernamt::telephony {

namespace {

constexpr std::int64_t kMostAheadSaid = 9;
// Beyond ten minutes a whole minute would pretend to know more than a mean can.
constexpr std::array<std::int64_t, 13> kMinutesSaid{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20, 30};

} // namespace

std::string place_word(std::int64_t ahead) {
    return ahead > kMostAheadSaid ? "ahead_more" : "ahead_" + std::to_string(ahead);
}

std::string wait_word(const routing::WaitEstimate &estimate) {
    if (!estimate.wait) return {};
    for (const std::int64_t minutes : kMinutesSaid) {
        if (*estimate.wait <= std::chrono::minutes{minutes})
            return "minutes_" + std::to_string(minutes);
    }
    return "minutes_more";
}

std::vector<std::string> place_and_wait(const routing::WaitEstimate &estimate) {
    std::vector<std::string> words{place_word(estimate.ahead)};
    if (std::string wait = wait_word(estimate); !wait.empty()) words.push_back(std::move(wait));
    return words;
}

} // namespace fernamt::telephony
