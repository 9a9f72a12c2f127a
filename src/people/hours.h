// SPDX-License-Identifier: EUPL-1.2
// How opening periods stand in tables, whether they make sense, and the exceptions from them: local
// closures and exceptional openings of a municipality or of one of its lines. What they mean at an
// instant is decided in routing/hours.h, not here.
#pragma once

#include "people/rule_change.h"
#include "routing/rules.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::people {

// "municipality.hours_order" {field, weekday, from, to}, "municipality.hours_overlap" {field,
// weekday, first, second}; periods that are never valid on the same day do not overlap.
[[nodiscard]] Expected<void> check_hours(std::vector<routing::OpeningPeriod> hours,
                                         std::string_view field);

// Five columns in this order, wherever periods are stored.
inline constexpr std::string_view kPeriodColumns =
    "weekday, from_second, to_second, valid_from, valid_until";
[[nodiscard]] routing::OpeningPeriod read_period(const storage::Row &row, int first_column);
// Two columns, both or neither: information_first_us, information_every_us.
[[nodiscard]] std::optional<routing::WaitingInformation> read_information(const storage::Row &row,
                                                                          int first_column);
void append_period(std::vector<storage::Value> &values, const routing::OpeningPeriod &period);

struct HoursException {
    std::int64_t id = 0;
    MunicipalityId municipality;
    std::int64_t line = 0; // 0: of the municipality
    routing::HoursException rule;
    std::string reason; // for people: "Betriebsausflug"
    std::int64_t version = 1;
    friend bool operator==(const HoursException &, const HoursException &) = default;
};

// In order of days. All, or of one municipality.
[[nodiscard]] Expected<std::vector<HoursException>>
hours_exceptions(storage::Connection &connection, std::optional<MunicipalityId> only = {});
// Problems: "distribution.order" {field} for days or times the wrong way round,
// "distribution.unknown" {field: line}, "municipality.not_found"; with an id of another
// municipality "distribution.not_found".
[[nodiscard]] Expected<HoursException> add(const Change &change, HoursException exception);
[[nodiscard]] Expected<HoursException> modify(const Change &change, HoursException exception);
[[nodiscard]] Expected<void> remove_hours_exception(const Change &change, MunicipalityId owner,
                                                    std::int64_t id);

} // namespace fernamt::people
