// SPDX-License-Identifier: EUPL-1.2
// Whether somebody can be reached at a moment, from hours as offices write them, the public
// holidays of the Land and the municipality's local closures: what an agent must know before a
// caller is passed on. Holidays and closures are decided where the switchboard decides them
// (routing/hours.h). Says only what is sure: within hours that were understood "open"; outside of
// them "closed" only if all that is said of this weekday was understood, and when it opens only if
// all until then was. Pure.
#pragma once

#include "knowledge/opening_hours.h"
#include "routing/hours.h"

#include <optional>
#include <vector>

namespace fernamt::knowledge {

enum class Reach { unknown, open, closed };

struct Reachability {
    Reach reach = Reach::unknown;
    std::optional<Instant> until; // open: the end of these hours
    std::optional<Instant> opens; // closed: the next hours, within two weeks
    friend bool operator==(const Reachability &, const Reachability &) = default;
};
// closures: of the municipality. Exceptional openings among them are the switchboard's and open no
// office.
[[nodiscard]] Reachability reachability(const OpeningHours &hours, std::optional<Land> land,
                                        const std::vector<routing::HoursException> &closures,
                                        Instant now);

} // namespace fernamt::knowledge
