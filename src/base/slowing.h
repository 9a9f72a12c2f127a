// SPDX-License-Identifier: EUPL-1.2
// Slows wrong sign-ins down, exponentially, per login *and* address, so that guessing from one
// address never keeps the right person on another one out. A whole address is slowed after many
// wrong attempts for any login; a login under attack from many addresses is slowed more sharply for
// addresses that fail, but the first attempt of an address is always let through. Knows no
// database: the same for logins that exist and those that do not. In memory (a restart forgets),
// bounded. Thread-safe.
#pragma once

#include "base/time.h"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace fernamt {

class Slowing {
  public:
    struct Limits {
        int free_attempts = 3;     // of one login from one address
        Duration first_delay = 1s; // doubles with each further one
        Duration longest_delay = 15min;
        int free_per_address = 30; // of one address for all logins
        int attacked_after = 50;   // of one login from all addresses: one free attempt each
        Duration attacked_delay = 30s;
        Duration forget_after = 60min; // without a further attempt
        std::size_t most_entries = 50'000;
    };
    Slowing() = default;
    explicit Slowing(Limits limits) : limits_(limits) {}

    // Nothing: go on (and the attempt counts as wrong until succeeded() is called, so that parallel
    // attempts gain nothing). Else: how long to wait.
    [[nodiscard]] std::optional<Duration> attempt(std::string_view login, std::string_view address,
                                                  Instant now);
    void succeeded(std::string_view login, std::string_view address);
    // The attempt was not judged after all (no free place for the hashing).
    void withdrawn(std::string_view login, std::string_view address);

  private:
    struct Count {
        int attempts = 0;
        Instant last;
        Instant not_before;
        Instant not_before_that; // without the latest attempt
    };
    using Counts = std::map<std::string, Count, std::less<>>;
    Count &count(Counts &counts, const std::string &key, Instant now);
    void add(Count &count, int free, Duration first, Instant now) const;

    Limits limits_;
    std::mutex mutex_;
    Counts pairs_, addresses_, logins_;
};

} // namespace fernamt
