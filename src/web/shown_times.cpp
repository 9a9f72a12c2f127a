// SPDX-License-Identifier: EUPL-1.2
#include "web/shown_times.h"

#include <algorithm>

namespace fernamt::web {

namespace {

std::int64_t rounded_up(Duration time, Duration unit) {
    return (time.count() + unit.count() - 1) / unit.count();
}

std::int64_t nearest(Duration time, Duration unit) { // half up
    return (time.count() + unit.count() / 2) / unit.count();
}

} // namespace

ShownTimes shown_times(Duration talk, Duration after_call_work, bool counts_after_call_work,
                       Duration unit) {
    talk = std::max(talk, Duration{0});
    after_call_work = std::max(after_call_work, Duration{0});
    if (!counts_after_call_work) return {rounded_up(talk, unit), nearest(after_call_work, unit)};
    const std::int64_t sum = rounded_up(talk + after_call_work, unit);
    const std::int64_t shown_talk = after_call_work.count() == 0 ? sum : nearest(talk, unit);
    return {std::min(shown_talk, sum), sum - std::min(shown_talk, sum)};
}

std::vector<std::int64_t> shown_parts(const std::vector<Duration> &parts, Duration unit) {
    std::vector<std::int64_t> shown;
    Duration so_far{0};
    std::int64_t given = 0;
    for (const Duration part : parts) {
        so_far += std::max(part, Duration{0});
        shown.push_back(rounded_up(so_far, unit) - given);
        given += shown.back();
    }
    return shown;
}

} // namespace fernamt::web
