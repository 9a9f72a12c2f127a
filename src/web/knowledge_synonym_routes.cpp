// SPDX-License-Identifier: EUPL-1.2
// What callers say and what is meant, as editors enter it for the search. Who works for one
// municipality reads the house's and changes that one's only; a foreign one looks like none. The
// search knows a change with its next look (knowledge/search.h, refresh).
#include "knowledge/synonym_rules.h"
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

using knowledge::SynonymEntry;
using knowledge::SynonymRule;

constexpr std::size_t kMostRemovedShown = 20;
constexpr std::string_view kNone = "synonym.not_found";

json::object words_json(const SynonymEntry &words) {
    json::object made;
    made["said"] = lines_json(words.said);
    made["meant"] = lines_json(words.meant);
    made["both_ways"] = words.both_ways;
    return made;
}

json::object rule_json(const SynonymRule &rule, const people::Principal &caller) {
    json::object made = words_json(rule.synonym.words);
    made["id"] = rule.id;
    made["municipality"] = place_json(rule.synonym.municipality);
    made["changed_at"] = to_json(rule.changed_at);
    made["version"] = rule.version;
    made["writable"] = may_write(editor_of(caller), rule);
    return made;
}

SynonymEntry read_words(JsonReader &reader) {
    const TextLimits limits{.shortest = 1, .longest = knowledge::kLongestSynonymPhrase};
    SynonymEntry words;
    words.said = reader.texts("said", knowledge::kMostPhrases, limits);
    words.meant = reader.texts("meant", knowledge::kMostPhrases, limits);
    words.both_ways = reader.boolean("both_ways");
    return words;
}

struct Routes {
    const ApiParts &parts;
    Towns &towns;

    [[nodiscard]] knowledge::SynonymRules rules() const { return {parts.database, parts.clock}; }
    [[nodiscard]] knowledge::SynonymAudit audited(const Incoming &incoming) const {
        return [this, &incoming](storage::Connection &connection, std::string_view action,
                                 std::int64_t subject, const std::vector<std::string> &fields) {
            return people::record(connection, parts.clock.now(), incoming.caller.user, action,
                                  subject, fields);
        };
    }
    [[nodiscard]] static Expected<Reply> told(const Incoming &incoming,
                                              const Expected<SynonymRule> &rule, int status = 200) {
        if (!rule) return tl::unexpected(rule.error());
        Reply reply = versioned_reply(rule_json(*rule, incoming.caller), rule->version);
        reply.status = status;
        return reply;
    }

    [[nodiscard]] Expected<Reply> list(const Incoming &incoming) const {
        const auto all = rules().all(editor_of(incoming.caller));
        if (!all) return tl::unexpected(all.error());
        json::array items;
        std::vector<const SynonymRule *> gone;
        for (const SynonymRule &rule : *all) {
            if (!rule.removed) {
                items.push_back(rule_json(rule, incoming.caller));
            } else if (may_write(editor_of(incoming.caller), rule)) {
                gone.push_back(&rule);
            }
        }
        std::ranges::stable_sort(gone, std::greater{}, &SynonymRule::changed_at);
        json::array removed;
        for (const SynonymRule *rule : gone) {
            if (removed.size() < kMostRemovedShown)
                removed.push_back(rule_json(*rule, incoming.caller));
        }
        json::array shipped;
        for (const SynonymEntry &words : knowledge::shipped_synonyms())
            shipped.push_back(words_json(words));
        json::object body;
        body["items"] = std::move(items);
        body["removed"] = std::move(removed);
        body["shipped"] = std::move(shipped);
        return json_reply(body);
    }

    [[nodiscard]] Expected<Reply> add(const Incoming &incoming) const {
        auto reader = JsonReader::parse(incoming.request.body);
        if (!reader) return tl::unexpected(reader.error());
        knowledge::PlacedSynonym wanted;
        wanted.municipality = read_municipality(*reader);
        wanted.words = read_words(*reader);
        if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
        const bool common = wanted.municipality == knowledge::kCommonText;
        // Somebody who is answered for here.
        if (!common && !towns.find(wanted.municipality))
            return fail(ProblemKind::not_found, "municipality.not_found");
        return told(incoming, rules().add(editor_of(incoming.caller), wanted, audited(incoming)),
                    201);
    }

    [[nodiscard]] Expected<Reply> change(const Incoming &incoming) const {
        const auto which = path_id_and_version(incoming.request, kNone);
        if (!which) return tl::unexpected(which.error());
        auto reader = JsonReader::parse(incoming.request.body);
        if (!reader) return tl::unexpected(reader.error());
        const SynonymEntry words = read_words(*reader);
        if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
        return told(incoming, rules().change(editor_of(incoming.caller), which->id, which->version,
                                             words, audited(incoming)));
    }

    [[nodiscard]] Expected<Reply> remove(const Incoming &incoming) const {
        const auto which = path_id_and_version(incoming.request, kNone);
        if (!which) return tl::unexpected(which.error());
        return told(incoming, rules().remove(editor_of(incoming.caller), which->id, which->version,
                                             audited(incoming)));
    }

    [[nodiscard]] Expected<Reply> restore(const Incoming &incoming) const {
        const auto which = path_id_and_version(incoming.request, kNone);
        if (!which) return tl::unexpected(which.error());
        return told(incoming, rules().restore(editor_of(incoming.caller), which->id, which->version,
                                              audited(incoming)));
    }
};

} // namespace

void add_knowledge_synonym_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                                  Towns &towns) {
    const Routes routes{parts, towns};
    using Method = Expected<Reply> (Routes::*)(const Incoming &) const;
    const auto add = [&](std::string_view method, const std::string &path, Method handler) {
        gate.add(
            router, method, "/api/v1/knowledge/synonyms" + path,
            [routes, handler](const Incoming &incoming) { return (routes.*handler)(incoming); });
    };
    add("GET", "", &Routes::list);
    add("POST", "", &Routes::add);
    add("PUT", "/{id}", &Routes::change);
    add("DELETE", "/{id}", &Routes::remove);
    add("POST", "/{id}/restore", &Routes::restore);
}

} // namespace fernamt::web
