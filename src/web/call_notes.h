// SPDX-License-Identifier: EUPL-1.2
// The notes an agent writes about a call: one text per call, with a version so that two windows do
// not overwrite each other. Personal data: stored apart from everything derived, erasable by age.
#pragma once

#include "base/id.h"
#include "base/problem.h"
#include "base/redacted.h"
#include "base/time.h"
#include "storage/database.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::web {

struct CallNote {
    CallId call;
    UserId user;
    std::optional<MunicipalityId> municipality;
    Redacted<std::string> text;
    std::int64_t version = 0; // 0: nothing written yet
};

class CallNotes {
  public:
    explicit CallNotes(storage::Database &database) : database_(database) {}

    [[nodiscard]] Expected<std::optional<CallNote>> find(CallId call);
    // note.version is the one read before; returns the new one. Problem "call.notes_stale".
    [[nodiscard]] Expected<std::int64_t> save(const CallNote &note, Instant now);
    // Returns how many were erased.
    [[nodiscard]] Expected<std::int64_t> erase_before(Instant before);
    // Those about calls of one municipality.
    [[nodiscard]] Expected<std::int64_t> erase_before(Instant before, MunicipalityId municipality);

  private:
    [[nodiscard]] Expected<std::int64_t> erase(std::string_view sql,
                                               const std::vector<storage::Value> &parameters);

    storage::Database &database_;
};

} // namespace fernamt::web
