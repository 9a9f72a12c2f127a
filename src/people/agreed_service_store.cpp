// SPDX-License-Identifier: EUPL-1.2
#include "people/agreed_service_store.h"

#include "people/municipalities.h"

#include <boost/json.hpp>

#include <algorithm>

namespace fernamt::people {

namespace json = boost::json;

namespace {

using agreements::Dated;
using agreements::Promise;
using agreements::Retention;
using routing::OpeningPeriod;
using storage::Connection;
using storage::Row;
using storage::Value;
using Number = AgreedState::Number;
using Setup = AgreedState::Setup;

// ---- JSON --------------------------------------------------------------------------------------

// Of what can be written and read one by one.
template <class T>
json::array all_of(const std::vector<T> &values);
template <class T>
void read_all(const json::value &value, std::vector<T> &into);

json::value to_json(const std::optional<Instant> &at) {
    if (!at) return nullptr;
    return at->us;
}
json::value to_json(const std::optional<LocalDate> &day) {
    if (!day) return nullptr;
    return json::string(fernamt::to_string(*day));
}
json::value to_json(const OpeningPeriod &period) {
    return json::array{static_cast<int>(period.weekday), period.from_second, period.to_second,
                       to_json(period.valid_from), to_json(period.valid_until)};
}
json::value to_json(const Setup &setup) {
    json::object object;
    object["by_agreement"] = setup.by_agreement;
    object["use"] = routing::to_string(setup.use);
    if (setup.office) {
        object["office"] = setup.office->office.e164;
        object["ring_us"] = std::int64_t{setup.office->ring_for.count()};
        object["absent"] = all_of(setup.office->absent);
    }
    if (setup.hours) object["hours"] = all_of(*setup.hours);
    if (setup.towns_days) object["towns_days"] = true;
    return object;
}
json::value to_json(const Number &number) {
    json::array array{number.line, json::string(number.number.e164), to_json(number.from),
                      to_json(number.until), number.by_agreement};
    if (number.setup) array.push_back(to_json(*number.setup));
    return array;
}
json::value to_json(const Dated<Promise> &each) {
    const Promise &value = each.value;
    return json::array{json::string(fernamt::to_string(each.from)),
                       to_json(each.to),
                       value.answered_percent,
                       value.within_seconds,
                       value.first_contact_percent,
                       value.reply_hours,
                       value.reply_in_service_hours};
}
json::value to_json(const Dated<Retention> &each) {
    const Retention &value = each.value;
    return json::array{json::string(fernamt::to_string(each.from)), to_json(each.to),
                       value.caller_days, value.case_days, value.call_record_days};
}

template <class T>
json::array all_of(const std::vector<T> &values) {
    json::array array;
    for (const T &value : values)
        array.push_back(to_json(value));
    return array;
}

std::string to_text(const AgreedState &state) {
    json::object object;
    object["joins"] = to_json(state.joins);
    object["leaves"] = to_json(state.leaves);
    object["hours"] = all_of(state.hours);
    object["numbers"] = all_of(state.numbers);
    object["promises"] = all_of(state.promises);
    object["retentions"] = all_of(state.retentions);
    return json::serialize(object);
}

// Written by us only: what does not fit is a broken database, and boost::json says so by throwing.
std::optional<Instant> instant_of(const json::value &value) {
    if (value.is_null()) return std::nullopt;
    return Instant{value.as_int64()};
}
std::optional<LocalDate> day_of(const json::value &value) {
    if (value.is_null()) return std::nullopt;
    return parse_date(std::string_view(value.as_string()));
}
void read(const json::value &value, OpeningPeriod &into) {
    const json::array &v = value.as_array();
    into = {static_cast<Weekday>(v.at(0).as_int64()), static_cast<int>(v.at(1).as_int64()),
            static_cast<int>(v.at(2).as_int64()), day_of(v.at(3)), day_of(v.at(4))};
}
Setup setup_in(const json::object &object) {
    Setup setup;
    setup.by_agreement = object.at("by_agreement").as_bool();
    setup.use = parse_scope(std::string_view(object.at("use").as_string())).value_or(setup.use);
    if (const json::value *office = object.if_contains("office")) {
        setup.office = routing::OfficeFirst{.office = {std::string(office->as_string())},
                                            .ring_for = Duration{object.at("ring_us").as_int64()},
                                            .absent = {}};
        read_all(object.at("absent"), setup.office->absent);
    }
    if (const json::value *hours = object.if_contains("hours")) {
        read_all(*hours, setup.hours.emplace());
    }
    setup.towns_days = object.contains("towns_days");
    return setup;
}
void read(const json::value &value, Number &into) {
    const json::array &v = value.as_array();
    into = {v.at(0).as_int64(), PhoneNumber{std::string(v.at(1).as_string())}, instant_of(v.at(2)),
            instant_of(v.at(3)), v.at(4).as_bool()};
    if (v.size() > 5) into.setup = setup_in(v.at(5).as_object());
}
void read(const json::value &value, Dated<Promise> &into) {
    const json::array &v = value.as_array();
    into = {day_of(v.at(0)).value_or(LocalDate{}),
            day_of(v.at(1)),
            {v.at(2).as_int64(), v.at(3).as_int64(), v.at(4).as_int64(), v.at(5).as_int64(),
             v.at(6).as_bool()}};
}
void read(const json::value &value, Dated<Retention> &into) {
    const json::array &v = value.as_array();
    into = {day_of(v.at(0)).value_or(LocalDate{}),
            day_of(v.at(1)),
            {v.at(2).as_int64(), v.at(3).as_int64(), v.at(4).as_int64()}};
}
template <class T>
void read_all(const json::value &value, std::vector<T> &into) {
    for (const json::value &each : value.as_array())
        read(each, into.emplace_back());
}

AgreedState state_of(const std::string &text) {
    const json::object object = json::parse(text).as_object();
    AgreedState state;
    state.joins = instant_of(object.at("joins"));
    state.leaves = instant_of(object.at("leaves"));
    read_all(object.at("hours"), state.hours);
    read_all(object.at("numbers"), state.numbers);
    read_all(object.at("promises"), state.promises);
    read_all(object.at("retentions"), state.retentions);
    return state;
}

// ---- tables ------------------------------------------------------------------------------------

std::string day_or_empty(const std::optional<LocalDate> &day) {
    return day ? fernamt::to_string(*day) : std::string();
}

constexpr std::string_view kPromise =
    "municipality, first_day, last_day, answered_percent, within_seconds, first_contact_percent, "
    "reply_hours, reply_in_service_hours";
constexpr std::string_view kRetention =
    "municipality, first_day, last_day, caller_days, case_days, call_record_days";

template <class T>
Dated<T> dated(const Row &row, T value) {
    return {parse_date(row.text(1)).value_or(LocalDate{}), parse_date(row.text(2)),
            std::move(value)};
}

Promise promise_in(const Row &row) {
    return {row.integer(3), row.integer(4), row.integer(5), row.integer(6), row.integer(7) != 0};
}

Expected<std::vector<Dated<Promise>>> promises_of(Connection &connection, MunicipalityId id) {
    std::vector<Dated<Promise>> all;
    const auto done =
        connection.each("SELECT " + std::string(kPromise) +
                            " FROM agreed_promise WHERE municipality = $1 ORDER BY first_day",
                        {id.value}, [&](const Row &row) {
                            all.push_back(dated(row, promise_in(row)));
                            return true;
                        });
    if (!done) return tl::unexpected(done.error());
    return all;
}

Expected<std::vector<Dated<Retention>>> retentions_of(Connection &connection, MunicipalityId id) {
    std::vector<Dated<Retention>> all;
    const auto done = connection.each(
        "SELECT " + std::string(kRetention) +
            " FROM agreed_retention WHERE municipality = $1 ORDER BY first_day",
        {id.value}, [&](const Row &row) {
            all.push_back(dated(row, Retention{row.integer(3), row.integer(4), row.integer(5)}));
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    return all;
}

} // namespace

namespace store {

Expected<void> replace_promises(Connection &connection, MunicipalityId municipality,
                                const std::vector<Dated<Promise>> &all) {
    auto done =
        run(connection, "DELETE FROM agreed_promise WHERE municipality = $1", {municipality.value});
    for (const Dated<Promise> &each : all) {
        if (!done) break;
        const Promise &value = each.value;
        done = run(connection,
                   "INSERT INTO agreed_promise (" + std::string(kPromise) +
                       ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                   {municipality.value, fernamt::to_string(each.from), day_or_empty(each.to),
                    value.answered_percent, value.within_seconds, value.first_contact_percent,
                    value.reply_hours, std::int64_t{value.reply_in_service_hours}});
    }
    return done;
}

Expected<void> replace_retentions(Connection &connection, MunicipalityId municipality,
                                  const std::vector<Dated<Retention>> &all) {
    auto done = run(connection, "DELETE FROM agreed_retention WHERE municipality = $1",
                    {municipality.value});
    for (const Dated<Retention> &each : all) {
        if (!done) break;
        done = run(connection,
                   "INSERT INTO agreed_retention (" + std::string(kRetention) +
                       ") VALUES ($1, $2, $3, $4, $5, $6)",
                   {municipality.value, fernamt::to_string(each.from), day_or_empty(each.to),
                    each.value.caller_days, each.value.case_days, each.value.call_record_days});
    }
    return done;
}

Expected<void> insert_effect(const Change &change, AgreedEffect &effect) {
    const auto next = storage::next_id(change.connection, "agreed_effect");
    if (!next) return tl::unexpected(next.error());
    effect.id = *next;
    return run(change.connection,
               "INSERT INTO agreed_effect (id, municipality, agreement, at, by_user, base, before, "
               "after) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
               {effect.id, effect.municipality.value, effect.agreement, effect.at.us,
                effect.by.value, to_text(effect.base), to_text(effect.before),
                to_text(effect.after)});
}

} // namespace store

Expected<std::vector<AgreedEffect>> agreed_effects(Connection &connection,
                                                   MunicipalityId municipality) {
    std::vector<AgreedEffect> all;
    const auto done = connection.each(
        "SELECT id, agreement, at, by_user, base, before, after FROM agreed_effect "
        "WHERE municipality = $1 ORDER BY id DESC",
        {municipality.value}, [&](const Row &row) {
            all.push_back({row.integer(0), municipality, row.integer(1), Instant{row.integer(2)},
                           UserId{row.integer(3)}, state_of(row.text(4)), state_of(row.text(5)),
                           state_of(row.text(6))});
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    return all;
}

Expected<AgreedState> agreed_state(Connection &connection, MunicipalityId municipality) {
    const auto town = load_municipality(connection, municipality);
    if (!town) return tl::unexpected(town.error());
    AgreedState state;
    state.joins = town->joins;
    state.leaves = town->leaves;
    state.hours = town->hours;
    std::ranges::sort(state.hours, {}, [](const OpeningPeriod &period) {
        return std::tuple(period.weekday, period.from_second, period.valid_from, period.to_second);
    });
    const auto all = lines(connection, municipality);
    if (!all) return tl::unexpected(all.error());
    for (const Line &line : *all) {
        Setup setup{.office = line.rules.office, .hours = std::nullopt, .use = line.rules.scope};
        if (line.rules.hours) {
            setup.hours = line.rules.hours->periods;
            setup.towns_days = line.rules.hours->towns_days;
        }
        state.numbers.push_back({line.id, line.rules.number, line.rules.valid_from,
                                 line.rules.valid_until, false, std::move(setup)});
    }
    auto promises = promises_of(connection, municipality);
    if (!promises) return tl::unexpected(promises.error());
    auto retentions = retentions_of(connection, municipality);
    if (!retentions) return tl::unexpected(retentions.error());
    state.promises = std::move(*promises);
    state.retentions = std::move(*retentions);
    return state;
}

Expected<std::optional<Promise>> promise_on(Connection &connection, MunicipalityId municipality,
                                            const LocalDate &day) {
    const auto all = promises_of(connection, municipality);
    if (!all) return tl::unexpected(all.error());
    const Promise *found = agreements::on(*all, day);
    return found == nullptr ? std::nullopt : std::optional<Promise>(*found);
}

Expected<std::vector<AgreedPromise>> agreed_promises(Connection &connection) {
    std::vector<AgreedPromise> found;
    const auto done = connection.each(
        "SELECT " + std::string(kPromise) + " FROM agreed_promise ORDER BY municipality, first_day",
        {}, [&](const Row &row) {
            found.push_back({MunicipalityId{row.integer(0)}, dated(row, promise_in(row))});
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    return found;
}

Expected<std::vector<AgreedRetention>> retentions_on(Connection &connection, const LocalDate &day) {
    std::vector<AgreedRetention> found;
    const auto done = connection.each(
        "SELECT " + std::string(kRetention) +
            " FROM agreed_retention WHERE first_day <= $1 AND (last_day = '' OR last_day >= $1) "
            "ORDER BY municipality",
        {fernamt::to_string(day)}, [&](const Row &row) {
            found.push_back(
                {MunicipalityId{row.integer(0)}, {row.integer(3), row.integer(4), row.integer(5)}});
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    return found;
}

} // namespace fernamt::people
