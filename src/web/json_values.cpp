// SPDX-License-Identifier: EUPL-1.2
#include "web/json_values.h"

#include <algorithm>

namespace fernamt::web {

namespace json = boost::json;

json::value to_json(Instant at) {
    return json::value(to_iso8601(at));
}

json::value to_json(const std::optional<Instant> &at) {
    if (!at) return nullptr;
    return to_json(*at);
}

json::value to_json(const std::optional<MunicipalityId> &id) {
    if (!id) return nullptr;
    return json::value(to_ars(*id));
}

json::value to_json(const PhoneNumber &number) {
    return json::object{{"e164", number.e164}, {"shown", to_din5008(number)}};
}

json::value to_json(const std::optional<PhoneNumber> &number) {
    if (!number) return nullptr;
    return to_json(*number);
}

json::value to_json(const std::optional<std::string> &text) {
    if (!text) return nullptr;
    return json::value(*text);
}

std::int64_t whole_seconds(Duration duration) {
    return std::max<std::int64_t>(
        0, std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

} // namespace fernamt::web
