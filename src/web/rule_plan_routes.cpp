// SPDX-License-Identifier: EUPL-1.2
// What is planned for distribution: the list with what would keep a plan from being made, what one
// would have changed for the last day's calls, withdrawing it; and planning itself, which is the
// ?from= of the routes that change distribution. A plan shows the office it comes from, no person.
#include "web/json_values.h"
#include "web/problem_texts.h"
#include "web/request_values.h"
#include "web/rule_history_routes.h"
#include "web/rule_preview.h"
#include "web/rule_resource.h"

#include <boost/json/value.hpp>

namespace fernamt::web {

namespace json = boost::json;

namespace {

using people::PlannedChange;

json::object plan_json(const PlannedChange &plan, Language language) {
    json::array things;
    for (const people::ChangedThing &thing : plan.things) {
        json::object one;
        one.emplace("table", std::string(to_string(thing.table)));
        one.emplace("how", std::string(to_string(thing.how)));
        one.emplace("name", thing.name);
        things.push_back(std::move(one));
    }
    json::object shown;
    shown.emplace("id", plan.id);
    shown.emplace("from", to_json(plan.at));
    shown.emplace("planned_at", to_json(plan.planned_on));
    shown.emplace("office", std::string(people::to_string(plan.office)));
    shown.emplace("things", std::move(things));
    shown.emplace("refused_at", to_json(plan.refused_at));
    shown.emplace("problem", nullptr);
    if (plan.problem) shown["problem"] = title_of(*plan.problem, language);
    return shown;
}

Expected<Reply> list(RulePlans &plans, const Incoming &incoming) {
    const auto all = plans.list();
    if (!all) return tl::unexpected(all.error());
    json::array items;
    for (const PlannedChange &plan : *all)
        items.push_back(plan_json(plan, incoming.language));
    json::object shown;
    shown.emplace("items", std::move(items));
    return json_reply(std::move(shown));
}

Expected<Reply> withdraw(RulePlans &plans, const Incoming &incoming) {
    const auto id = path_id(incoming.request, "distribution.not_found");
    if (!id) return tl::unexpected(id.error());
    if (auto gone = plans.withdraw(incoming.caller.user, *id); !gone)
        return tl::unexpected(gone.error());
    return nothing_to_show();
}

Expected<Reply> try_plan(const ApiParts &parts, RulePlans &plans, const Incoming &incoming) {
    const auto id = path_id(incoming.request, "distribution.not_found");
    if (!id) return tl::unexpected(id.error());
    const auto preview = plans.preview(*id);
    if (!preview) return tl::unexpected(preview.error());
    return preview_reply(parts, incoming, *preview);
}

} // namespace

Expected<Reply> plan_change(const ApiParts &parts, RulePlans *plans, const Incoming &incoming) {
    if (plans == nullptr) return invalid_value("from", "cannot_be_planned");
    const auto at = planned_instant(incoming);
    if (!at) return tl::unexpected(at.error());
    if (is_preview(incoming.request)) {
        const auto preview = plans->preview(incoming, *at);
        if (!preview) return tl::unexpected(preview.error());
        return preview_reply(parts, incoming, *preview);
    }
    const auto plan = plans->plan(incoming, *at);
    if (!plan) return tl::unexpected(plan.error());
    return json_reply(plan_json(*plan, incoming.language), 202);
}

void add_rule_plan_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                          RulePlans &plans) {
    gate.add(router, "GET", "/api/v1/planned-changes",
             [&](const Incoming &incoming) { return list(plans, incoming); });
    gate.add(router, "DELETE", "/api/v1/planned-changes/{id}",
             [&](const Incoming &incoming) { return withdraw(plans, incoming); });
    gate.add(router, "GET", "/api/v1/planned-changes/{id}/preview",
             [&](const Incoming &incoming) { return try_plan(parts, plans, incoming); });
}

} // namespace fernamt::web
