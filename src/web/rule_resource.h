// SPDX-License-Identifier: EUPL-1.2
// What all things that distribution obeys have in common at the API: list, create, change with
// If-Match, remove; ?preview=true instead of doing it, and ?from= for later (web/rule_plans.h). A
// resource says how its thing is read, shown and stored; roles stand in route_rules.cpp.
#pragma once

#include "people/crisis.h"
#include "web/api.h"
#include "web/gate.h"
#include "web/json_reader.h"
#include "web/request_values.h"
#include "web/rule_change.h"
#include "web/rule_plans.h"
#include "web/rule_preview.h"

#include <boost/json/value.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace fernamt::web {

struct Done {};
[[nodiscard]] inline Expected<Done> done(const Expected<void> &outcome) {
    if (!outcome) return tl::unexpected(outcome.error());
    return Done{};
}

// The change of a request that was read and found in order; may refer to the Incoming.
template <class Thing>
using MakeThing = std::function<Expected<Thing>(const people::Change &)>;
template <class Thing>
using PrepareThing = std::function<Expected<MakeThing<Thing>>(const Incoming &)>;

// Plans the change of a request with ?from=, or previews that. Without `plans` nothing of this
// route can be planned, and the request is refused: it must not take effect at once.
[[nodiscard]] Expected<Reply> plan_change(const ApiParts &parts, RulePlans *plans,
                                          const Incoming &incoming);

// A number that calls are to be passed on to and that the house's dial rules forbid would be given
// back each time: invalid_input "distribution.number_forbidden" {field, rule}.
[[nodiscard]] Expected<void> check_may_call(const ApiParts &parts, const PhoneNumber &number,
                                            const char *field);

// What a crisis plan would switch; nothing else has such a thing.
template <class Thing>
[[nodiscard]] std::optional<routing::CrisisPlan> crisis_in(const Thing &thing) {
    if constexpr (std::is_same_v<Thing, people::CrisisPlan>) return thing.rules;
    return std::nullopt;
}

// Makes the change, or previews it if the request says so.
template <class Thing, class Make, class Render>
[[nodiscard]] Expected<Reply> make_change(const ApiParts &parts, RuleChange &rules,
                                          const Incoming &incoming, Make make, Render render) {
    if (is_for_later(incoming.request)) return plan_change(parts, nullptr, incoming);
    std::optional<Thing> after;
    const RuleChange::Write write = [&](const people::Change &change) -> Expected<void> {
        auto made = make(change);
        if (!made) return tl::unexpected(made.error());
        after = std::move(*made);
        return {};
    };
    if (is_preview(incoming.request)) {
        auto preview = rules.preview(incoming.caller.user, write);
        if (!preview) return tl::unexpected(preview.error());
        preview->crisis = crisis_in(*after);
        return preview_reply(parts, incoming, *preview);
    }
    if (auto made = rules.make(incoming.caller.user, write); !made)
        return tl::unexpected(made.error());
    return render(*after);
}

// A route that changes what distribution obeys: now, as a preview, or (with `plans`) for later.
template <class Thing, class Render>
void add_rule_route(net::Router &router, Gate &gate, const ApiParts &parts, RuleChange &rules,
                    RulePlans *plans, const std::string &method, const std::string &pattern,
                    PrepareThing<Thing> prepare, Render render) {
    gate.add(
        router, method, pattern,
        [&parts, &rules, plans, prepare, render](const Incoming &incoming) -> Expected<Reply> {
            if (plans != nullptr && is_for_later(incoming.request))
                return plan_change(parts, plans, incoming);
            const auto make = prepare(incoming);
            if (!make) return tl::unexpected(make.error());
            return make_change<Thing>(parts, rules, incoming, *make, render);
        },
        Trials::known);
    if (plans == nullptr) return;
    plans->know(method, pattern, [prepare](const Incoming &incoming) -> Expected<RulePlans::Make> {
        const auto make = prepare(incoming);
        if (!make) return tl::unexpected(make.error());
        return RulePlans::Make(
            [make = *make](const people::Change &change) -> Expected<RulePlans::Made> {
                const auto made = make(change);
                if (!made) return tl::unexpected(made.error());
                return crisis_in(*made);
            });
    });
}

