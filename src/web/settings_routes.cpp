// SPDX-License-Identifier: EUPL-1.2
// The times that hold for the whole office.
#include "people/municipalities.h"
#include "web/api.h"
#include "web/json_reader.h"
#include "web/json_values.h"
#include "web/request_values.h"
#include "web/routes.h"
#include "web/rule_change.h"

#include <boost/json/value.hpp>

namespace fernamt::web {

namespace json = boost::json;

namespace {

constexpr std::int64_t kDay = 86'400; // what is sensible is people's to say

json::value settings_json(const people::Settings &settings) {
    return json::object{{"ring_timeout_seconds", whole_seconds(settings.ring_timeout)},
                        {"wrap_up_seconds", whole_seconds(settings.wrap_up)},
                        {"wrap_up_extension_seconds", whole_seconds(settings.wrap_up_extension)},
                        {"transfer_timeout_seconds", whole_seconds(settings.transfer_timeout)},
                        {"version", settings.version}};
}

Expected<people::Settings> read_settings(const Incoming &incoming) {
    auto version = expected_version(incoming.request);
    if (!version) return tl::unexpected(version.error());
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const auto seconds = [&](std::string_view name) {
        return Duration{std::chrono::seconds{reader->integer(name, 0, kDay)}};
    };
    people::Settings settings;
    settings.ring_timeout = seconds("ring_timeout_seconds");
    settings.wrap_up = seconds("wrap_up_seconds");
    settings.wrap_up_extension = seconds("wrap_up_extension_seconds");
    settings.transfer_timeout = seconds("transfer_timeout_seconds");
    settings.version = *version;
    reader->ignore("version");
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    return settings;
}

} // namespace

void add_settings_routes(net::Router &router, Gate &gate, people::Municipalities &municipalities,
                         RuleChange &rules) {
    gate.add(router, "GET", "/api/v1/settings", [&](const Incoming &) -> Expected<Reply> {
        auto settings = municipalities.settings();
        if (!settings) return tl::unexpected(settings.error());
        return versioned_reply(settings_json(*settings), settings->version);
    });

    gate.add(router, "PUT", "/api/v1/settings", [&](const Incoming &incoming) -> Expected<Reply> {
        auto wanted = read_settings(incoming);
        if (!wanted) return tl::unexpected(wanted.error());
        people::Settings after;
        auto made = rules.make(incoming.caller.user, [&]() -> Expected<void> {
            auto changed = municipalities.change_settings(*wanted, incoming.caller.user);
            if (!changed) return tl::unexpected(changed.error());
            after = *changed;
            return {};
        });
        if (!made) return tl::unexpected(made.error());
        return versioned_reply(settings_json(after), after.version);
    });
}

} // namespace fernamt::web
