// SPDX-License-Identifier: EUPL-1.2
// The people who sign in, as the administration sees and changes them. A change of who may take
// calls is a change of the rules.
#include "people/users.h"
#include "web/api.h"
#include "web/json_reader.h"
#include "web/request_values.h"
#include "web/routes.h"
#include "web/rule_change.h"
#include "web/user_json.h"

#include <boost/json/value.hpp>

namespace fernamt::web {

namespace json = boost::json;

namespace {

constexpr TextLimits kName{.shortest = 1, .longest = 200};
constexpr TextLimits kPassword{.shortest = 1, .longest = 1000};

json::object agent_json(const people::User &user) {
    json::object agent = user_json(user);
    agent["sip_user"] = user.sip_user;
    agent["active"] = user.active;
    agent["version"] = user.version;
    return agent;
}

// The texts of `roles` and `municipality`; their meaning is checked after finish().
struct Place {
    std::vector<std::string> roles;
    std::optional<MunicipalityId> municipality;
};

Place read_place(JsonReader &reader) {
    Place place;
    place.roles = reader.texts("roles", people::kRoles, {.longest = 20});
    const auto ars = reader.nullable_text("municipality", {.longest = 12});
    if (ars) {
        place.municipality = parse_ars(*ars);
        if (!place.municipality) reader.fault("municipality", "not_an_ars");
    }
    return place;
}

Expected<people::NewUser> read_new(const Incoming &incoming) {
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    people::NewUser user;
    user.login = reader->text("login", {.shortest = 1, .longest = 100});
    user.display_name = reader->text("display_name", kName);
    const Place place = read_place(*reader);
    user.password = reader->text("password", kPassword);
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    auto roles = people::parse_roles(place.roles);
    if (!roles) return tl::unexpected(roles.error());
    user.roles = *roles;
    user.municipality = place.municipality;
    return user;
}

Expected<people::UserChange> read_change(const Incoming &incoming) {
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    people::UserChange change;
    change.display_name = reader->text("display_name", kName);
    const Place place = read_place(*reader);
    change.active = reader->boolean("active");
    change.password = reader->optional_text("password", kPassword);
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    auto roles = people::parse_roles(place.roles);
    if (!roles) return tl::unexpected(roles.error());
    change.roles = *roles;
    change.municipality = place.municipality;
    return change;
}

Expected<Reply> list(const people::Users &users) {
    auto all = users.all();
    if (!all) return tl::unexpected(all.error());
    json::array items;
    for (const people::User &user : *all)
        items.push_back(agent_json(user));
    return json_reply(json::object{{"items", std::move(items)}});
}

Expected<Reply> create(people::Users &users, RuleChange &rules, const Incoming &incoming) {
    auto user = read_new(incoming);
    if (!user) return tl::unexpected(user.error());
    people::CreatedUser created;
    auto made = rules.make(incoming.caller.user, [&]() -> Expected<void> {
        auto added = users.add(*user, incoming.caller.user);
        if (!added) return tl::unexpected(added.error());
        created = std::move(*added);
        return {};
    });
    if (!made) return tl::unexpected(made.error());
    json::object body = agent_json(created.user);
    body["sip_password"] = created.sip.password;
    return json_reply(body, 201);
}

Expected<Reply> change(people::Users &users, RuleChange &rules, const Incoming &incoming) {
    auto id = path_id(incoming.request, "user.not_found");
    if (!id) return tl::unexpected(id.error());
    auto version = expected_version(incoming.request);
    if (!version) return tl::unexpected(version.error());
    auto wanted = read_change(incoming);
    if (!wanted) return tl::unexpected(wanted.error());
    people::User after;
    auto made = rules.make(incoming.caller.user, [&]() -> Expected<void> {
        auto changed = users.change(UserId{*id}, *version, *wanted, incoming.caller.user);
        if (!changed) return tl::unexpected(changed.error());
        after = std::move(*changed);
        return {};
    });
    if (!made) return tl::unexpected(made.error());
    return versioned_reply(agent_json(after), after.version);
}

Expected<Reply> renew_sip_password(people::Users &users, const Incoming &incoming) {
    auto id = path_id(incoming.request, "user.not_found");
    if (!id) return tl::unexpected(id.error());
    auto renewed = users.renew_sip_password(UserId{*id}, incoming.caller.user);
    if (!renewed) return tl::unexpected(renewed.error());
    return json_reply(
        json::object{{"sip_user", renewed->user}, {"sip_password", renewed->password}});
}

} // namespace

void add_agent_routes(net::Router &router, Gate &gate, people::Users &users, RuleChange &rules) {
    gate.add(router, "GET", "/api/v1/agents", [&](const Incoming &) { return list(users); });
    gate.add(router, "POST", "/api/v1/agents",
             [&](const Incoming &incoming) { return create(users, rules, incoming); });
    gate.add(router, "PUT", "/api/v1/agents/{id}",
             [&](const Incoming &incoming) { return change(users, rules, incoming); });
    gate.add(router, "POST", "/api/v1/agents/{id}/sip-password",
             [&](const Incoming &incoming) { return renew_sip_password(users, incoming); });
}

} // namespace fernamt::web
