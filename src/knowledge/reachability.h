// SPDX-License-Identifier: EUPL-1.2
// Whether somebody can be reached at a moment, from hours as offices write them and the public
// holidays of the Land: what an agent must know before a caller is passed on. Says only what
// is sure: within hours that were understood "open"; outside of them "closed" only if every line
// was understood. Local closures are not known here. Pure.
#pragma once

#include "knowledge/opening_hours.h"

#include <optional>

namespace fernamt::knowledge {

enum class Reach { unknown, open, closed };

struct Reachability {
    Reach reach = Reach::unknown;
    std::optional<Instant> until; // open: the end of these hours
    std::optional<Instant> opens; // closed: the next hours, within two weeks
    friend bool operator==(const Reachability &, const Reachability &) = default;
};
[[nodiscard]] Reachability reachability(const OpeningHours &hours, std::optional<Land> land,
                                        Instant now);

} // namespace fernamt::knowledge