template <class Thing>
struct RuleResource {
    std::string path; // "/api/v1/queues"; one of them is at path + "/{id}"
    std::function<Expected<std::vector<Thing>>(storage::Connection &, const Incoming &)> list;
    // Everything but id and version.
    std::function<Thing(JsonReader &, const Incoming &)> read;
    std::function<void(Thing &, std::int64_t id)> set_id;
    std::function<boost::json::object(const Thing &)> show; // with id and version
    std::function<Expected<void>(const people::Change &, const Incoming &, std::int64_t id)> remove;
    // Why what was just added must not stay, within the change; may be empty.
    std::function<Expected<void>(const people::Change &, const Thing &)> may_add;
    // Why it must stay as it is now; may be empty.
    std::function<Expected<void>(std::int64_t id)> may_change;
    // Why it cannot be so in this house; may be empty.
    std::function<Expected<void>(const Thing &)> check;
};

template <class Thing>
Expected<Thing> read_thing(const RuleResource<Thing> &resource, const Incoming &incoming) {
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    Thing thing = resource.read(*reader, incoming);
    for (const char *name : {"id", "version"})
        reader->ignore(name);
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    if (!resource.check) return thing;
    if (auto checked = resource.check(thing); !checked) return tl::unexpected(checked.error());
    return thing;
}

template <class Thing>
void add_rule_resource(net::Router &router, Gate &gate, const ApiParts &parts, RuleChange &rules,
                       RuleResource<Thing> given, RulePlans *plans = nullptr) {
    const auto resource = std::make_shared<const RuleResource<Thing>>(std::move(given));
    const std::string one = resource->path + "/{id}";
    const auto touchable = [resource](const Incoming &incoming) -> Expected<std::int64_t> {
        const auto id = path_id(incoming.request, "distribution.not_found");
        if (!id || !resource->may_change) return id;
        if (auto may = resource->may_change(*id); !may) return tl::unexpected(may.error());
        return id;
    };
    const auto added = [resource](const Incoming &incoming) -> Expected<MakeThing<Thing>> {
        const auto thing = read_thing(*resource, incoming);
        if (!thing) return tl::unexpected(thing.error());
        return [resource, thing = *thing](const people::Change &change) -> Expected<Thing> {
            auto made = add(change, thing);
            if (!made || !resource->may_add) return made;
            if (auto may = resource->may_add(change, *made); !may)
                return tl::unexpected(may.error());
            return made;
        };
    };
    const auto modified = [resource,
                           touchable](const Incoming &incoming) -> Expected<MakeThing<Thing>> {
        const auto version = expected_version(incoming.request);
        if (!version) return tl::unexpected(version.error());
        auto thing = read_thing(*resource, incoming);
        if (!thing) return tl::unexpected(thing.error());
        const auto id = touchable(incoming);
        if (!id) return tl::unexpected(id.error());
        resource->set_id(*thing, *id);
        thing->version = *version;
        return [thing = *thing](const people::Change &change) { return modify(change, thing); };
    };
    const auto removed = [resource,
                          touchable](const Incoming &incoming) -> Expected<MakeThing<Done>> {
        const auto id = touchable(incoming);
        if (!id) return tl::unexpected(id.error());
        return [resource, &incoming, id = *id](const people::Change &change) {
            return done(resource->remove(change, incoming, id));
        };
    };
    gate.add(router, "GET", resource->path, [resource, &parts](const Incoming &incoming) {
        Expected<std::vector<Thing>> all;
        const auto read = parts.database.read([&](storage::Connection &c) -> Expected<void> {
            all = resource->list(c, incoming);
            if (!all) return tl::unexpected(all.error());
            return {};
        });
        if (!read) return Expected<Reply>(tl::unexpected(read.error()));
        boost::json::array items;
        for (const Thing &thing : *all)
            items.push_back(resource->show(thing));
        return Expected<Reply>(json_reply(boost::json::object{{"items", std::move(items)}}));
    });
    add_rule_route<Thing>(
        router, gate, parts, rules, plans, "POST", resource->path, added,
        [resource](const Thing &thing) { return json_reply(resource->show(thing), 201); });
    add_rule_route<Thing>(router, gate, parts, rules, plans, "PUT", one, modified,
                          [resource](const Thing &thing) {
                              return versioned_reply(resource->show(thing), thing.version);
                          });
    add_rule_route<Done>(router, gate, parts, rules, plans, "DELETE", one, removed,
                         [](Done) { return nothing_to_show(); });
}

} // namespace fernamt::web
