// SPDX-License-Identifier: EUPL-1.2
#include "web/rule_json.h"

#include "web/json_values.h"
#include "web/request_values.h"

#include <fmt/format.h>

namespace fernamt::web {

namespace json = boost::json;

namespace {

constexpr std::size_t kMostPeriods = 140; // ten a day, twice a year
constexpr std::size_t kMostSkills = 100;
constexpr std::size_t kMostSteps = 10;
constexpr std::int64_t kOneDay = 86'400;

// "08:30" -> seconds; 24:00 only as an end.
std::optional<int> parse_time_of_day(std::string_view text, bool is_end) {
    const auto digit = [&](std::size_t at) { return text[at] - '0'; };
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    for (const std::size_t at : {0U, 1U, 3U, 4U}) {
        if (text[at] < '0' || text[at] > '9') return std::nullopt;
    }
    const int hour = digit(0) * 10 + digit(1);
    const int minute = digit(3) * 10 + digit(4);
    if (minute > 59 || hour > 24) return std::nullopt;
    if (hour == 24 && (minute > 0 || !is_end)) return std::nullopt;
    return hour * 3600 + minute * 60;
}

std::optional<LocalDate> read_optional_day(JsonReader &reader, std::string_view name) {
    if (!reader.has(name)) return std::nullopt;
    const auto text = reader.nullable_text(name, {.longest = 10});
    if (!text) return std::nullopt;
    const auto day = parse_date(*text);
    if (!day) reader.fault(name, "not_a_date");
    return day;
}

} // namespace

std::string time_of_day(int second) {
    return fmt::format("{:02}:{:02}", second / 3600, second / 60 % 60);
}

int read_time_of_day(JsonReader &reader, std::string_view name, bool is_end) {
    const std::string text = reader.text(name, {.longest = 5});
    const auto second = parse_time_of_day(text, is_end);
    if (!second) reader.fault(name, "not_a_time");
    return second.value_or(0);
}

json::array hours_json(const std::vector<routing::OpeningPeriod> &hours) {
    json::array items;
    for (const auto &period : hours) {
        json::object item{{"weekday", static_cast<int>(period.weekday)},
                          {"from", time_of_day(period.from_second)},
                          {"to", time_of_day(period.to_second)}};
        if (period.valid_from) item["valid_from"] = to_string(*period.valid_from);
        if (period.valid_until) item["valid_until"] = to_string(*period.valid_until);
        items.push_back(std::move(item));
    }
    return items;
}

std::vector<routing::OpeningPeriod> read_hours(JsonReader &reader, std::string_view name) {
    std::vector<routing::OpeningPeriod> hours;
    reader.objects(name, kMostPeriods, [&](JsonReader &period) {
        const auto weekday = static_cast<Weekday>(period.integer("weekday", 0, 6));
        const int from = read_time_of_day(period, "from", false);
        const int to = read_time_of_day(period, "to", true);
        const auto first = read_optional_day(period, "valid_from");
        const auto last = read_optional_day(period, "valid_until");
        hours.push_back({weekday, from, to, first, last});
    });
    return hours;
}

json::array skills_json(const std::vector<routing::SkillLevel> &levels) {
    json::array items;
    for (const auto &one : levels)
        items.push_back(json::object{{"skill", one.skill.value}, {"level", one.level}});
    return items;
}

std::vector<routing::SkillLevel> read_skills(JsonReader &reader, std::string_view name) {
    std::vector<routing::SkillLevel> levels;
    reader.objects(name, kMostSkills, [&](JsonReader &one) {
        const routing::SkillId skill{one.integer("skill", 1, kLargestId)};
        levels.push_back({skill, static_cast<int>(one.integer("level", 1, 9))});
    });
    return levels;
}

json::array relaxations_json(const std::vector<routing::Relaxation> &steps) {
    json::array items;
    for (const auto &one : steps) {
        items.push_back(json::object{{"after_seconds", whole_seconds(one.after)},
                                     {"demands", skills_json(one.demands)}});
    }
    return items;
}

std::vector<routing::Relaxation> read_relaxations(JsonReader &reader, std::string_view name) {
    std::vector<routing::Relaxation> steps;
    reader.objects(name, kMostSteps, [&](JsonReader &one) {
        const Duration after = read_seconds(one, "after_seconds", 1, kOneDay);
        steps.push_back({after, read_skills(one, "demands")});
    });
    return steps;
}

LocalDate read_day(JsonReader &reader, std::string_view name) {
    const auto day = parse_date(reader.text(name, {.longest = 10}));
    if (!day) reader.fault(name, "not_a_date");
    return day.value_or(LocalDate{});
}

std::optional<Instant> read_instant(JsonReader &reader, std::string_view name) {
    const auto text = reader.nullable_text(name, {.longest = 40});
    if (!text) return std::nullopt;
    const auto at = parse_iso8601(*text);
    if (!at) reader.fault(name, "not_an_instant");
    return at;
}

Duration read_seconds(JsonReader &reader, std::string_view name, std::int64_t smallest,
                      std::int64_t largest) {
    return std::chrono::seconds(reader.integer(name, smallest, largest));
}

std::int64_t read_optional_id(JsonReader &reader, std::string_view name) {
    return reader.nullable_integer(name, 1, kLargestId).value_or(0);
}

json::value id_or_null(std::int64_t id) {
    if (id == 0) return nullptr;
    return id;
}

PhoneNumber read_phone_number(JsonReader &reader, std::string_view name) {
    const auto number = parse_phone_number(reader.text(name, {.shortest = 1, .longest = 64}));
    if (!number) reader.fault(name, "not_a_telephone_number");
    return number.value_or(PhoneNumber{});
}

} // namespace fernamt::web
