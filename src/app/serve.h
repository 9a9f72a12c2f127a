// SPDX-License-Identifier: EUPL-1.2
// `fernamt serve`: runs until SIGTERM or SIGINT, lets running calls end (sip.drain_seconds), then
// stops cleanly.
#pragma once

#include "app/config.h"

namespace fernamt::app {

[[nodiscard]] int serve(const Config &config);

// Blocks SIGINT, SIGTERM and SIGHUP in this thread and all later ones; call before any thread
// starts.
void block_stop_signals();
// Waits for one of them: true. After seconds > 0 returns without one: false.
bool wait_for_stop(int seconds = 0);

} // namespace fernamt::app
