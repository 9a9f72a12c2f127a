// SPDX-License-Identifier: EUPL-1.2
#include "ledger/routing_codec.h"

#include "ledger/json_fields.h"
#include "ledger/routing_fields.h"
#include "ledger/routing_names.h"

#include <utility>

namespace fernamt::ledger {

namespace {

// Beside an alternative's own members.
constexpr std::string_view kCaller = "caller";
constexpr std::string_view kRule = "rule";

template <class T>
std::string_view type_name() {
    return type_of(static_cast<const T *>(nullptr));
}

template <class T>
void fill_columns(NewEntry &entry, const T &value) {
    if constexpr (requires { value.call; }) entry.call = value.call;
    if constexpr (requires { value.municipality; }) entry.municipality = value.municipality;
    if constexpr (std::is_same_v<T, routing::CallOffered>) {
        if (value.dialled) entry.municipality = value.dialled->municipality;
    }
}

template <class Variant, std::size_t... I>
bool is_type(std::string_view type, std::index_sequence<I...>) {
    return ((type == type_name<std::variant_alternative_t<I, Variant>>()) || ...);
}

template <class Variant>
bool is_type(std::string_view type) {
    return is_type<Variant>(type, std::make_index_sequence<std::variant_size_v<Variant>>{});
}

template <class T, class Variant>
bool read_as(FieldReader &reader, std::string_view type, Variant &value) {
    if (type != type_name<T>()) return false;
    T alternative;
    fields(reader, alternative);
    value = std::move(alternative);
    return true;
}

template <class Variant, std::size_t... I>
bool read_alternative(FieldReader &reader, std::string_view type, Variant &value,
                      std::index_sequence<I...>) {
    return (read_as<std::variant_alternative_t<I, Variant>>(reader, type, value) || ...);
}

template <class Variant>
Expected<void> read(FieldReader &reader, const std::string &type, Variant &value) {
    const auto all = std::make_index_sequence<std::variant_size_v<Variant>>{};
    if (!read_alternative(reader, type, value, all)) {
        return fail(ProblemKind::invalid_input, "ledger.unknown_type", {{"type", type}});
    }
    return reader.finish();
}

} // namespace

namespace {

template <class T>
constexpr bool kHasCaller =
    std::is_same_v<T, routing::CallOffered> || std::is_same_v<T, routing::CallbackRequested>;

bool has_caller(const std::string &type) {
    return type == type_name<routing::CallOffered>() ||
           type == type_name<routing::CallbackRequested>();
}

} // namespace

NewEntry to_entry(const routing::Event &event, Instant at, std::string_view caller) {
    return std::visit(
        [&]<class T>(const T &fact) {
            FieldWriter writer;
            fields(writer, fact);
            if (kHasCaller<T> && !caller.empty()) writer(kCaller, caller);
            NewEntry entry{at, std::string(type_name<T>()), writer.take(), {}, {}};
            fill_columns(entry, fact);
            return entry;
        },
        event);
}

NewEntry to_entry(const routing::Decision &decision, Instant at) {
    return std::visit(
        [&]<class T>(const T &effect) {
            FieldWriter writer;
            fields(writer, effect);
            writer(kRule, decision.rule);
            NewEntry entry{at, std::string(type_name<T>()), writer.take(), {}, {}};
            fill_columns(entry, effect);
            return entry;
        },
        decision.effect);
}

bool is_event(const Entry &entry) {
    return is_type<routing::Event>(entry.type);
}
bool is_decision(const Entry &entry) {
    return is_type<routing::Effect>(entry.type);
}

Expected<routing::Event> to_event(const NewEntry &entry) {
    const auto object = parse_object(entry.payload);
    if (!object) return tl::unexpected(object.error());
    FieldReader reader(*object, entry.type);
    if (has_caller(entry.type)) reader.skip(kCaller);
    routing::Event event;
    if (auto done = read(reader, entry.type, event); !done) return tl::unexpected(done.error());
    return event;
}

Expected<routing::Decision> to_decision(const NewEntry &entry) {
    const auto object = parse_object(entry.payload);
    if (!object) return tl::unexpected(object.error());
    FieldReader reader(*object, entry.type);
    routing::Decision decision;
    reader(kRule, decision.rule);
    if (auto done = read(reader, entry.type, decision.effect); !done) {
        return tl::unexpected(done.error());
    }
    return decision;
}

std::string caller_of(const NewEntry &entry) {
    if (!has_caller(entry.type)) return {};
    const auto object = parse_object(entry.payload);
    if (!object) return {};
    const auto *caller = object->if_contains({kCaller.data(), kCaller.size()});
    if (caller == nullptr || !caller->is_string()) return {};
    return {caller->get_string().data(), caller->get_string().size()};
}

std::string to_json(const routing::State &state) {
    FieldWriter writer;
    fields(writer, state);
    return writer.take();
}

Expected<routing::State> to_state(std::string_view json) {
    const auto object = parse_object(json);
    if (!object) return tl::unexpected(object.error());
    FieldReader reader(*object, "state");
    routing::State state;
    fields(reader, state);
    if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
    return state;
}

} // namespace fernamt::ledger
