// SPDX-License-Identifier: EUPL-1.2
// The telephony thread: one loop that owns SIP, media control and the switchboard, so that none of
// them needs a lock. Work comes in by post() from any thread; everything else is called on the
// loop. Implemented over sofia-sip's su_root (sofia_loop.h).
#pragma once

#include "base/time.h"

#include <cstdint>
#include <functional>

namespace fernamt::telephony {

class Loop {
  public:
    using Work = std::function<void()>;
    enum class TimerId : std::int64_t { none = 0 };

    virtual ~Loop() = default;
    virtual void post(Work work) = 0;                     // thread-safe, in order, never blocks
    virtual TimerId after(Duration delay, Work work) = 0; // once; O(log n)
    virtual void cancel(TimerId timer) = 0;               // harmless if it has fired
    // Calls on_readable whenever fd has input. The caller keeps the descriptor open until unwatch.
    virtual void watch(int fd, Work on_readable) = 0;
    virtual void unwatch(int fd) = 0;
    [[nodiscard]] virtual bool on_loop() const = 0;
};

} // namespace fernamt::telephony
