// SPDX-License-Identifier: EUPL-1.2
// Crises: plans kept ready, one action that begins and one that ends, the approved wording
// for everybody at a desk, one-time codes for helpers, and the report afterwards.
#include "people/changes.h"
#include "people/crisis.h"
#include "people/passwords.h"
#include "people/rule_history.h"
#include "people/sessions.h"
#include "reporting/reports.h"
#include "web/api.h"
#include "web/json_values.h"
#include "web/routes.h"
#include "web/rule_json.h"
#include "web/rule_resource.h"
#include "web/session_reply.h"
#include "web/waiting.h"

#include <algorithm>

namespace fernamt::web {

namespace json = boost::json;

namespace {

using people::CrisisPlan;
using routing::CrisisId;
using storage::Connection;

constexpr std::int64_t kMostCodes = 100;
constexpr std::size_t kLongestWording = 8'000;
constexpr std::size_t kMostLanguages = 20;

CrisisPlan read_plan(JsonReader &reader, const Incoming &) {
    CrisisPlan plan;
    plan.name = reader.text("name", {.shortest = 1, .longest = 80});
    if (const auto ars = reader.nullable_text("municipality", {.longest = 12})) {
        plan.rules.municipality = parse_ars(*ars);
        if (!plan.rules.municipality) reader.fault("municipality", "not_an_ars");
    }
    plan.rules.queue = routing::QueueId{read_optional_id(reader, "queue")};
    plan.rules.head_start = read_seconds(reader, "head_start_seconds", 0, 86'400);
    plan.rules.always_open = reader.boolean("always_open");
    plan.rules.hours = read_hours(reader, "hours");
    plan.rules.demands = read_skills(reader, "demands");
    if (reader.has("relaxations")) // a change planned before there were any is without
        plan.rules.relaxations = read_relaxations(reader, "relaxations");
    reader.objects("wording", kMostLanguages, [&](JsonReader &one) {
        const std::string language = one.text("language", {.shortest = 2, .longest = 8});
        std::string text =
            one.text("text", {.shortest = 1, .longest = kLongestWording, .lines = Lines::many});
        if (!plan.wording.emplace(language, std::move(text)).second) one.fault("language", "twice");
    });
    return plan;
}

json::array wording_json(const CrisisPlan &plan) {
    json::array texts;
    for (const auto &[language, text] : plan.wording)
        texts.push_back(json::object{{"language", language}, {"text", text}});
    return texts;
}

json::object plan_json(const CrisisPlan &plan) {
    return json::object{{"id", plan.rules.id.value},
                        {"name", plan.name},
                        {"municipality", to_json(plan.rules.municipality)},
                        {"queue", id_or_null(plan.rules.queue.value)},
                        {"head_start_seconds", whole_seconds(plan.rules.head_start)},
                        {"always_open", plan.rules.always_open},
                        {"hours", hours_json(plan.rules.hours)},
                        {"demands", skills_json(plan.rules.demands)},
                        {"relaxations", relaxations_json(plan.rules.relaxations)},
                        {"wording", wording_json(plan)},
                        {"version", plan.version}};
}

Expected<bool> is_running(const ApiParts &parts, CrisisId id) {
    const auto state = parts.exchange.state();
    if (!state) return tl::unexpected(state.error());
    return state->crises.contains(id);
}

RuleResource<CrisisPlan> plan_resource(const ApiParts &parts) {
    RuleResource<CrisisPlan> it;
    it.path = "/api/v1/crisis-plans";
    it.list = [](Connection &connection, const Incoming &) {
        return people::crisis_plans(connection);
    };
    it.read = read_plan;
    it.set_id = [](CrisisPlan &plan, std::int64_t id) { plan.rules.id = CrisisId{id}; };
    it.show = plan_json;
    it.remove = [](const people::Change &change, const Incoming &, std::int64_t id) {
        return people::remove(change, CrisisId{id});
    };
    it.may_change = [&parts](std::int64_t id) -> Expected<void> {
        const auto running = is_running(parts, CrisisId{id});
        if (!running) return tl::unexpected(running.error());
        if (*running) return fail(ProblemKind::conflict, "crisis.running");
        return {};
    };
    return it;
}

Expected<CrisisPlan> find_plan(const ApiParts &parts, const Incoming &incoming) {
    const auto id = path_id(incoming.request, "distribution.not_found");
    if (!id) return tl::unexpected(id.error());
    Expected<CrisisPlan> plan;
    const auto read = parts.database.read([&](Connection &connection) -> Expected<void> {
        plan = people::find_crisis_plan(connection, CrisisId{*id});
        if (!plan) return tl::unexpected(plan.error());
        return {};
    });
    if (!read) return tl::unexpected(read.error());
    return plan;
}

Expected<void> act(const ApiParts &parts, const routing::Event &event) {
    return wait_for([&](auto done) { parts.exchange.act(event, std::move(done)); });
}

Expected<void> write(const ApiParts &parts, const Incoming &incoming,
                     const std::function<Expected<void>(const people::Change &)> &change) {
    return parts.database.write([&](Connection &connection) {
        return change({connection, incoming.now, incoming.caller.user});
    });
}

Expected<Reply> begin(const ApiParts &parts, const Incoming &incoming) {
    const auto plan = find_plan(parts, incoming);
    if (!plan) return tl::unexpected(plan.error());
    const auto running = is_running(parts, plan->rules.id);
    if (!running) return tl::unexpected(running.error());
    if (*running) return fail(ProblemKind::conflict, "crisis.running");
    auto begun = act(parts, routing::CrisisBegan{plan->rules, incoming.caller.user});
    if (begun)
        begun = write(parts, incoming, [&](const people::Change &change) {
            return people::note_crisis(change, "crisis.began", plan->rules.id);
        });
    if (!begun) return tl::unexpected(begun.error());
    parts.hub.publish({"crisis", "{}", {}});
    return nothing_to_show();
}

// Called as when it began: its plan may have got another name, or be removed.
json::object facts_json(const reporting::CrisisRecord &record, const people::RuleNames &names) {
    const people::ThingName name =
        names.at(people::RuleTable::crisis_plan, record.crisis.value, record.began_at);
    const routing::CrisisFacts &facts = record.facts;
    const std::int64_t mean_wait =
        facts.answered == 0 ? 0 : whole_seconds(facts.waited / facts.answered);
    return json::object{{"plan", record.crisis.value},
                        {"name", to_json(name.then)},
                        {"began_at", to_json(record.began_at)},
                        {"ended_at", to_json(record.ended_at)},
                        {"offered", facts.offered},
                        {"answered", facts.answered},
                        {"abandoned", facts.abandoned},
                        {"waiting", facts.waiting},
                        {"running", record.running},
                        {"helpers", facts.helpers},
                        {"talk_seconds", whole_seconds(facts.talk)},
                        {"acw_seconds", whole_seconds(facts.after_call_work)},
                        {"average_wait_seconds", mean_wait},
                        {"longest_wait_seconds", whole_seconds(facts.longest_wait)}};
}

Expected<json::array> reports_json(const ApiParts &parts, std::optional<CrisisId> only) {
    if (auto taken = parts.projector.catch_up(); !taken) return tl::unexpected(taken.error());
    const auto records = reporting::Reports(parts.database).crises(only);
    if (!records) return tl::unexpected(records.error());
    json::array items;
    const auto read = parts.database.read([&](Connection &connection) -> Expected<void> {
        const auto names = people::RuleNames::read(connection, {people::RuleTable::crisis_plan});
        if (!names) return tl::unexpected(names.error());
        for (const auto &record : *records)
            items.push_back(facts_json(record, *names));
        return {};
    });
    if (!read) return tl::unexpected(read.error());
    return items;
}

Expected<Reply> end(const ApiParts &parts, const Incoming &incoming) {
    const auto plan = find_plan(parts, incoming);
    if (!plan) return tl::unexpected(plan.error());
    const CrisisId id = plan->rules.id;
    const auto running = is_running(parts, id);
    if (!running) return tl::unexpected(running.error());
    if (!*running) return fail(ProblemKind::conflict, "crisis.not_running");
    auto ended = act(parts, routing::CrisisEnded{id, incoming.caller.user});
    if (ended)
        ended = write(parts, incoming, [&](const people::Change &change) -> Expected<void> {
            auto dismissed = people::dismiss_helpers(change, id);
            if (!dismissed) return dismissed;
            return people::note_crisis(change, "crisis.ended", id);
        });
    if (!ended) return tl::unexpected(ended.error());
    people::people_changed(parts.database);
    parts.hub.recheck_listeners(); // helpers' streams end now
    parts.hub.publish({"crisis", "{}", {}});
    auto reports = reports_json(parts, id);
    if (!reports) return tl::unexpected(reports.error());
    json::value report = nullptr;
    if (!reports->empty()) report = reports->front();
    return json_reply(json::object{{"report", std::move(report)}});
}

Expected<Reply> list_reports(const ApiParts &parts) {
    auto reports = reports_json(parts, {});
    if (!reports) return tl::unexpected(reports.error());
    return json_reply(json::object{{"items", std::move(*reports)}});
}

Expected<Reply> list_running(const ApiParts &parts) {
    const auto state = parts.exchange.state();
    if (!state) return tl::unexpected(state.error());
    std::vector<CrisisPlan> plans;
    const auto read = parts.database.read([&](Connection &connection) -> Expected<void> {
        auto all = people::crisis_plans(connection);
        if (!all) return tl::unexpected(all.error());
        plans = std::move(*all);
        return {};
    });
    if (!read) return tl::unexpected(read.error());
    json::array items;
    for (const auto &[id, crisis] : state->crises) {
        const auto plan =
            std::ranges::find(plans, id, [](const CrisisPlan &p) { return p.rules.id; });
        items.push_back(
            json::object{{"id", id.value},
                         {"name", plan == plans.end() ? std::string() : plan->name},
                         {"municipality", to_json(crisis.plan.municipality)},
                         {"queue", id_or_null(crisis.plan.queue.value)},
                         {"began_at", to_json(crisis.began_at)},
                         {"wording", plan == plans.end() ? json::array() : wording_json(*plan)}});
    }
    return json_reply(json::object{{"items", std::move(items)}});
}

Expected<Reply> make_codes(const ApiParts &parts, const Incoming &incoming) {
    const auto id = path_id(incoming.request, "distribution.not_found");
    if (!id) return tl::unexpected(id.error());
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const auto count = static_cast<int>(reader->integer("count", 1, kMostCodes));
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    std::vector<std::string> codes;
    auto made = write(parts, incoming, [&](const people::Change &change) -> Expected<void> {
        auto fresh = people::make_codes(change, CrisisId{*id}, count);
        if (!fresh) return tl::unexpected(fresh.error());
        codes = std::move(*fresh);
        return {};
    });
    if (!made) return tl::unexpected(made.error());
    json::array shown;
    for (const std::string &code : codes)
        shown.emplace_back(code);
    return json_reply(json::object{{"codes", std::move(shown)}}, 201);
}

// Whoever has a code and the crisis runs: a desk for that crisis, until it ends.
Expected<Reply> join(const ApiParts &parts, people::Sessions &sessions, const Incoming &incoming) {
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const std::string code = reader->text("code", {.shortest = 1, .longest = 100});
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    if (auto slowed = sessions.slow_code(code, incoming.request.remote_address); !slowed)
        return tl::unexpected(slowed.error());
    // Nobody knows this password, so nobody signs in with it.
    const auto hash = people::hash_password(people::random_token());
    if (!hash) return tl::unexpected(hash.error());
    people::Helper helper;
    auto used = write(parts, incoming, [&](const people::Change &change) -> Expected<void> {
        auto taken = people::use_code(change, code, *hash);
        if (!taken) return tl::unexpected(taken.error());
        helper = std::move(*taken);
        return {};
    });
    if (!used) return tl::unexpected(used.error());
    sessions.code_was_right(code, incoming.request.remote_address);
    auto joined = act(parts, routing::HelperJoined{AgentId{helper.user.id.value}, helper.crisis});
    if (!joined) {
        auto returned = write(parts, incoming, [&](const people::Change &change) {
            return people::return_code(change, code, helper);
        });
        if (!returned) return tl::unexpected(returned.error());
        const bool refused = joined.error().kind == ProblemKind::conflict;
        if (refused) return fail(ProblemKind::conflict, "crisis.not_running");
        return tl::unexpected(joined.error());
    }
    const auto token = sessions.begin(helper.user.id);
    if (!token) return tl::unexpected(token.error());
    return session_reply(helper.user, *token, parts.tls);
}

} // namespace

void add_crisis_routes(net::Router &router, Gate &gate, const ApiParts &parts, RuleChange &rules,
                       RulePlans &plans, people::Sessions &sessions) {
    add_rule_resource(router, gate, parts, rules, plan_resource(parts), &plans);
    gate.add(router, "POST", "/api/v1/crisis-plans/{id}/begin",
             [&](const Incoming &incoming) { return begin(parts, incoming); });
    gate.add(router, "POST", "/api/v1/crisis-plans/{id}/end",
             [&](const Incoming &incoming) { return end(parts, incoming); });
    gate.add(router, "POST", "/api/v1/crisis-plans/{id}/codes",
             [&](const Incoming &incoming) { return make_codes(parts, incoming); });
    gate.add(router, "GET", "/api/v1/crises",
             [&](const Incoming &) { return list_running(parts); });
    gate.add(router, "GET", "/api/v1/crisis-reports",
             [&](const Incoming &) { return list_reports(parts); });
    gate.add(router, "POST", "/api/v1/helpers",
             [&](const Incoming &incoming) { return join(parts, sessions, incoming); });
}

} // namespace fernamt::web
