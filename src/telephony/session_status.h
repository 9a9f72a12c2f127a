// SPDX-License-Identifier: EUPL-1.2
// What a SIP status code means for a session; shared by the session_*.cpp files.
// Knows no reasons and no texts.
#pragma once

namespace fernamt::telephony::session {

[[nodiscard]] constexpr bool is_final(int status) {
    return status >= 200;
}
[[nodiscard]] constexpr bool is_success(int status) {
    return status >= 200 && status < 300;
}
// RFC 3261 12.2.1.2: these end the dialog, whatever the request was.
[[nodiscard]] constexpr bool ends_dialog(int status) {
    return status == 408 || status == 481;
}

} // namespace fernamt::telephony::session
