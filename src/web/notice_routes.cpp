// SPDX-License-Identifier: EUPL-1.2
// Short notices of the lead (people/team_notices.h): the lead sees, sets and takes back all of
// them; a desk reads those that are meant for it. An event says that something changed, not what.
#include "people/skills.h"
#include "people/team_notices.h"
#include "web/api.h"
#include "web/json_values.h"
#include "web/request_values.h"
#include "web/routes.h"
#include "web/rule_json.h"

#include <boost/json/value.hpp>

#include <algorithm>

namespace fernamt::web {

namespace json = boost::json;

namespace {

using people::TeamNotice;
using routing::SkillId;
using routing::SkillLevel;
using storage::Connection;

json::object notice_json(const TeamNotice &notice) {
    std::optional<MunicipalityId> about;
    if (notice.municipality) about = notice.municipality;
    json::object shown;
    shown.emplace("id", notice.id);
    shown.emplace("text", notice.text);
    shown.emplace("municipality", to_json(about));
    shown.emplace("skill", id_or_null(notice.skill.value));
    shown.emplace("created_at", to_json(notice.created_at));
    shown.emplace("valid_until", to_json(notice.valid_until));
    return shown;
}

bool has_skill(const std::vector<SkillLevel> &skills, SkillId wanted) {
    return std::ranges::find(skills, wanted, &SkillLevel::skill) != skills.end();
}

// What the lead has given somebody for now goes before the rule.
Expected<std::vector<SkillLevel>> skills_now(const ApiParts &parts, Connection &connection,
                                             AgentId agent) {
    if (const auto state = parts.exchange.state()) {
        const auto known = state->agents.find(agent);
        if (known != state->agents.end() && known->second.skills) return *known->second.skills;
    }
    auto all = people::skills_of_agents(connection);
    if (!all) return tl::unexpected(all.error());
    return std::move((*all)[agent]);
}

Expected<std::vector<TeamNotice>> running(const ApiParts &parts, Instant now,
                                          const people::Principal *desk) {
    std::vector<TeamNotice> found;
    const auto read = parts.database.read([&](Connection &connection) -> Expected<void> {
        auto all = people::team_notices(connection, now);
        if (!all) return tl::unexpected(all.error());
        found = std::move(*all);
        if (desk == nullptr) return {};
        const auto skills = skills_now(parts, connection, AgentId{desk->user.value});
        if (!skills) return tl::unexpected(skills.error());
        std::erase_if(found, [&](const TeamNotice &one) {
            return one.skill && !has_skill(*skills, one.skill);
        });
        return {};
    });
    if (!read) return tl::unexpected(read.error());
    return found;
}

Expected<Reply> list(const ApiParts &parts, const Incoming &incoming,
                     const people::Principal *desk) {
    const auto notices = running(parts, incoming.now, desk);
    if (!notices) return tl::unexpected(notices.error());
    json::array items;
    for (const TeamNotice &notice : *notices)
        items.push_back(notice_json(notice));
    return json_reply(json::object{{"items", std::move(items)}});
}

Expected<TeamNotice> read_notice(const Incoming &incoming) {
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    TeamNotice notice;
    notice.text = reader->text("text", {.shortest = 1, .longest = people::kLongestNotice});
    if (const auto ars = reader->nullable_text("municipality", {.longest = 12})) {
        const auto id = parse_ars(*ars);
        if (!id) reader->fault("municipality", "not_an_ars");
        notice.municipality = id.value_or(MunicipalityId{});
    }
    notice.skill = SkillId{read_optional_id(*reader, "skill")};
    const auto until = read_instant(*reader, "valid_until");
    if (!until) reader->fault("valid_until", "missing");
    notice.valid_until = until.value_or(Instant{});
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    return notice;
}

void tell(const ApiParts &parts) {
    parts.hub.publish({"notice", "{}", {}});
}

Expected<Reply> set(const ApiParts &parts, const Incoming &incoming) {
    const auto wanted = read_notice(incoming);
    if (!wanted) return tl::unexpected(wanted.error());
    TeamNotice made;
    const auto written = parts.database.write([&](Connection &connection) -> Expected<void> {
        auto added = people::add({connection, incoming.now, incoming.caller.user}, *wanted);
        if (!added) return tl::unexpected(added.error());
        made = std::move(*added);
        return {};
    });
    if (!written) return tl::unexpected(written.error());
    tell(parts);
    return json_reply(notice_json(made), 201);
}

Expected<Reply> withdraw(const ApiParts &parts, const Incoming &incoming) {
    const auto id = path_id(incoming.request, "distribution.not_found");
    if (!id) return tl::unexpected(id.error());
    const auto written = parts.database.write([&](Connection &connection) {
        return people::withdraw_notice({connection, incoming.now, incoming.caller.user}, *id);
    });
    if (!written) return tl::unexpected(written.error());
    tell(parts);
    return nothing_to_show();
}

} // namespace

void add_notice_routes(net::Router &router, Gate &gate, const ApiParts &parts) {
    gate.add(router, "GET", "/api/v1/desk/notices",
             [&](const Incoming &incoming) { return list(parts, incoming, &incoming.caller); });
    gate.add(router, "GET", "/api/v1/notices",
             [&](const Incoming &incoming) { return list(parts, incoming, nullptr); });
    gate.add(router, "POST", "/api/v1/notices",
             [&](const Incoming &incoming) { return set(parts, incoming); });
    gate.add(router, "DELETE", "/api/v1/notices/{id}",
             [&](const Incoming &incoming) { return withdraw(parts, incoming); });
}

} // namespace fernamt::web
