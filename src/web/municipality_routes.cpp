// SPDX-License-Identifier: EUPL-1.2
// The municipalities as the administration sees and changes them: names, hours, numbers.
#include "knowledge/areas.h"
#include "people/changes.h"
#include "people/lines.h"
#include "people/municipalities.h"
#include "web/api.h"
#include "web/first_day.h"
#include "web/json_reader.h"
#include "web/json_values.h"
#include "web/request_values.h"
#include "web/routes.h"
#include "web/rule_change.h"
#include "web/rule_json.h"
#include "web/rule_resource.h"
#include "web/towns.h"

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace fernamt::web {

namespace json = boost::json;

namespace {

constexpr std::size_t kMostNumbers = 50; // at once
constexpr std::int64_t kLargestPopulation = 100'000'000;

using Times = routing::WaitingInformation;

json::value seconds_json(const std::optional<Times> &times, Duration Times::*which) {
    if (!times) return nullptr;
    return whole_seconds((*times).*which);
}

// Both or neither; who names none of them leaves them as they are.
void read_information(JsonReader &reader, std::optional<Times> &times) {
    constexpr std::string_view kFirst = "information_first_seconds";
    constexpr std::string_view kEvery = "information_every_seconds";
    if (!reader.has(kFirst) && !reader.has(kEvery)) return;
    const auto first = reader.nullable_integer(kFirst, 0, 86'400);
    const auto every = reader.nullable_integer(kEvery, 0, 86'400);
    times.reset();
    if (first.has_value() != every.has_value()) {
        reader.fault(first ? kEvery : kFirst, "missing");
    } else if (first) {
        times = Times{std::chrono::seconds{*first}, std::chrono::seconds{*every}};
    }
}

json::value municipality_json(const people::Municipality &municipality) {
    const auto &times = municipality.information;
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
                        {"hours", hours_json(municipality.hours)},
                        {"closed_on_public_holidays", municipality.closed_on_public_holidays},
                        {"numbers", std::move(numbers)},
                        {"joins", to_json(municipality.joins)},
                        {"leaves", to_json(municipality.leaves)},
                        {"information_first_seconds", seconds_json(times, &Times::first)},
                        {"information_every_seconds", seconds_json(times, &Times::every)},
                        {"version", municipality.version}};
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
    municipality.hours = read_hours(*reader, "hours");
    municipality.closed_on_public_holidays = reader->boolean("closed_on_public_holidays");
    read_information(*reader, municipality.information);
    for (const char *name : {"kind", "numbers", "joins", "leaves", "version"})
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
    said.hours = read_hours(*reader, "hours");
    said.closed_on_public_holidays = reader->boolean("closed_on_public_holidays");
    read_information(*reader, said.information);
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

// With numbers only after the gate, which nobody can have passed who is not taken in: first taken
// in, then let live, then the numbers.
Expected<Reply> create(const ApiParts &parts, RuleChange &rules, Towns &towns,
                       const Incoming &incoming) {
    auto wanted = read_new(incoming);
    if (!wanted) return tl::unexpected(wanted.error());
    people::Municipality after;
    const auto store = [&](storage::Connection &connection) -> Expected<void> {
        auto added = people::add({connection, incoming.now, incoming.caller.user}, *wanted);
        if (!added) return tl::unexpected(added.error());
        after = std::move(*added);
        return may_get_numbers(connection, after.id, after.numbers.size(), incoming.now);
    };
    auto made = rules.make(incoming.caller.user, [&]() -> Expected<void> {
        if (auto stored = parts.database.write(store); !stored) return stored;
        people::people_changed(parts.database);
        towns.changed();
        return {};
    });
    if (!made) return tl::unexpected(made.error());
    return json_reply(municipality_json(after), 201);
}

Expected<Reply> change(const ApiParts &parts, people::Municipalities &municipalities,
                       RuleChange &rules, Towns &towns, const Incoming &incoming) {
    auto version = expected_version(incoming.request);
    if (!version) return tl::unexpected(version.error());
    auto stored = municipalities.find(path_municipality(incoming.request));
    if (!stored) return tl::unexpected(stored.error());
    auto wanted = read_change(incoming, *stored);
    if (!wanted) return tl::unexpected(wanted.error());
    wanted->version = *version;

    return make_change<people::Municipality>(
        parts, rules, incoming,
        [&](const people::Change &making) { return people::modify(making, *wanted); },
        [&](const people::Municipality &after) {
            towns.changed();
            return versioned_reply(municipality_json(after), after.version);
        });
}

// From when until when its agreement runs. Its calls stay, so that they can be billed.
Expected<Reply> change_term(const ApiParts &parts, RuleChange &rules, const Incoming &incoming) {
    auto version = expected_version(incoming.request);
    if (!version) return tl::unexpected(version.error());
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const auto joins = read_instant(*reader, "joins");
    const auto leaves = read_instant(*reader, "leaves");
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    return make_change<people::Municipality>(
        parts, rules, incoming,
        [&](const people::Change &making) -> Expected<people::Municipality> {
            const MunicipalityId id = path_municipality(incoming.request);
            const auto before = people::load_municipality(making.connection, id);
            if (!before) return before;
            auto after = people::set_term(making, id, *version, joins, leaves);
            if (!after) return after;
            const auto may = may_join(making.connection, *before, joins, incoming.now);
            if (!may) return tl::unexpected(may.error());
            return after;
        },
        [](const people::Municipality &after) {
            return versioned_reply(municipality_json(after), after.version);
        });
}

// A plain number; everything else about it: line_routes.cpp.
Expected<Reply> add_number(const ApiParts &parts, RuleChange &rules, const Incoming &incoming) {
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const std::string text = reader->text("number", {.shortest = 1, .longest = 64});
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    const auto number = parse_number(text, "number");
    if (!number) return tl::unexpected(number.error());
    people::Line line;
    line.rules.municipality = path_municipality(incoming.request);
    line.rules.number = *number;
    return make_change<people::Line>(
        parts, rules, incoming,
        [&](const people::Change &making) -> Expected<people::Line> {
            auto added = people::add(making, line);
            if (!added) return added;
            const auto may =
                may_get_numbers(making.connection, line.rules.municipality, 1, making.at);
            if (!may) return tl::unexpected(may.error());
            return added;
        },
        [](const people::Line &added) { return json_reply(to_json(added.rules.number), 201); });
}

Expected<Reply> remove_number(const ApiParts &parts, RuleChange &rules, const Incoming &incoming) {
    const auto number = parse_phone_number(path_text(incoming.request, "e164"));
    if (!number) return invalid_value("e164", "not_a_telephone_number");
    return make_change<Done>(
        parts, rules, incoming,
        [&](const people::Change &making) {
            return done(
                people::remove_number(making, path_municipality(incoming.request), *number));
        },
        [](Done) { return nothing_to_show(); });
}

} // namespace

void add_municipality_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                             people::Municipalities &municipalities, RuleChange &rules,
                             Towns &towns) {
    gate.add(router, "GET", "/api/v1/municipalities",
             [&](const Incoming &incoming) { return list(municipalities, incoming); });
    gate.add(router, "POST", "/api/v1/municipalities",
             [&](const Incoming &incoming) { return create(parts, rules, towns, incoming); });
    gate.add(router, "GET", "/api/v1/municipalities/{ars}",
             [&](const Incoming &incoming) { return show(municipalities, incoming); });
    const auto add_change = [&](const char *method, const char *pattern, RouteHandler handler) {
        gate.add(router, method, pattern, std::move(handler), Trials::known);
    };
    add_change("PUT", "/api/v1/municipalities/{ars}", [&](const Incoming &incoming) {
        return change(parts, municipalities, rules, towns, incoming);
    });
    add_change("PUT", "/api/v1/municipalities/{ars}/term",
               [&](const Incoming &incoming) { return change_term(parts, rules, incoming); });
    add_change("POST", "/api/v1/municipalities/{ars}/numbers",
               [&](const Incoming &incoming) { return add_number(parts, rules, incoming); });
    add_change("DELETE", "/api/v1/municipalities/{ars}/numbers/{e164}",
               [&](const Incoming &incoming) { return remove_number(parts, rules, incoming); });
}

} // namespace fernamt::web
