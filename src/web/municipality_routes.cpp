// SPDX-License-Identifier: EUPL-1.2
// The municipalities as the administration sees and changes them: names, hours, numbers.
#include "knowledge/areas.h"
#include "people/municipalities.h"
#include "web/api.h"
#include "web/json_reader.h"
#include "web/json_values.h"
#include "web/request_values.h"
#include "web/routes.h"
#include "web/rule_change.h"
#include "web/towns.h"

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace fernamt::web {

namespace json = boost::json;

namespace {

constexpr std::size_t kMostPeriods = 70; // ten a day
constexpr std::size_t kMostNumbers = 50; // at once
constexpr std::int64_t kLargestPopulation = 100'000'000;

std::string time_of_day(int second) {
    return fmt::format("{:02}:{:02}", second / 3600, second / 60 % 60);
}

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

json::value municipality_json(const people::Municipality &municipality) {
    json::array hours;
    for (const auto &period : municipality.hours) {
        hours.push_back(json::object{{"weekday", static_cast<int>(period.weekday)},
                                     {"from", time_of_day(period.from_second)},
                                     {"to", time_of_day(period.to_second)}});
    }
    json::array numbers;
    for (const PhoneNumber &number : municipality.numbers)
        numbers.push_back(to_json(number));
    return json::object{{"ars", to_ars(municipality.id)},
                        {"name", municipality.name},
                        {"short_name", municipality.short_name},
                        {"kind", std::string(people::to_string(municipality.kind))},
                        {"land", std::string(fernamt::to_string(municipality.land))},
                        {"population", municipality.population},
                        {"population_date", municipality.population_date},
                        {"population_source", municipality.population_source},
                        {"greeting", municipality.greeting},
                        {"hours", std::move(hours)},
                        {"closed_on_public_holidays", municipality.closed_on_public_holidays},
                        {"numbers", std::move(numbers)},
                        {"version", municipality.version}};
}

int read_time(JsonReader &reader, std::string_view name, bool is_end) {
    const std::string text = reader.text(name, {.longest = 5});
    const auto second = parse_time_of_day(text, is_end);
    if (!second) reader.fault(name, "not_a_time");
    return second.value_or(0);
}

void read_hours(JsonReader &reader, people::Municipality &municipality) {
    municipality.hours.clear();
    reader.objects("hours", kMostPeriods, [&](JsonReader &period) {
        const auto weekday = static_cast<Weekday>(period.integer("weekday", 0, 6));
        const int from = read_time(period, "from", false);
        const int to = read_time(period, "to", true);
        municipality.hours.push_back({weekday, from, to});
    });
}

// What the body says, on top of what is stored.
Expected<people::Municipality> read_change(const Incoming &incoming,
                                           people::Municipality municipality) {
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const auto ars = reader->optional_text("ars", {.longest = 12});
    if (ars && *ars != to_ars(municipality.id)) reader->fault("ars", "not_the_one_of_the_path");
    municipality.name = reader->text("name", {.shortest = 1, .longest = 200});
    municipality.short_name =
        reader->text("short_name", {.shortest = 1, .longest = people::kLongestShortName});
    municipality.greeting = reader->text("greeting", {.longest = 500});
    if (const auto land = reader->optional_text("land", {.longest = 2})) {
        const auto parsed = parse_land(*land);
        if (!parsed) reader->fault("land", "not_one_of");
        municipality.land = parsed.value_or(municipality.land);
    }
    municipality.population = reader->optional_integer("population", 0, kLargestPopulation)
                                  .value_or(municipality.population);
    municipality.population_date = reader->optional_text("population_date", {.longest = 40})
                                       .value_or(municipality.population_date);
    municipality.population_source =
        reader->optional_text("population_source").value_or(municipality.population_source);
    read_hours(*reader, municipality);
    municipality.closed_on_public_holidays = reader->boolean("closed_on_public_holidays");
    for (const char *name : {"kind", "numbers", "version"})
        reader->ignore(name);
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    return municipality;
}

// The key says which Land and which level; associations (Samtgemeinde, Verbandsgemeinde) have town
// halls, too. It need not stand in our list: municipalities merge every January.
Expected<people::Municipality> from_ars(const std::string &ars) {
    const auto id = parse_ars(ars);
    const auto land = id ? knowledge::land_of(*id) : std::nullopt;
    const bool town = land && (knowledge::level_of(*id) != knowledge::AreaLevel::land ||
                               knowledge::find_municipality(*id) != nullptr); // Berlin, Hamburg
    if (!town || to_ars(*id) != ars) {
        return fail(ProblemKind::invalid_input, "municipality.ars_invalid", {{"field", "ars"}});
    }
    people::Municipality municipality;
    municipality.id = *id;
    municipality.land = *land;
    if (knowledge::level_of(*id) == knowledge::AreaLevel::district)
        municipality.kind = people::MunicipalityKind::district;
    return municipality;
}

Expected<PhoneNumber> parse_number(const std::string &text, std::string_view field) {
    if (const auto number = parse_phone_number(text)) return *number;
    return fail(ProblemKind::invalid_input, "municipality.number_invalid",
                {{"field", std::string(field)}});
}

Expected<std::vector<PhoneNumber>> parse_numbers(const std::vector<std::string> &texts) {
    std::vector<PhoneNumber> numbers;
    for (const std::string &text : texts) {
        auto number = parse_number(text, "numbers");
        if (!number) return tl::unexpected(number.error());
        numbers.push_back(std::move(*number));
    }
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    return numbers;
}

Expected<people::Municipality> read_new(const Incoming &incoming) {
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const std::string ars = reader->text("ars", {.longest = 40});
    people::Municipality said;
    said.name = reader->text("name", {.longest = 200});
    said.short_name = reader->text("short_name", {.longest = people::kLongestShortName});
    said.greeting = reader->text("greeting", {.longest = 500});
    said.population = reader->optional_integer("population", 0, kLargestPopulation).value_or(0);
    said.population_date =
        reader->optional_text("population_date", {.longest = 40}).value_or(std::string());
    said.population_source = reader->optional_text("population_source").value_or(std::string());
    read_hours(*reader, said);
    said.closed_on_public_holidays = reader->boolean("closed_on_public_holidays");
    std::vector<std::string> numbers;
    if (reader->has("numbers")) {
        numbers = reader->texts("numbers", kMostNumbers, {.shortest = 1, .longest = 64});
    }
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    auto parsed = parse_numbers(numbers);
    if (!parsed) return tl::unexpected(parsed.error());
    said.numbers = std::move(*parsed);
    const auto place = from_ars(ars);
    if (!place) return tl::unexpected(place.error());
    said.id = place->id;
    said.land = place->land;
    said.kind = place->kind;
    return said;
}

Expected<Reply> list(const people::Municipalities &municipalities, const Incoming &incoming) {
    auto all = municipalities.all();
    if (!all) return tl::unexpected(all.error());
    json::array items;
    for (const auto &municipality : *all) {
        if (!people::may_see(incoming.caller, municipality.id)) continue;
        items.push_back(municipality_json(municipality));
    }
    return json_reply(json::object{{"items", std::move(items)}});
}

Expected<Reply> show(const people::Municipalities &municipalities, const Incoming &incoming) {
    auto found = municipalities.find(path_municipality(incoming.request));
    if (!found) return tl::unexpected(found.error());
    return versioned_reply(municipality_json(*found), found->version);
}

Expected<Reply> create(people::Municipalities &municipalities, RuleChange &rules, Towns &towns,
                       const Incoming &incoming) {
    auto wanted = read_new(incoming);
    if (!wanted) return tl::unexpected(wanted.error());
    people::Municipality after;
    auto made = rules.make(incoming.caller.user, [&]() -> Expected<void> {
        auto added = municipalities.add(*wanted, incoming.caller.user);
        if (!added) return tl::unexpected(added.error());
        after = std::move(*added);
        towns.changed();
        return {};
    });
    if (!made) return tl::unexpected(made.error());
    return json_reply(municipality_json(after), 201);
}

Expected<Reply> change(people::Municipalities &municipalities, RuleChange &rules, Towns &towns,
                       const Incoming &incoming) {
    auto version = expected_version(incoming.request);
    if (!version) return tl::unexpected(version.error());
    auto stored = municipalities.find(path_municipality(incoming.request));
    if (!stored) return tl::unexpected(stored.error());
    auto wanted = read_change(incoming, *stored);
    if (!wanted) return tl::unexpected(wanted.error());
    wanted->version = *version;

    people::Municipality after;
    auto made = rules.make(incoming.caller.user, [&]() -> Expected<void> {
        auto changed = municipalities.change(*wanted, incoming.caller.user);
        if (!changed) return tl::unexpected(changed.error());
        after = std::move(*changed);
        towns.changed();
        return {};
    });
    if (!made) return tl::unexpected(made.error());
    return versioned_reply(municipality_json(after), after.version);
}

Expected<Reply> add_number(people::Municipalities &municipalities, RuleChange &rules,
                           const Incoming &incoming) {
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const std::string text = reader->text("number", {.shortest = 1, .longest = 64});
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    const auto number = parse_number(text, "number");
    if (!number) return tl::unexpected(number.error());

    const MunicipalityId id = path_municipality(incoming.request);
    auto made = rules.make(incoming.caller.user, [&] {
        return municipalities.add_number(id, *number, incoming.caller.user);
    });
    if (!made) return tl::unexpected(made.error());
    return json_reply(to_json(*number), 201);
}

Expected<Reply> remove_number(people::Municipalities &municipalities, RuleChange &rules,
                              const Incoming &incoming) {
    const auto number = parse_phone_number(path_text(incoming.request, "e164"));
    if (!number) return invalid_value("e164", "not_a_telephone_number");
    const MunicipalityId id = path_municipality(incoming.request);
    auto made = rules.make(incoming.caller.user, [&] {
        return municipalities.remove_number(id, *number, incoming.caller.user);
    });
    if (!made) return tl::unexpected(made.error());
    return nothing_to_show();
}

} // namespace

void add_municipality_routes(net::Router &router, Gate &gate,
                             people::Municipalities &municipalities, RuleChange &rules,
                             Towns &towns) {
    gate.add(router, "GET", "/api/v1/municipalities",
             [&](const Incoming &incoming) { return list(municipalities, incoming); });
    gate.add(router, "POST", "/api/v1/municipalities", [&](const Incoming &incoming) {
        return create(municipalities, rules, towns, incoming);
    });
    gate.add(router, "GET", "/api/v1/municipalities/{ars}",
             [&](const Incoming &incoming) { return show(municipalities, incoming); });
    gate.add(router, "PUT", "/api/v1/municipalities/{ars}", [&](const Incoming &incoming) {
        return change(municipalities, rules, towns, incoming);
    });
    gate.add(router, "POST", "/api/v1/municipalities/{ars}/numbers",
             [&](const Incoming &incoming) { return add_number(municipalities, rules, incoming); });
    gate.add(
        router, "DELETE", "/api/v1/municipalities/{ars}/numbers/{e164}",
        [&](const Incoming &incoming) { return remove_number(municipalities, rules, incoming); });
}

} // namespace fernamt::web
