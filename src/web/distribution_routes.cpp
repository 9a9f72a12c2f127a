// SPDX-License-Identifier: EUPL-1.2
// The tables that distribution obeys: skills, queues, partners, overflows; and which agent has
// which skills, by the rules and for now.
#include "people/partners.h"
#include "people/queues.h"
#include "people/skills.h"
#include "web/api.h"
#include "web/json_values.h"
#include "web/routes.h"
#include "web/rule_history_routes.h"
#include "web/rule_json.h"
#include "web/rule_resource.h"
#include "web/waiting.h"

#include <array>

namespace fernamt::web {

namespace json = boost::json;

namespace {

using people::Overflow;
using people::Partner;
using people::Queue;
using people::Skill;
using people::SkillKind;
using storage::Connection;

constexpr TextLimits kName{.shortest = 1, .longest = 80};
constexpr std::int64_t kOneDay = 86'400;

RuleResource<Skill> skill_resource() {
    static constexpr std::array kKinds{
        std::pair{std::string_view("municipality"), SkillKind::municipality},
        std::pair{std::string_view("topic"), SkillKind::topic},
        std::pair{std::string_view("language"), SkillKind::language},
        std::pair{std::string_view("sign_language_video"), SkillKind::sign_language_video},
        std::pair{std::string_view("it"), SkillKind::it},
        std::pair{std::string_view("public_order"), SkillKind::public_order}};
    RuleResource<Skill> it;
    it.path = "/api/v1/skills";
    it.list = [](Connection &connection, const Incoming &) { return people::skills(connection); };
    it.read = [](JsonReader &reader, const Incoming &) {
        Skill skill;
        skill.kind = reader.choice<SkillKind>("kind", kKinds);
        skill.name = reader.text("name", kName);
        return skill;
    };
    it.set_id = [](Skill &skill, std::int64_t id) { skill.id = routing::SkillId{id}; };
    it.show = [](const Skill &skill) {
        return json::object{{"id", skill.id.value},
                            {"kind", std::string(people::to_string(skill.kind))},
                            {"name", skill.name},
                            {"version", skill.version}};
    };
    it.remove = [](const people::Change &change, const Incoming &, std::int64_t id) {
        return people::remove(change, routing::SkillId{id});
    };
    return it;
}

Queue read_queue(JsonReader &reader, const Incoming &) {
    Queue queue;
    queue.name = reader.text("name", kName);
    queue.rules.demands = read_skills(reader, "demands");
    queue.rules.prefers = read_skills(reader, "prefers");
    queue.rules.relaxations = read_relaxations(reader, "relaxations");
    queue.rules.head_start = read_seconds(reader, "head_start_seconds", 0, kOneDay);
    queue.rules.max_waiting = reader.integer("max_waiting", 0, 100'000);
    queue.rules.offers_callback = reader.boolean("offers_callback");
    return queue;
}

json::object queue_json(const Queue &queue) {
    return json::object{{"id", queue.rules.id.value},
                        {"name", queue.name},
                        {"demands", skills_json(queue.rules.demands)},
                        {"prefers", skills_json(queue.rules.prefers)},
                        {"relaxations", relaxations_json(queue.rules.relaxations)},
                        {"head_start_seconds", whole_seconds(queue.rules.head_start)},
                        {"max_waiting", queue.rules.max_waiting},
                        {"offers_callback", queue.rules.offers_callback},
                        {"version", queue.version}};
}

RuleResource<Queue> queue_resource() {
    RuleResource<Queue> it;
    it.path = "/api/v1/queues";
    it.list = [](Connection &connection, const Incoming &) { return people::queues(connection); };
    it.read = read_queue;
    it.set_id = [](Queue &queue, std::int64_t id) { queue.rules.id = routing::QueueId{id}; };
    it.show = queue_json;
    it.remove = [](const people::Change &change, const Incoming &, std::int64_t id) {
        return people::remove(change, routing::QueueId{id});
    };
    return it;
}

RuleResource<Partner> partner_resource(const ApiParts &parts) {
    RuleResource<Partner> it;
    it.path = "/api/v1/partners";
    it.list = [](Connection &connection, const Incoming &) { return people::partners(connection); };
    it.read = [](JsonReader &reader, const Incoming &) {
        Partner partner;
        partner.name = reader.text("name", kName);
        partner.rules.number = read_phone_number(reader, "number");
        return partner;
    };
    it.set_id = [](Partner &partner, std::int64_t id) {
        partner.rules.id = routing::PartnerId{id};
    };
    it.show = [](const Partner &partner) {
        return json::object{{"id", partner.rules.id.value},
                            {"name", partner.name},
                            {"number", to_json(partner.rules.number)},
                            {"version", partner.version}};
    };
    it.remove = [](const people::Change &change, const Incoming &, std::int64_t id) {
        return people::remove(change, routing::PartnerId{id});
    };
    it.check = [&parts](const Partner &partner) {
        return check_may_call(parts, partner.rules.number, "number");
    };
    return it;
}

Overflow read_overflow(JsonReader &reader, const Incoming &) {
    using routing::OverflowWhen;
    static constexpr std::array kReasons{
        std::pair{std::string_view("planned"), OverflowWhen::planned},
        std::pair{std::string_view("closed"), OverflowWhen::closed},
        std::pair{std::string_view("queue_length"), OverflowWhen::queue_length},
        std::pair{std::string_view("longest_wait"), OverflowWhen::longest_wait}};
    Overflow overflow;
    overflow.position = reader.integer("position", 0, 1'000'000);
    overflow.rules.when = reader.choice<OverflowWhen>("reason", kReasons);
    overflow.rules.partner = routing::PartnerId{reader.integer("partner", 1, kLargestId)};
    overflow.rules.queue = routing::QueueId{read_optional_id(reader, "queue")};
    overflow.rules.waiting = reader.integer("waiting", 0, 100'000);
    overflow.rules.wait = read_seconds(reader, "wait_seconds", 0, kOneDay);
    overflow.rules.from = read_instant(reader, "from");
    overflow.rules.until = read_instant(reader, "until");
    return overflow;
}

RuleResource<Overflow> overflow_resource() {
    RuleResource<Overflow> it;
    it.path = "/api/v1/overflows";
    it.list = [](Connection &connection, const Incoming &) {
        return people::overflows(connection);
    };
    it.read = read_overflow;
    it.set_id = [](Overflow &overflow, std::int64_t id) { overflow.id = id; };
    it.show = [](const Overflow &overflow) {
        return json::object{{"id", overflow.id},
                            {"position", overflow.position},
                            {"reason", std::string(routing::to_string(overflow.rules.when))},
                            {"partner", overflow.rules.partner.value},
                            {"queue", id_or_null(overflow.rules.queue.value)},
                            {"waiting", overflow.rules.waiting},
                            {"wait_seconds", whole_seconds(overflow.rules.wait)},
                            {"from", to_json(overflow.rules.from)},
                            {"until", to_json(overflow.rules.until)},
                            {"version", overflow.version}};
    };
    it.remove = [](const people::Change &change, const Incoming &, std::int64_t id) {
        return people::remove_overflow(change, id);
    };
    return it;
}

// --- an agent's skills

Expected<AgentId> path_agent(const Incoming &incoming) {
    const auto id = path_id(incoming.request, "user.not_found");
    if (!id) return tl::unexpected(id.error());
    return AgentId{*id};
}

Expected<people::SkillsOfAgent> stored_skills(const ApiParts &parts, AgentId agent) {
    Expected<people::SkillsOfAgent> found;
    const auto read = parts.database.read([&](Connection &connection) -> Expected<void> {
        found = people::skills_of_agent(connection, agent);
        if (!found) return tl::unexpected(found.error());
        return {};
    });
    if (!read) return tl::unexpected(read.error());
    return found;
}

Expected<json::object> skills_of_agent_json(const ApiParts &parts, AgentId agent,
                                            const people::SkillsOfAgent &stored) {
    const auto state = parts.exchange.state();
    if (!state) return tl::unexpected(state.error());
    json::value live = nullptr;
    const auto known = state->agents.find(agent);
    if (known != state->agents.end() && known->second.skills)
        live = skills_json(*known->second.skills);
    return json::object{{"skills", skills_json(stored.skills)},
                        {"live", std::move(live)},
                        {"version", stored.version}};
}

Expected<Reply> show_skills(const ApiParts &parts, const Incoming &incoming) {
    const auto agent = path_agent(incoming);
    if (!agent) return tl::unexpected(agent.error());
    const auto stored = stored_skills(parts, *agent);
    if (!stored) return tl::unexpected(stored.error());
    const auto shown = skills_of_agent_json(parts, *agent, *stored);
    if (!shown) return tl::unexpected(shown.error());
    return versioned_reply(*shown, stored->version);
}

Expected<std::vector<routing::SkillLevel>> read_skills_only(const Incoming &incoming) {
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    auto skills = read_skills(*reader, "skills");
    for (const char *name : {"live", "version"})
        reader->ignore(name);
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    return skills;
}

struct AgentWithSkills {
    AgentId agent;
    people::SkillsOfAgent skills;
};

Expected<MakeThing<AgentWithSkills>> prepare_skills(const Incoming &incoming) {
    const auto version = expected_version(incoming.request);
    if (!version) return tl::unexpected(version.error());
    const auto agent = path_agent(incoming);
    if (!agent) return tl::unexpected(agent.error());
    const auto wanted = read_skills_only(incoming);
    if (!wanted) return tl::unexpected(wanted.error());
    const AgentWithSkills change_to{*agent, {*wanted, *version}};
    return [change_to](const people::Change &change) -> Expected<AgentWithSkills> {
        auto after = people::set_skills(change, change_to.agent, change_to.skills);
        if (!after) return tl::unexpected(after.error());
        return AgentWithSkills{change_to.agent, std::move(*after)};
    };
}

Expected<Reply> changed_skills(const ApiParts &parts, const AgentWithSkills &after) {
    const auto shown = skills_of_agent_json(parts, after.agent, after.skills);
    if (!shown) return tl::unexpected(shown.error());
    return versioned_reply(*shown, after.skills.version);
}

// For now, until it is taken back or the person signs out for good: no row, a fact in the ledger.
Expected<Reply> move_skills(const ApiParts &parts, const Incoming &incoming,
                            std::optional<std::vector<routing::SkillLevel>> skills) {
    const auto agent = path_agent(incoming);
    if (!agent) return tl::unexpected(agent.error());
    if (const auto known = stored_skills(parts, *agent); !known)
        return tl::unexpected(known.error());
    if (skills) {
        auto checked = parts.database.read([&](Connection &connection) {
            return people::check_skills(connection, *skills, "skills");
        });
        if (!checked) return tl::unexpected(checked.error());
        skills = routing::sorted(*skills);
    }
    const routing::Event event =
        routing::SkillsAssigned{*agent, std::move(skills), incoming.caller.user};
    auto acted = wait_for([&](auto done) { parts.exchange.act(event, std::move(done)); });
    if (!acted) return tl::unexpected(acted.error());
    return nothing_to_show();
}

} // namespace

Expected<void> check_may_call(const ApiParts &parts, const PhoneNumber &number, const char *field) {
    const std::string rule = parts.forbidden_by ? parts.forbidden_by(number) : std::string();
    if (rule.empty()) return {};
    return fail(ProblemKind::invalid_input, "distribution.number_forbidden",
                {{"field", field}, {"rule", rule}});
}

void add_distribution_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                             RuleChange &rules, RulePlans &plans) {
    add_rule_resource(router, gate, parts, rules, skill_resource(), &plans);
    add_rule_resource(router, gate, parts, rules, queue_resource(), &plans);
    add_rule_resource(router, gate, parts, rules, partner_resource(parts), &plans);
    add_rule_resource(router, gate, parts, rules, overflow_resource(), &plans);
    add_rule_plan_routes(router, gate, parts, plans);
    gate.add(router, "GET", "/api/v1/agents/{id}/skills",
             [&](const Incoming &incoming) { return show_skills(parts, incoming); });
    add_rule_route<AgentWithSkills>(
        router, gate, parts, rules, &plans, "PUT", "/api/v1/agents/{id}/skills", prepare_skills,
        [&parts](const AgentWithSkills &after) { return changed_skills(parts, after); });
    gate.add(router, "PUT", "/api/v1/agents/{id}/live-skills",
             [&](const Incoming &incoming) -> Expected<Reply> {
                 auto wanted = read_skills_only(incoming);
                 if (!wanted) return tl::unexpected(wanted.error());
                 return move_skills(parts, incoming, std::move(*wanted));
             });
    gate.add(router, "DELETE", "/api/v1/agents/{id}/live-skills",
             [&](const Incoming &incoming) { return move_skills(parts, incoming, {}); });
}

} // namespace fernamt::web
