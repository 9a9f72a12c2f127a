// SPDX-License-Identifier: EUPL-1.2
// Who has just called which text wrong, so that they, and nobody else, can take it back or say
// more. In memory only and for a few minutes: who reported is never stored. Thread-safe.
#pragma once

#include "base/id.h"
#include "base/time.h"
#include "knowledge/tasks.h"

#include <map>
#include <mutex>
#include <utility>

namespace fernamt::web {

class RecentReports {
  public:
    static constexpr Duration kKept{600'000'000}; // microseconds

    void told(UserId who, knowledge::TaskId task, Instant now) {
        const std::scoped_lock lock(mutex_);
        std::erase_if(told_, [&](const auto &each) { return now - each.second > kKept; });
        told_.insert_or_assign({who.value, task.value}, now);
    }
    [[nodiscard]] bool knows(UserId who, knowledge::TaskId task, Instant now) {
        const std::scoped_lock lock(mutex_);
        const auto found = told_.find({who.value, task.value});
        return found != told_.end() && now - found->second <= kKept;
    }
    // Once.
    [[nodiscard]] bool take(UserId who, knowledge::TaskId task, Instant now) {
        const bool mine = knows(who, task, now);
        const std::scoped_lock lock(mutex_);
        return told_.erase({who.value, task.value}) > 0 && mine;
    }

  private:
    std::mutex mutex_;
    std::map<std::pair<std::int64_t, std::int64_t>, Instant> told_; // person, task
};

} // namespace fernamt::web
