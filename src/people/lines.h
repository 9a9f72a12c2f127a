// SPDX-License-Identifier: EUPL-1.2
// A line is a number that a municipality has, for a time or for good: what it is for, its queue,
// hours of its own, its price class, and the town hall's own operator who may ring first. The same
// number may pass from one municipality to another, but never belong to two at one instant.
#pragma once

#include "people/rule_change.h"
#include "routing/rules.h"

#include <optional>
#include <vector>

namespace fernamt::people {

struct Line {
    std::int64_t id = 0;
    routing::Number rules; // hours: without exceptions, those stand in hours.h
    std::int64_t version = 1;
    friend bool operator==(const Line &, const Line &) = default;
};

[[nodiscard]] std::optional<routing::Scope> parse_scope(std::string_view text);

// By number, then validity. All, or of one municipality.
[[nodiscard]] Expected<std::vector<Line>> lines(storage::Connection &connection,
                                                std::optional<MunicipalityId> only = {});
// Problems: "municipality.not_found"; conflict "municipality.number_taken" {field, number, ars,
// short_name} while another line has the number; "distribution.unknown" {field: queue};
// "distribution.order" {field}; those of check_hours; "distribution.office_is_line" {field:
// office}.
[[nodiscard]] Expected<Line> add(const Change &change, Line line);
[[nodiscard]] Expected<Line> modify(const Change &change, Line line);
[[nodiscard]] Expected<void> remove_line(const Change &change, MunicipalityId owner,
                                         std::int64_t id);
// All its lines with this number; "municipality.number_not_found" if there is none.
[[nodiscard]] Expected<void> remove_number(const Change &change, MunicipalityId owner,
                                           const PhoneNumber &number);

} // namespace fernamt::people
