// SPDX-License-Identifier: EUPL-1.2
// How the API writes the values of the house: times, durations, municipalities, phone numbers,
// money. Missing values are null.
#pragma once

#include "base/id.h"
#include "base/phone_number.h"
#include "base/time.h"

#include <boost/json/value.hpp>

#include <optional>
#include <string>

namespace fernamt::web {

[[nodiscard]] boost::json::value to_json(Instant at);
[[nodiscard]] boost::json::value to_json(const std::optional<Instant> &at);
[[nodiscard]] boost::json::value to_json(const std::optional<MunicipalityId> &id); // ARS
[[nodiscard]] boost::json::value to_json(const PhoneNumber &number);               // {e164, shown}
[[nodiscard]] boost::json::value to_json(const std::optional<PhoneNumber> &number);
[[nodiscard]] boost::json::value to_json(const std::optional<std::string> &text);
[[nodiscard]] std::int64_t whole_seconds(Duration duration); // never negative, rounded down

} // namespace fernamt::web
