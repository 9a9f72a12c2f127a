// SPDX-License-Identifier: EUPL-1.2
// The times that hold for the whole office.
#include "people/municipalities.h"
#include "web/api.h"
#include "web/json_reader.h"
#include "web/json_values.h"
#include "web/request_values.h"
#include "web/routes.h"
#include "web/rule_resource.h"

#include <boost/json/value.hpp>

namespace fernamt::web {

namespace json = boost::json;

namespace {

constexpr std::int64_t kDay = 86'400; // what is sensible is people's to say

json::value settings_json(const people::Settings &settings) {
    return json::object{
        {"ring_timeout_seconds", whole_seconds(settings.ring_timeout)},
        {"wrap_up_seconds", whole_seconds(settings.wrap_up)},
        {"wrap_up_extension_seconds", whole_seconds(settings.wrap_up_extension)},
        {"transfer_timeout_seconds", whole_seconds(settings.transfer_timeout)},
        {"callback_ring_seconds", whole_seconds(settings.callbacks.ring_for)},
        {"callback_attempts", settings.callbacks.attempts},
        {"callback_retry_seconds", whole_seconds(settings.callbacks.retry_after)},
        {"callback_retry_busy_seconds", whole_seconds(settings.callbacks.retry_when_busy)},
        {"callback_retry_own_seconds", whole_seconds(settings.callbacks.retry_when_not_dialled)},
        {"typical_handling_seconds", whole_seconds(settings.typical_handling)},
        {"max_hops", settings.max_hops},
        {"max_partners", settings.max_partners},
        {"version", settings.version}};
}

// Who does not name the later ones leaves them as they are.
void read_callbacks(JsonReader &reader, people::Settings &settings) {
    const auto seconds = [&](std::string_view name, Duration &value) {
        if (const auto given = reader.optional_integer(name, 0, kDay))
            value = std::chrono::seconds{*given};
    };
    const auto count = [&](std::string_view name, std::int64_t &value) {
        value = reader.optional_integer(name, 0, 1'000).value_or(value);
    };
    seconds("callback_ring_seconds", settings.callbacks.ring_for);
    count("callback_attempts", settings.callbacks.attempts);
    seconds("callback_retry_seconds", settings.callbacks.retry_after);
    seconds("callback_retry_busy_seconds", settings.callbacks.retry_when_busy);
    seconds("callback_retry_own_seconds", settings.callbacks.retry_when_not_dialled);
    seconds("typical_handling_seconds", settings.typical_handling);
    count("max_hops", settings.max_hops);
    count("max_partners", settings.max_partners);
}

Expected<people::Settings> read_settings(const Incoming &incoming, people::Settings settings) {
    auto version = expected_version(incoming.request);
    if (!version) return tl::unexpected(version.error());
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const auto seconds = [&](std::string_view name) {
        return Duration{std::chrono::seconds{reader->integer(name, 0, kDay)}};
    };
    settings.ring_timeout = seconds("ring_timeout_seconds");
    settings.wrap_up = seconds("wrap_up_seconds");
    settings.wrap_up_extension = seconds("wrap_up_extension_seconds");
    settings.transfer_timeout = seconds("transfer_timeout_seconds");
    read_callbacks(*reader, settings);
    settings.version = *version;
    reader->ignore("version");
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    return settings;
}

} // namespace

void add_settings_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                         people::Municipalities &municipalities, RuleChange &rules,
                         RulePlans &plans) {
    gate.add(router, "GET", "/api/v1/settings", [&](const Incoming &) -> Expected<Reply> {
        auto settings = municipalities.settings();
        if (!settings) return tl::unexpected(settings.error());
        return versioned_reply(settings_json(*settings), settings->version);
    });

    // What is left out stays as it is when the change is made, which may be later.
    const PrepareThing<people::Settings> modified =
        [](const Incoming &incoming) -> Expected<MakeThing<people::Settings>> {
        if (auto wanted = read_settings(incoming, {}); !wanted)
            return tl::unexpected(wanted.error());
        return [&incoming](const people::Change &change) -> Expected<people::Settings> {
            const auto stored = people::load_settings(change.connection);
            if (!stored) return stored;
            const auto wanted = read_settings(incoming, *stored);
            if (!wanted) return wanted;
            return people::modify(change, *wanted);
        };
    };
    add_rule_route<people::Settings>(router, gate, parts, rules, &plans, "PUT", "/api/v1/settings",
                                     modified, [](const people::Settings &settings) {
                                         return versioned_reply(settings_json(settings),
                                                                settings.version);
                                     });
}

} // namespace fernamt::web
