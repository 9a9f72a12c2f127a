// SPDX-License-Identifier: EUPL-1.2
// libFuzzer target for replies of rtpengine (bencode): what can be read is written as it was.
// script/fuzz runs it.
#include "telephony/ng_test_encode.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    namespace ng = fernamt::telephony::ng;
    const auto datagram = ng::split({reinterpret_cast<const char *>(data), size});
    if (!datagram) return 0;
    const auto dict = ng::decode(datagram->dictionary);
    if (!dict) return 0;
    const auto ours = ng::encode(*dict);
    const auto again = ng::decode(ours);
    if (!again || *again != *dict) std::abort();
    return 0;
}
