// SPDX-License-Identifier: EUPL-1.2
// For tests: what a page answers to an offer of ours.
#pragma once

#include "telephony/sdp.h"

#include <string>

namespace fernamt::telephony {

// What Chromium answers at once: no candidates, nowhere to send. The far end of this one is silent.
inline std::string page_answer(const std::string &offer) {
    auto audio = *sdp::parse(offer);
    audio.address = "0.0.0.0";
    audio.port = 9;
    audio.browser.ufrag = "page";
    audio.browser.pwd = "the-page-s-own-password";
    audio.browser.setup = "active";
    audio.browser.candidates.clear();
    return sdp::write(audio);
}

} // namespace fernamt::telephony
