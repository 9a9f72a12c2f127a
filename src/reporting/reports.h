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
#include <vector>

namespace fernamt::reporting {

struct Period { // [from, to), by the time the call was offered
    Instant from;
    Instant to;
};
[[nodiscard]] Period local_day(const LocalDate &date);

// Callbacks of the total and of 115 are those of the municipalities that tell theirs (of 115: on
// 115): who knew a sum with more in it would know what a single hidden one has. By the hour
// there are none.
struct Report {
    KeyFigures total;
    KeyFigures authority_115;            // of the total, the calls on 115
    std::array<KeyFigures, 24> per_hour; // Europe/Berlin; the hour a clock shows twice is one
    std::map<MunicipalityId, KeyFigures> municipalities;
};

struct Misroute { // so many callers dialled the one and meant the other (F-07)
    MunicipalityId dialled;
    MunicipalityId meant;
    std::int64_t calls = 0;
    friend bool operator==(const Misroute &, const Misroute &) = default;
};

class Reports {
  public:
    explicit Reports(storage::Database &database) : database_(database) {}

    [[nodiscard]] Expected<std::optional<CallRecord>> call(CallId id);
    // Calls on 115, taken apart, are measured by what 115 promises.
    [[nodiscard]] Expected<Report> report(const Period &period,
                                          std::optional<MunicipalityId> only = std::nullopt,
                                          const Targets &targets = {});
    // The most frequent first, from kFewestCalls on; of one municipality: those that it has part
    // in.
    [[nodiscard]] Expected<std::vector<Misroute>>
    misroutes(const Period &period, std::optional<MunicipalityId> only = std::nullopt);
    // The latest first. Each whole: with talk and work of the conversations that went on when it
    // ended, as far as they have ended since.
    [[nodiscard]] Expected<std::vector<CrisisRecord>>
    crises(std::optional<routing::CrisisId> only = std::nullopt);

    // For who reads the ledger from there on: the latest call offered before an instant, and the
    // first entry of the calls offered since one (0: there are none).
    [[nodiscard]] Expected<std::optional<Instant>> latest_call(Instant before);
    [[nodiscard]] Expected<std::int64_t> first_seq_since(Instant at);

  private:
    storage::Database &database_;
};

} // namespace fernamt::reporting
