// SPDX-License-Identifier: EUPL-1.2
// What the knowledge reads from others, and how that goes; the towns' websites as editors enter,
// change, stop and remove them, and have them read now. Who works for one municipality sees and
// changes that one's only; a foreign site looks like none. What is read:
// knowledge/website_office.h.
#include "knowledge/sources.h"
#include "knowledge/website_office.h"
#include "people/audit.h"
#include "web/api.h"
#include "web/json_values.h"
#include "web/knowledge_values.h"
#include "web/request_values.h"
#include "web/routes.h"
#include "web/towns.h"

#include <algorithm>

namespace fernamt::web {

namespace json = boost::json;

namespace {

using knowledge::SiteRule;
using knowledge::SourceState;

constexpr std::size_t kMostRemovedShown = 20;
constexpr std::string_view kNone = "website.not_found";

json::value reading_json(const std::optional<knowledge::SourceReading> &last) {
    if (!last) return nullptr;
    json::object made;
    made["ended_at"] = to_json(last->ended_at);
    made["outcome"] = last->outcome;
    made["found"] = last->found;
    made["changed"] = last->changed;
    made["refused"] = last->refused;
    made["searched"] = last->searched;
    return made;
}

json::value rule_json(const std::optional<SiteRule> &rule) {
    if (!rule) return nullptr;
    json::object made;
    made["id"] = rule->id;
    made["most_pages"] = rule->most_pages;
    made["pause_seconds"] = rule->pause_seconds;
    made["stopped"] = rule->stopped;
    made["version"] = rule->version;
    return made;
}

struct Routes {
    const ApiParts &parts;
    Towns &towns;

    [[nodiscard]] knowledge::WebsiteRules rules() const {
        return {parts.database, parts.clock, parts.websites.guard()};
    }
    [[nodiscard]] std::string name_of(MunicipalityId municipality) const {
        const auto town = towns.find(municipality);
        return town ? town->name : knowledge::area_name(municipality);
    }
    [[nodiscard]] knowledge::SiteAudit audited(const Incoming &incoming) const {
        return [this, &incoming](storage::Connection &connection, std::string_view action,
                                 std::int64_t subject, const std::vector<std::string> &fields) {
            return people::record(connection, parts.clock.now(), incoming.caller.user, action,
                                  subject, fields);
        };
    }

    // A site is read, waits for it, or neither.
    [[nodiscard]] json::value under_way(const SourceState &each) const {
        const auto progress = parts.websites.progress();
        if (!progress || progress->start != each.source.address) return nullptr;
        json::object made;
        made["began_at"] = to_json(progress->began_at);
        made["asked"] = progress->asked;
        made["stored"] = progress->stored;
        return made;
    }
    [[nodiscard]] bool waits(const SourceState &each) const {
        if (each.source.kind != knowledge::Source::Kind::website) return false;
        if (each.rule && each.rule->stopped) return false;
        return each.wished || (!each.last && parts.websites.reads_by_itself());
    }
    // Entered by an editor, and not read all the same: the configuration reads this host now, or
    // the operator does not allow it any more.
    [[nodiscard]] bool overruled(const SourceState &each,
                                 const std::vector<SourceState> &all) const {
        if (!each.rule) return false;
        const auto address =
            knowledge::checked_site_address(each.source.address, parts.websites.guard());
        if (!address) return true;
        return std::ranges::any_of(all, [&](const SourceState &other) {
            if (other.rule || other.source.kind != knowledge::Source::Kind::website) return false;
            const auto configured = knowledge::web_address(other.source.address);
            return configured && configured->origin == address->origin;
        });
    }

    [[nodiscard]] json::object source_json(const SourceState &each,
                                           const std::vector<SourceState> &all) const {
        const bool barred = overruled(each, all);
        json::object item;
        item["kind"] = std::string(knowledge::to_string(each.source.kind));
        item["municipality"] = to_ars(each.source.municipality);
        item["town"] = name_of(each.source.municipality);
        item["address"] = each.source.address;
        item["last"] = reading_json(each.last);
        item["site"] = rule_json(each.rule);
        item["reading"] = under_way(each);
        item["waiting"] = !barred && item["reading"].is_null() && waits(each);
        item["overruled"] = barred;
        return item;
    }

    [[nodiscard]] json::object removed_json(const SiteRule &rule) const {
        json::object item;
        item["id"] = rule.id;
        item["municipality"] = to_ars(rule.municipality);
        item["town"] = name_of(rule.municipality);
        item["address"] = rule.start;
        item["removed_at"] = to_json(rule.changed_at);
        item["version"] = rule.version;
        return item;
    }

    // The newest first.
    [[nodiscard]] Expected<json::array>
    removed_of(std::optional<MunicipalityId> municipality) const {
        auto all = rules().all(municipality);
        if (!all) return tl::unexpected(all.error());
        std::erase_if(*all, [](const SiteRule &rule) { return !rule.removed; });
        std::ranges::sort(*all, std::greater{}, &SiteRule::changed_at);
        json::array items;
        for (const SiteRule &rule : *all) {
            if (items.size() < kMostRemovedShown) items.push_back(removed_json(rule));
        }
        return items;
    }

