// SPDX-License-Identifier: EUPL-1.2
// Creating twice by accident: a POST repeated with the same Idempotency-Key by the same user gets
// the first answer again. Answers are kept in memory for an hour and at most 1,000 of them; a
// restart forgets them (the unique login or number still prevents the double). Thread-safe.
#pragma once

#include "base/problem.h"
#include "base/time.h"
#include "web/reply.h"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace fernamt::web {

class Idempotency {
  public:
    // "user:7 POST /api/v1/agents KEY" and the body's text. Nothing: go ahead, and call finish or
    // forget afterwards. Problems: the key is in use for another body, or still at work.
    [[nodiscard]] Expected<std::optional<Reply>> begin(const std::string &key,
                                                       std::string_view body, Instant now);
    void finish(const std::string &key, const Reply &reply);
    void forget(const std::string &key); // it failed: repeating may try again

    [[nodiscard]] static bool is_key(std::string_view text); // 8 to 100 of [A-Za-z0-9_-]

  private:
    struct Entry {
        std::size_t body_hash = 0;
        Instant at;
        std::optional<Reply> response; // empty while at work
    };
    void drop_old(Instant now);

    std::mutex mutex_;
    std::map<std::string, Entry> entries_;
};

} // namespace fernamt::web
