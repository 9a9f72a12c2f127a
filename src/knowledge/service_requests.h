// SPDX-License-Identifier: EUPL-1.2
// Which services callers ask for, as suggestions where texts are worth the work: the article
// that was opened in a call is noted with the call, each once, and counted per service. No person
// stands there, neither caller nor agent; rare ones are not listed, so that nobody finds a single
// call again. What is older than kKeptDays is erased.
#pragma once

#include "base/calendar.h"
#include "base/id.h"
#include "base/problem.h"
#include "knowledge/service.h"
#include "storage/database.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fernamt::knowledge {

inline constexpr std::int64_t kFewestCalls = 5; // listed from so many calls on
inline constexpr int kKeptDays = 400;

// Again for the same call and service: nothing more. "knowledge.not_found" for an unknown service.
[[nodiscard]] Expected<void> note_request(storage::Database &database, CallId call,
                                          ServiceId service, MunicipalityId municipality,
                                          const LocalDate &today);

// Those older than kKeptDays; returns how many.
[[nodiscard]] Expected<std::int64_t> erase_old_requests(storage::Database &database,
                                                        const LocalDate &today);

struct RequestedService {
    ServiceId service;
    std::string name;
    std::int64_t calls = 0;
};
// The most frequent first, at most 200; from and to belong to it. Of one municipality, or of all.
[[nodiscard]] Expected<std::vector<RequestedService>>
requested_services(storage::Database &database, const LocalDate &from, const LocalDate &to,
                   std::optional<MunicipalityId> municipality);

} // namespace fernamt::knowledge
