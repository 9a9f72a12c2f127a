// SPDX-License-Identifier: EUPL-1.2
// libFuzzer target for what strangers write into SIP headers that we read ourselves: one header
// value per line, each taken for every kind. script/fuzz runs it.
#include "telephony/dialled_headers.h"
#include "telephony/digest.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    namespace telephony = fernamt::telephony;
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    std::vector<std::string> lines(1);
    for (const char letter : text) {
        if (letter == '\n')
            lines.emplace_back();
        else
            lines.back() += letter;
    }
    const std::string &first = lines.front(), &last = lines.back();
    (void)telephony::dialled_candidates({first, lines, lines, lines, last});
    (void)telephony::is_asserted({lines, first, last, true});
    const auto caller = telephony::caller_of({lines, first, "id", false});
    if (!caller.empty()) std::abort(); // withheld stays withheld, whatever was written
    for (const auto &line : lines) {
        (void)telephony::parse_digest(line);
        for (const auto &address : telephony::split_addresses(line)) {
            (void)telephony::uri_user(address.uri);
            (void)telephony::uri_host(address.uri);
            (void)telephony::param_of(address.params, "index");
        }
    }
    return 0;
}
