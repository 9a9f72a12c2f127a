// SPDX-License-Identifier: EUPL-1.2
// Small parts that the files of RtpengineMedia share; nothing else includes it.
#pragma once

#include "base/problem.h"
#include "telephony/media.h"

#include <iterator>
#include <utility>

namespace fernamt::telephony {

// The partner of a leg that talks to nobody.
[[nodiscard]] inline Media::Tag parking_tag(const Media::Tag &tag) {
    return "p" + tag;
}

[[nodiscard]] inline auto no_leg() {
    return fail(ProblemKind::not_found, "media.no_leg");
}

template <class Steps>
void append(Steps &to, Steps &&more) {
    std::move(more.begin(), more.end(), std::back_inserter(to));
}

} // namespace fernamt::telephony
