// SPDX-License-Identifier: EUPL-1.2
// What a municipality and the settings may look like.
#include "people/hours.h"
#include "people/municipalities.h"

#include <algorithm>
#include <array>

namespace fernamt::people {

namespace {

auto invalid(std::string code, std::string_view field,
             std::vector<std::pair<std::string, std::string>> more = {}) {
    more.insert(more.begin(), {"field", std::string(field)});
    return fail(ProblemKind::invalid_input, std::move(code), std::move(more));
}

std::size_t characters(std::string_view utf8) {
    return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
    }));
}

Expected<void> check_text(std::string_view field, std::string_view text, std::size_t most) {
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
        return invalid("municipality.text_missing", field);
    if (characters(text) > most)
        return invalid("municipality.text_too_long", field, {{"most", std::to_string(most)}});
    return {};
}

struct Range {
    std::string_view field;
    Duration value, least, most;
};

Expected<void> check(const Range &range) {
    if (range.value >= range.least && range.value <= range.most) return {};
    const auto seconds = [](Duration value) {
        return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(value).count());
    };
    return invalid("settings.out_of_range", range.field,
                   {{"least", seconds(range.least)}, {"most", seconds(range.most)}});
}

} // namespace

std::string_view to_string(MunicipalityKind kind) {
    return kind == MunicipalityKind::district ? "district" : "municipality";
}

Expected<void> validate(const Municipality &municipality) {
    if (auto checked = check_text("name", municipality.name, 200); !checked) return checked;
    if (auto checked = check_text("short_name", municipality.short_name, kLongestShortName);
        !checked)
        return checked;
    if (auto checked = check_text("greeting", municipality.greeting, 500); !checked) return checked;
    if (municipality.population < 0)
        return invalid("municipality.population_negative", "population");
    if (const auto &times = municipality.information) {
        for (const Range &range : {Range{"information_first_seconds", times->first, 5s, 3'600s},
                                   Range{"information_every_seconds", times->every, 15s, 3'600s}}) {
            if (auto checked = check(range); !checked) return checked;
        }
    }
    return check_hours(municipality.hours, "hours");
}

Expected<void> validate(const Settings &settings) {
    const std::array<Range, 9> ranges{{
        {"ring_timeout_seconds", settings.ring_timeout, 5s, 120s},
        {"wrap_up_seconds", settings.wrap_up, 0s, 600s},
        {"wrap_up_extension_seconds", settings.wrap_up_extension, 0s, 600s},
        {"transfer_timeout_seconds", settings.transfer_timeout, 5s, 120s},
        {"callback_ring_seconds", settings.callbacks.ring_for, 10s, 120s},
        {"callback_retry_seconds", settings.callbacks.retry_after, 60s, 86'400s},
        {"callback_retry_busy_seconds", settings.callbacks.retry_when_busy, 60s, 86'400s},
        {"callback_retry_own_seconds", settings.callbacks.retry_when_not_dialled, 60s, 86'400s},
        {"typical_handling_seconds", settings.typical_handling, 10s, 3'600s},
    }};
    for (const Range &range : ranges) {
        if (auto checked = check(range); !checked) return checked;
    }
    for (const auto &[field, value] : {std::pair{"callback_attempts", settings.callbacks.attempts},
                                       std::pair{"max_hops", settings.max_hops},
                                       std::pair{"max_partners", settings.max_partners}}) {
        if (value < 1 || value > 10)
            return invalid("settings.out_of_range", field, {{"least", "1"}, {"most", "10"}});
    }
    return {};
}

} // namespace fernamt::people
