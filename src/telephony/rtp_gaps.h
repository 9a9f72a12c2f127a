// SPDX-License-Identifier: EUPL-1.2
// Which packets of a stream got lost, by their sequence numbers (RFC 3550 section 5.1): whoever
// plays it fills so much, or the playout falls behind with each loss until it runs empty. Pure.
#pragma once

#include <cstdint>
#include <optional>

namespace fernamt::telephony {

class RtpGaps {
  public:
    static constexpr int kMostFilled = 5; // packets; what is longer is a pause, not a loss

    // How many packets are missing before this one. Empty: it comes too late, its place has been
    // filled. A new source, or a jump, begins anew.
    [[nodiscard]] std::optional<int> before(std::uint32_t ssrc, std::uint16_t sequence) {
        const bool same = known_ && ssrc == ssrc_;
        const auto ahead = static_cast<std::int16_t>(sequence - expected_);
        if (same && ahead < 0 && ahead >= -kLate) return std::nullopt;
        known_ = true;
        ssrc_ = ssrc;
        expected_ = static_cast<std::uint16_t>(sequence + 1);
        return same && ahead > 0 && ahead <= kMostFilled ? ahead : 0;
    }

  private:
    static constexpr int kLate = 50; // a second: further back the source has begun anew
    bool known_ = false;
    std::uint32_t ssrc_ = 0;
    std::uint16_t expected_ = 0;
};

} // namespace fernamt::telephony
