// SPDX-License-Identifier: EUPL-1.2
// What a municipality and the settings may look like.
#include "people/municipalities.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fernamt::people {

namespace {

constexpr int kSecondsOfDay = 86'400;

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

std::string clock_time(int second) {
    return fmt::format("{:02}:{:02}", second / 3600, second / 60 % 60);
}

std::string shown(const routing::OpeningPeriod &period) {
    return fmt::format("{}–{}", clock_time(period.from_second), clock_time(period.to_second));
}

std::string number_of(Weekday weekday) {
    return std::to_string(static_cast<int>(weekday));
}

Expected<void> check_period(const routing::OpeningPeriod &period) {
    const bool in_day = period.from_second >= 0 && period.to_second <= kSecondsOfDay;
    const auto weekday = static_cast<int>(period.weekday);
    if (in_day && period.from_second < period.to_second && weekday >= 0 && weekday <= 6) return {};
    return invalid("municipality.hours_order", "hours",
                   {{"weekday", number_of(period.weekday)},
                    {"from", clock_time(period.from_second)},
                    {"to", clock_time(period.to_second)}});
}

Expected<void> check_hours(std::vector<routing::OpeningPeriod> hours) {
    for (const auto &period : hours) {
        if (auto checked = check_period(period); !checked) return checked;
    }
    std::sort(hours.begin(), hours.end(), [](const auto &a, const auto &b) {
        return std::pair(a.weekday, a.from_second) < std::pair(b.weekday, b.from_second);
    });
    for (std::size_t i = 1; i < hours.size(); ++i) {
        const auto &first = hours[i - 1];
        const auto &second = hours[i];
        if (first.weekday != second.weekday || first.to_second <= second.from_second) continue;
        return invalid("municipality.hours_overlap", "hours",
                       {{"weekday", number_of(first.weekday)},
                        {"first", shown(first)},
                        {"second", shown(second)}});
    }
    return {};
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
    return check_hours(municipality.hours);
}

Expected<void> validate(const Settings &settings) {
    struct Range {
        std::string_view field;
        Duration value, least, most;
    };
    const std::array<Range, 4> ranges{{
        {"ring_timeout_seconds", settings.ring_timeout, 5s, 120s},
        {"wrap_up_seconds", settings.wrap_up, 0s, 600s},
        {"wrap_up_extension_seconds", settings.wrap_up_extension, 0s, 600s},
        {"transfer_timeout_seconds", settings.transfer_timeout, 5s, 120s},
    }};
    const auto seconds = [](Duration value) {
        return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(value).count());
    };
    for (const Range &range : ranges) {
        if (range.value >= range.least && range.value <= range.most) continue;
        return invalid("settings.out_of_range", range.field,
                       {{"least", seconds(range.least)}, {"most", seconds(range.most)}});
    }
    return {};
}

} // namespace fernamt::people
