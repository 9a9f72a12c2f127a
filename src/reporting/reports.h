// SPDX-License-Identifier: EUPL-1.2
// Reports reads call records: one call, or the key figures of a period in total, per hour of the
// local day and per municipality. Every question may be narrowed to one municipality; then no row
// of another is even read. It reads what the Projector has taken: call catch_up() first.
#pragma once

#include "base/calendar.h"
#include "base/problem.h"
#include "reporting/call_record.h"
#include "reporting/key_figures.h"
#include "storage/database.h"

#include <array>
#include <map>
#include <optional>

namespace fernamt::reporting {

struct Period { // [from, to), by the time the call was offered
    Instant from;
    Instant to;
};
[[nodiscard]] Period local_day(const LocalDate &date);

struct Report {
    KeyFigures total;
    std::array<KeyFigures, 24> per_hour; // Europe/Berlin; the hour a clock shows twice is one
    std::map<MunicipalityId, KeyFigures> municipalities;
};

class Reports {
  public:
    explicit Reports(storage::Database &database) : database_(database) {}

    [[nodiscard]] Expected<std::optional<CallRecord>> call(CallId id);
    [[nodiscard]] Expected<Report> report(const Period &period,
                                          std::optional<MunicipalityId> only = std::nullopt);

  private:
    storage::Database &database_;
};

} // namespace fernamt::reporting
