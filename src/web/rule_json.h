// SPDX-License-Identifier: EUPL-1.2
// The values of distribution's rules as the API reads and writes them: opening periods, days,
// instants, skills with levels, durations in whole seconds. Faults are the reader's; whether the
// values make sense is checked where they are stored.
#pragma once

#include "base/phone_number.h"
#include "routing/hours.h"
#include "routing/rules.h"
#include "web/json_reader.h"

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::web {

// {"weekday":0,"from":"08:00","to":"18:00"}; valid_from and valid_until only when they are set.
[[nodiscard]] boost::json::array hours_json(const std::vector<routing::OpeningPeriod> &hours);
[[nodiscard]] std::vector<routing::OpeningPeriod> read_hours(JsonReader &reader,
                                                             std::string_view name);
[[nodiscard]] std::string time_of_day(int second);
[[nodiscard]] int read_time_of_day(JsonReader &reader, std::string_view name, bool is_end);

// {"skill":3,"level":2}
[[nodiscard]] boost::json::array skills_json(const std::vector<routing::SkillLevel> &levels);
[[nodiscard]] std::vector<routing::SkillLevel> read_skills(JsonReader &reader,
                                                           std::string_view name);

// {"after_seconds":60,"demands":[{"skill":3,"level":1}]}
[[nodiscard]] boost::json::array relaxations_json(const std::vector<routing::Relaxation> &steps);
[[nodiscard]] std::vector<routing::Relaxation> read_relaxations(JsonReader &reader,
                                                                std::string_view name);

[[nodiscard]] LocalDate read_day(JsonReader &reader, std::string_view name);
// The member may be null.
[[nodiscard]] std::optional<Instant> read_instant(JsonReader &reader, std::string_view name);
[[nodiscard]] Duration read_seconds(JsonReader &reader, std::string_view name,
                                    std::int64_t smallest, std::int64_t largest);
// Some id or null for none.
[[nodiscard]] std::int64_t read_optional_id(JsonReader &reader, std::string_view name);
[[nodiscard]] boost::json::value id_or_null(std::int64_t id);
[[nodiscard]] PhoneNumber read_phone_number(JsonReader &reader, std::string_view name);

} // namespace fernamt::web
