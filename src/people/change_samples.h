// SPDX-License-Identifier: EUPL-1.2
// For tests of what distribution obeys: one change in a transaction of its own, at noon of a
// Monday.
#pragma once

#include "base/calendar.h"
#include "people/rule_change.h"
#include "storage/test_database.h"

#include <utility>

namespace fernamt::people::samples {

inline constexpr UserId kLead{7};
inline constexpr MunicipalityId kLangenhagen{32'410'010'010};
inline constexpr MunicipalityId kWedemark{32'410'019'019};

class ChangeTest : public storage::testing::DatabaseTest {
  protected:
    // What it returned, or its problem; then nothing is stored.
    template <class Make>
    auto make(Make change) -> decltype(change(std::declval<const Change &>())) {
        using Result = decltype(change(std::declval<const Change &>()));
        Result result;
        const auto written = db().write([&](storage::Connection &connection) -> Expected<void> {
            result = change(Change{connection, clock_.now(), kLead});
            if (!result) return tl::unexpected(result.error());
            return {};
        });
        if (!written) return tl::unexpected(written.error());
        return result;
    }

    ManualClock clock_{to_instant({2026, 11, 23}, 12 * 3600)};
};

} // namespace fernamt::people::samples
