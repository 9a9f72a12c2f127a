// SPDX-License-Identifier: EUPL-1.2
// Calls and price lists for the tests and benchmarks of this room. Invented towns; the prices of
// the golden tests name their sources.
#pragma once

#include "agreements/calls.h"
#include "agreements/price.h"
#include "agreements/rating.h"

#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace fernamt::agreements::samples {

inline constexpr MunicipalityId kTown{32410010010};
inline constexpr MunicipalityId kOtherTown{32410019019};

struct Call {
    std::int64_t id = 0;
    Instant at;
    CallKind kind = CallKind::own_number;
    Duration talk{};
    Duration work{};
    std::int64_t price_class = 0;
};

[[nodiscard]] inline Instant at(const LocalDate &date, int hour = 10, int minute = 0) {
    return to_instant(date, hour * 3600 + minute * 60);
}

[[nodiscard]] inline Calls columns(const std::vector<Call> &calls, const LocalDate &first,
                                   const LocalDate &last) {
    Calls made(first, last);
    for (const Call &call : calls)
        (void)made.add(CallId{call.id}, call.at, call.kind, call.talk, call.work, call.price_class)
            .value();
    return made;
}

// `count` equal calls spread over the days of [first, last].
[[nodiscard]] inline std::vector<Call> spread(std::int64_t count, const LocalDate &first, int days,
                                              Duration talk, Duration work = {},
                                              CallKind kind = CallKind::own_number) {
    std::vector<Call> calls;
    for (std::int64_t i = 0; i < count; ++i) {
        const auto day = static_cast<int>(i * days / count);
        calls.push_back(
            {i + 1, at(add_days(first, day), 8 + static_cast<int>(i % 10)), kind, talk, work});
    }
    return calls;
}

[[nodiscard]] inline PriceClause clause(std::string name, const LocalDate &from, PriceModel model,
                                        KindSet kinds = {}) {
    PriceClause made;
    made.name = std::move(name);
    made.from = from;
    made.model = std::move(model);
    made.kinds = kinds;
    return made;
}

[[nodiscard]] inline PriceList prices(const LocalDate &begins, std::vector<PriceClause> clauses,
                                      std::int64_t inhabitants = 30'000) {
    PriceList list;
    list.municipality = kTown;
    list.contract_begins = begins;
    list.populations = {{begins, {begins.year - 1, 12, 31}, inhabitants, "register of the test"}};
    list.clauses = std::move(clauses);
    return list;
}

[[nodiscard]] inline MinutePrice per_minute(Price price, bool after_call_work = true,
                                            Unit unit = Unit::second,
                                            Level level = Level::per_call) {
    MinutePrice model;
    model.steps = {{1, price}};
    model.counts_after_call_work = after_call_work;
    model.unit = unit;
    model.level = level;
    return model;
}

[[nodiscard]] inline Money total(const std::vector<MonthStatement> &months) {
    return std::accumulate(
        months.begin(), months.end(), Money{},
        [](Money sum, const MonthStatement &month) { return sum + month.total; });
}

} // namespace fernamt::agreements::samples
