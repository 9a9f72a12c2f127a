// SPDX-License-Identifier: EUPL-1.2
// Sounds that need nobody's voice and nobody's licence: the waiting music and one signal per
// announcement, made of sine tones. The signals stand in where no spoken text has been made.
#pragma once

#include "routing/decision.h"
#include "telephony/rtp_audio.h"

#include <string_view>

namespace fernamt::telephony {

// About half a minute, quiet, fit to be repeated without a seam.
[[nodiscard]] Samples waiting_music();
[[nodiscard]] Samples signal_for(routing::Announcement announcement);
// The operator's switch has been set (exchange_service_codes.cpp): "office_absent" falls,
// "office_there" rises, "office_timetable" does both.
[[nodiscard]] Samples signal_for_switch(std::string_view word);

} // namespace fernamt::telephony