    [[nodiscard]] Expected<Reply> show(const Incoming &incoming) const {
        // All of them: what the configuration reads for others may overrule, too.
        const auto all = knowledge::source_states(parts.database);
        if (!all) return tl::unexpected(all.error());
        auto removed = removed_of(incoming.caller.municipality);
        if (!removed) return tl::unexpected(removed.error());
        json::array items;
        for (const SourceState &each : *all) {
            if (!people::may_see(incoming.caller, each.source.municipality)) continue;
            items.push_back(source_json(each, *all));
        }
        json::object body;
        body["items"] = std::move(items);
        body["removed"] = std::move(*removed);
        return json_reply(body);
    }

    [[nodiscard]] Expected<Reply> told(const Expected<SiteRule> &rule, int status = 200) const {
        if (!rule) return tl::unexpected(rule.error());
        parts.websites.look_again();
        json::object body = rule_json(*rule).as_object();
        body["municipality"] = to_ars(rule->municipality);
        body["address"] = rule->start;
        Reply reply = versioned_reply(body, rule->version);
        reply.status = status;
        return reply;
    }

    static void read_rule(JsonReader &reader, SiteRule &rule) {
        rule.start =
            reader.text("address", {.shortest = 1, .longest = knowledge::kLongestSiteAddress});
        rule.most_pages =
            static_cast<int>(reader.integer("most_pages", 1, knowledge::kMostPagesOfASite));
        rule.pause_seconds =
            static_cast<int>(reader.integer("pause_seconds", 1, knowledge::kLongestPauseSeconds));
    }

    [[nodiscard]] Expected<Reply> add(const Incoming &incoming) const {
        auto reader = JsonReader::parse(incoming.request.body);
        if (!reader) return tl::unexpected(reader.error());
        SiteRule wanted;
        wanted.municipality = read_municipality(*reader);
        read_rule(*reader, wanted);
        if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
        // Somebody who is answered for here; nobody else's editors read for others.
        if (!people::may_see(incoming.caller, wanted.municipality) ||
            !towns.find(wanted.municipality)) {
            return fail(ProblemKind::not_found, "municipality.not_found");
        }
        return told(rules().add(editor_of(incoming.caller), wanted, audited(incoming)), 201);
    }

    [[nodiscard]] Expected<Reply> change(const Incoming &incoming) const {
        const auto which = path_id_and_version(incoming.request, kNone);
        if (!which) return tl::unexpected(which.error());
        auto reader = JsonReader::parse(incoming.request.body);
        if (!reader) return tl::unexpected(reader.error());
        SiteRule wanted{.id = which->id, .version = which->version};
        read_rule(*reader, wanted);
        wanted.stopped = reader->boolean("stopped");
        if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
        return told(rules().change(editor_of(incoming.caller), wanted, audited(incoming)));
    }

    [[nodiscard]] Expected<Reply> remove(const Incoming &incoming) const {
        const auto which = path_id_and_version(incoming.request, kNone);
        if (!which) return tl::unexpected(which.error());
        return told(rules().remove(editor_of(incoming.caller), which->id, which->version,
                                   audited(incoming)));
    }

    [[nodiscard]] Expected<Reply> restore(const Incoming &incoming) const {
        const auto which = path_id_and_version(incoming.request, kNone);
        if (!which) return tl::unexpected(which.error());
        return told(rules().restore(editor_of(incoming.caller), which->id, which->version,
                                    audited(incoming)));
    }

    [[nodiscard]] Expected<Reply> read_now(const Incoming &incoming) const {
        auto reader = JsonReader::parse(incoming.request.body);
        if (!reader) return tl::unexpected(reader.error());
        const std::string address =
            reader->text("address", {.shortest = 1, .longest = knowledge::kLongestSiteAddress});
        const bool losses_meant = reader->boolean("losses_meant");
        if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
        const auto asked =
            rules().ask_now(editor_of(incoming.caller), address, losses_meant, audited(incoming));
        if (!asked) return tl::unexpected(asked.error());
        parts.websites.look_again();
        return nothing_to_show();
    }
};

} // namespace

void add_knowledge_website_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                                  Towns &towns) {
    const Routes routes{parts, towns};
    using Method = Expected<Reply> (Routes::*)(const Incoming &) const;
    const auto add = [&](std::string_view method, const std::string &path, Method handler) {
        gate.add(
            router, method, "/api/v1/knowledge" + path,
            [routes, handler](const Incoming &incoming) { return (routes.*handler)(incoming); });
    };
    add("GET", "/sources", &Routes::show);
    add("POST", "/websites", &Routes::add);
    add("PUT", "/websites/{id}", &Routes::change);
    add("DELETE", "/websites/{id}", &Routes::remove);
    add("POST", "/websites/{id}/restore", &Routes::restore);
    add("POST", "/website-readings", &Routes::read_now);
}

} // namespace fernamt::web
