// SPDX-License-Identifier: EUPL-1.2
#include "web/rule_history_routes.h"

#include "people/rule_history.h"
#include "web/json_values.h"
#include "web/request_values.h"
#include "web/rule_plans.h"
#include "web/rule_preview.h"
#include "web/waiting.h"

#include <boost/json/value.hpp>

#include <algorithm>

namespace fernamt::web {

namespace json = boost::json;

namespace {

using people::RuleHistoryEntry;
using people::RuleTable;

constexpr int kShown = 20;

Expected<std::vector<RuleHistoryEntry>> history(const ApiParts &parts, int limit) {
    Expected<std::vector<RuleHistoryEntry>> entries;
    const auto read = parts.database.read([&](storage::Connection &connection) -> Expected<void> {
        entries = people::rule_history(connection, limit);
        if (!entries) return tl::unexpected(entries.error());
        return {};
    });
    if (!read) return tl::unexpected(read.error());
    return entries;
}

json::object entry_json(const RuleHistoryEntry &entry, Towns &towns) {
    json::array things;
    for (const people::ChangedThing &thing : entry.things) {
        json::object one;
        one.emplace("table", std::string(to_string(thing.table)));
        one.emplace("id", thing.id);
        one.emplace("how", std::string(to_string(thing.how)));
        one.emplace("name", thing.name);
        const auto town = thing.municipality ? towns.find(*thing.municipality) : std::nullopt;
        one.emplace("town", town ? json::value(town->short_name) : nullptr);
        things.push_back(std::move(one));
    }
    json::object shown;
    shown.emplace("id", entry.id);
    shown.emplace("at", to_json(entry.at));
    shown.emplace("by", entry.by.value);
    shown.emplace("things", std::move(things));
    shown.emplace("undone", entry.undone);
    return shown;
}

Expected<Reply> list(const ApiParts &parts, Towns &towns) {
    const auto entries = history(parts, kShown);
    if (!entries) return tl::unexpected(entries.error());
    json::array items;
    json::value last = nullptr;
    for (const RuleHistoryEntry &entry : *entries) {
        if (last.is_null() && !entry.undone) last = entry.id;
        items.push_back(entry_json(entry, towns));
    }
    json::object shown;
    shown.emplace("items", std::move(items));
    shown.emplace("last", std::move(last));
    return json_reply(std::move(shown));
}

// Whoever takes back a change must be allowed to make it, and a crisis that runs keeps its plan.
Expected<void> may_undo(const ApiParts &parts, const Incoming &incoming,
                        const RuleHistoryEntry &entry) {
    using people::Action;
    for (const people::ChangedThing &thing : entry.things) {
        Action needed = Action::change_distribution;
        if (thing.table == RuleTable::line) needed = Action::change_numbers;
        if (thing.table == RuleTable::exception || thing.table == RuleTable::municipality)
            needed = Action::change_municipality;
        if (thing.table == RuleTable::settings) needed = Action::change_settings;
        if (auto may = people::check(incoming.caller, needed); !may) return may;
        if (thing.table != RuleTable::crisis_plan) continue;
        const auto state = parts.exchange.state();
        if (!state) return tl::unexpected(state.error());
        if (state->crises.contains(routing::CrisisId{thing.id}))
            return fail(ProblemKind::conflict, "crisis.running");
    }
    return {};
}

Expected<Reply> undo(const ApiParts &parts, RuleChange &rules, Towns &towns,
                     const Incoming &incoming) {
    if (is_for_later(incoming.request)) return invalid_value("from", "cannot_be_planned");
    const auto id = path_id(incoming.request, "distribution.not_found");
    if (!id) return tl::unexpected(id.error());
    const auto entries = history(parts, kShown);
    if (!entries) return tl::unexpected(entries.error());
    const auto entry = std::ranges::find(*entries, *id, &RuleHistoryEntry::id);
    if (entry == entries->end()) return fail(ProblemKind::not_found, "distribution.not_found");
    if (auto may = may_undo(parts, incoming, *entry); !may) return tl::unexpected(may.error());
    if (is_preview(incoming.request)) {
        const auto preview = rules.preview(incoming.caller.user, [&](const people::Change &change) {
            return people::undo(change, *id);
        });
        if (!preview) return tl::unexpected(preview.error());
        return preview_reply(parts, incoming, *preview);
    }
    if (auto undone = rules.undo(incoming.caller.user, *id); !undone)
        return tl::unexpected(undone.error());
    towns.changed(); // perhaps a name
    return nothing_to_show();
}

} // namespace

void add_rule_history_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                             RuleChange &rules, Towns &towns) {
    gate.add(router, "GET", "/api/v1/rule-changes",
             [&](const Incoming &) { return list(parts, towns); });
    gate.add(
        router, "POST", "/api/v1/rule-changes/{id}/undo",
        [&](const Incoming &incoming) { return undo(parts, rules, towns, incoming); },
        Trials::known);
}

} // namespace fernamt::web
