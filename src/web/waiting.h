// SPDX-License-Identifier: EUPL-1.2
// Waiting on a worker thread for something that the telephony loop will report. Bounded: a stuck
// loop is a Problem, never a stuck worker.
#pragma once

#include "base/problem.h"

#include <functional>
#include <future>
#include <memory>

namespace fernamt::web {

inline constexpr std::chrono::seconds kWaitAtMost{5};

[[nodiscard]] inline Expected<void>
wait_for(const std::function<void(std::function<void(Expected<void>)> done)> &start) {
    auto promise = std::make_shared<std::promise<Expected<void>>>();
    auto result = promise->get_future();
    start([promise](Expected<void> outcome) { promise->set_value(std::move(outcome)); });
    if (result.wait_for(kWaitAtMost) != std::future_status::ready) {
        return fail(ProblemKind::unavailable, "telephony.busy");
    }
    return result.get();
}

} // namespace fernamt::web
