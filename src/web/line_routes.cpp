// SPDX-License-Identifier: EUPL-1.2
// A municipality's lines (a number with its scope, queue, own hours, price class, validity and the
// operator who rings first), the exceptions from its hours, and the operator's ad-hoc switch.
#include "people/audit.h"
#include "people/hours.h"
#include "people/lines.h"
#include "people/municipalities.h"
#include "web/api.h"
#include "web/first_day.h"
#include "web/json_values.h"
#include "web/routes.h"
#include "web/rule_json.h"
#include "web/rule_resource.h"
#include "web/waiting.h"

#include <array>

namespace fernamt::web {

namespace json = boost::json;

namespace {

using people::HoursException;
using people::Line;
using storage::Connection;

std::optional<routing::OpeningHours> read_own_hours(JsonReader &reader) {
    const bool own = reader.boolean("own_hours");
    const bool closed = reader.boolean("closed_on_public_holidays");
    const bool towns_days = reader.boolean("towns_days");
    auto periods = read_hours(reader, "hours");
    if (own) return routing::OpeningHours{std::move(periods), closed, {}, towns_days};
    if (!periods.empty()) reader.fault("hours", "without_own_hours");
    return std::nullopt;
}

std::optional<routing::OfficeFirst> read_office(JsonReader &reader) {
    const auto number = reader.nullable_text("office", {.shortest = 1, .longest = 64});
    const Duration ring = read_seconds(reader, "office_ring_seconds", 5, 120);
    auto absent = read_hours(reader, "absent");
    if (!number) return std::nullopt;
    const auto parsed = parse_phone_number(*number);
    if (!parsed) reader.fault("office", "not_a_telephone_number");
    return routing::OfficeFirst{parsed.value_or(PhoneNumber{}), ring, std::move(absent)};
}

Line read_line(JsonReader &reader, const Incoming &incoming) {
    using routing::Scope;
    static constexpr std::array kScopes{
        std::pair{std::string_view("central"), Scope::central},
        std::pair{std::string_view("authority_115"), Scope::authority_115},
        std::pair{std::string_view("department"), Scope::department},
        std::pair{std::string_view("it_faults"), Scope::it_faults},
        std::pair{std::string_view("public_order"), Scope::public_order},
        std::pair{std::string_view("test_calls"), Scope::test_calls},
        std::pair{std::string_view("internal"), Scope::internal}};
    Line line;
    line.rules.municipality = path_municipality(incoming.request);
    line.rules.number = read_phone_number(reader, "number");
    line.rules.scope = reader.choice<Scope>("scope", kScopes);
    line.rules.queue = routing::QueueId{read_optional_id(reader, "queue")};
    line.rules.price_class = reader.integer("price_class", 0, 1'000'000);
    line.rules.hours = read_own_hours(reader);
    line.rules.valid_from = read_instant(reader, "valid_from");
    line.rules.valid_until = read_instant(reader, "valid_until");
    line.rules.office = read_office(reader);
    return line;
}

json::object line_json(const Line &line) {
    const routing::Number &rules = line.rules;
    const auto hours = rules.hours.value_or(routing::OpeningHours{});
    const auto office = rules.office.value_or(routing::OfficeFirst{});
    json::value office_number = nullptr;
    if (rules.office) office_number = office.office.e164;
    return json::object{{"id", line.id},
                        {"number", rules.number.e164},
                        {"shown", to_din5008(rules.number)},
                        {"scope", std::string(routing::to_string(rules.scope))},
                        {"queue", id_or_null(rules.queue.value)},
                        {"price_class", rules.price_class},
                        {"own_hours", rules.hours.has_value()},
                        {"closed_on_public_holidays", hours.closed_on_public_holidays},
                        {"towns_days", hours.towns_days},
                        {"hours", hours_json(hours.periods)},
                        {"valid_from", to_json(rules.valid_from)},
                        {"valid_until", to_json(rules.valid_until)},
                        {"office", std::move(office_number)},
                        {"office_ring_seconds", whole_seconds(office.ring_for)},
                        {"absent", hours_json(office.absent)},
                        {"version", line.version}};
}

RuleResource<Line> line_resource(const ApiParts &parts) {
    RuleResource<Line> it;
    it.path = "/api/v1/municipalities/{ars}/lines";
    it.list = [](Connection &connection, const Incoming &incoming) {
        return people::lines(connection, path_municipality(incoming.request));
    };
    it.read = [](JsonReader &reader, const Incoming &incoming) {
        Line line = read_line(reader, incoming);
        reader.ignore("shown");
        return line;
    };
    it.may_add = [](const people::Change &change, const Line &line) {
        return may_get_numbers(change.connection, line.rules.municipality, 1, change.at);
    };
    it.set_id = [](Line &line, std::int64_t id) { line.id = id; };
    it.show = line_json;
    it.remove = [](const people::Change &change, const Incoming &incoming, std::int64_t id) {
        return people::remove_line(change, path_municipality(incoming.request), id);
    };
    it.check = [&parts](const Line &line) -> Expected<void> {
        if (!line.rules.office) return {};
        return check_may_call(parts, line.rules.office->office, "office");
    };
    return it;
}

RuleResource<HoursException> exception_resource() {
    RuleResource<HoursException> it;
    it.path = "/api/v1/municipalities/{ars}/hours-exceptions";
    it.list = [](Connection &connection, const Incoming &incoming) {
        return people::hours_exceptions(connection, path_municipality(incoming.request));
    };
    it.read = [](JsonReader &reader, const Incoming &incoming) {
        HoursException one;
        one.municipality = path_municipality(incoming.request);
        one.line = read_optional_id(reader, "line");
        one.rule.first = read_day(reader, "first_day");
        one.rule.last = read_day(reader, "last_day");
        one.rule.open = reader.boolean("open");
        one.rule.from_second = read_time_of_day(reader, "from", false);
        one.rule.to_second = read_time_of_day(reader, "to", true);
        one.reason = reader.text("reason", {.longest = 200});
        return one;
    };
    it.set_id = [](HoursException &one, std::int64_t id) { one.id = id; };
    it.show = [](const HoursException &one) {
        return json::object{{"id", one.id},
                            {"line", id_or_null(one.line)},
                            {"first_day", fernamt::to_string(one.rule.first)},
                            {"last_day", fernamt::to_string(one.rule.last)},
                            {"open", one.rule.open},
                            {"from", time_of_day(one.rule.from_second)},
                            {"to", time_of_day(one.rule.to_second)},
                            {"reason", one.reason},
                            {"version", one.version}};
    };
    it.remove = [](const people::Change &change, const Incoming &incoming, std::int64_t id) {
        return people::remove_hours_exception(change, path_municipality(incoming.request), id);
    };
    return it;
}

// --- the operator's switch

Expected<Reply> show_office(const ApiParts &parts, people::Municipalities &municipalities,
                            const Incoming &incoming) {
    const MunicipalityId id = path_municipality(incoming.request);
    if (const auto known = municipalities.find(id); !known) return tl::unexpected(known.error());
    const auto state = parts.exchange.state();
    if (!state) return tl::unexpected(state.error());
    const auto office = state->offices.find(id);
    const bool in_force = office != state->offices.end() &&
                          (!office->second.until || *office->second.until > incoming.now);
    std::string presence = "by_timetable"; // of each of its lines
    std::optional<Instant> until;
    if (in_force) {
        presence = office->second.absent ? "absent" : "present";
        until = office->second.until;
    }
    return json_reply(json::object{{"presence", presence}, {"until", to_json(until)}});
}

Expected<Reply> switch_office(const ApiParts &parts, people::Municipalities &municipalities,
                              const Incoming &incoming) {
    const MunicipalityId id = path_municipality(incoming.request);
    if (const auto known = municipalities.find(id); !known) return tl::unexpected(known.error());
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    routing::OfficeSwitched event{id, {}, {}};
    static constexpr std::array kPresence{std::pair{std::string_view("absent"), 1},
                                          std::pair{std::string_view("present"), 2},
                                          std::pair{std::string_view("by_timetable"), 3}};
    const int presence = reader->choice<int>("presence", kPresence);
    event.until = read_instant(*reader, "until");
    if (presence == 3 && event.until) reader->fault("until", "only_with_absent_or_present");
    if (event.until && *event.until <= incoming.now) reader->fault("until", "in_the_past");
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    if (presence != 3) event.absent = presence == 1;
    auto acted = wait_for([&](auto done) { parts.exchange.act(event, std::move(done)); });
    if (!acted) return tl::unexpected(acted.error());
    auto audited = parts.database.write([&](Connection &connection) {
        return people::record(connection, incoming.now, incoming.caller.user,
                              "municipality.office_switched", id.value);
    });
    if (!audited) return tl::unexpected(audited.error());
    return show_office(parts, municipalities, incoming);
}

} // namespace

void add_line_routes(net::Router &router, Gate &gate, const ApiParts &parts, RuleChange &rules,
                     people::Municipalities &municipalities) {
    add_rule_resource(router, gate, parts, rules, line_resource(parts));
    add_rule_resource(router, gate, parts, rules, exception_resource());
    gate.add(router, "GET", "/api/v1/municipalities/{ars}/office", [&](const Incoming &incoming) {
        return show_office(parts, municipalities, incoming);
    });
    gate.add(router, "PUT", "/api/v1/municipalities/{ars}/office", [&](const Incoming &incoming) {
        return switch_office(parts, municipalities, incoming);
    });
}

} // namespace fernamt::web
