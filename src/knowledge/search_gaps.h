// SPDX-License-Identifier: EUPL-1.2
// What was searched and not found, as suggestions for new texts. A search may hold a name,
// so nothing is written before several people have asked for the same words several times; until
// then words are kept in memory only. Words with digits or signs of addresses never count, and who
// asked is never written. While somebody types, only what they settled on counts. Thread-safe.
#pragma once

#include "base/id.h"
#include "base/problem.h"
#include "base/time.h"
#include "storage/database.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::knowledge {

struct SearchGap {
    std::int64_t id = 0;
    std::string query; // normalised
    MunicipalityId municipality;
    std::int64_t times = 0;
    std::string last_on; // date
};

class SearchGaps {
  public:
    static constexpr std::int64_t kTimes = 3;
    static constexpr std::size_t kPeople = 2;
    static constexpr Duration kSettled{10'000'000};            // microseconds without typing on
    static constexpr Duration kForgotten{14 * 86'400'000'000}; // what stays rare
    static constexpr std::size_t kMostKept = 10'000;

    explicit SearchGaps(storage::Database &database) : database_(database) {}

    // Each search of each person, found or not.
    [[nodiscard]] Expected<void> asked(UserId who, MunicipalityId municipality,
                                       std::string_view query, bool found, Instant now);
    // The most frequent first; of one municipality, or all.
    [[nodiscard]] Expected<std::vector<SearchGap>>
    open(std::optional<MunicipalityId> municipality) const;
    // It stays away. "knowledge.gap_not_found" also for a foreign one.
    [[nodiscard]] Expected<void> dismiss(std::int64_t id,
                                         std::optional<MunicipalityId> municipality);

  private:
    using Key = std::pair<std::string, std::int64_t>; // query, municipality
    struct Typed {
        Key key;
        bool found = false;
        Instant at;
    };
    struct Count {
        std::int64_t times = 0;
        std::set<std::int64_t> people; // at most kPeople, never written
        Instant last;
    };
    void settle(const Typed &typed, UserId who, std::vector<std::pair<Key, std::int64_t>> &ready);
    void forget(Instant now);

    storage::Database &database_;
    std::mutex mutex_;
    std::map<std::int64_t, Typed> typing_; // by person
    std::map<Key, Count> counts_;
};

} // namespace fernamt::knowledge
