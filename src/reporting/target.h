// SPDX-License-Identifier: EUPL-1.2
// What a municipality was promised about answering, day by day: the seconds and share of its
// agreement, or those of 115 (F-01) on days on which none speaks. An old month keeps what was
// promised then. Pure: who promises is read elsewhere (people/agreed_service.h).
#pragma once

#include "base/calendar.h"
#include "base/id.h"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace fernamt::reporting {

struct Target {
    std::int64_t within_seconds = 30;
    std::int64_t percent = 75;
    bool agreed = false; // by an agreement; else what 115 promises
    friend bool operator==(const Target &, const Target &) = default;
};

class Targets {
  public:
    // `to` is included; the days of one municipality do not overlap.
    void add(MunicipalityId municipality, const LocalDate &from, const std::optional<LocalDate> &to,
             const Target &target);
    [[nodiscard]] Target on(std::optional<MunicipalityId> municipality, const LocalDate &day) const;

  private:
    struct Days {
        LocalDate from;
        std::optional<LocalDate> to;
        Target target;
    };
    std::map<MunicipalityId, std::vector<Days>> agreed_;
};

} // namespace fernamt::reporting
