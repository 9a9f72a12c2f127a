// SPDX-License-Identifier: EUPL-1.2
// libFuzzer target for the SDP parser; script/fuzz runs it.
#include "telephony/sdp.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    namespace sdp = fernamt::telephony::sdp;
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    const auto audio = sdp::parse(text);
    if (!audio) return 0;
    const auto ours = sdp::write(*audio);
    const auto again = sdp::parse(ours);
    if (!again || sdp::write(*again) != ours) std::abort();
    return 0;
}
