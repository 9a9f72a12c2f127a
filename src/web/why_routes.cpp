// SPDX-License-Identifier: EUPL-1.2
// Why did this call go where it went? From the ledger through routing/explain, in words. Whoever
// oversees calls may ask; no employee is named, only that one was involved. Queues, partners
// and crises are named as they were called then: the house keeps that (people/rule_history.h).
#include "ledger/routing_codec.h"
#include "people/rule_history.h"
#include "reporting/reports.h"
#include "routing/explain.h"
#include "web/api.h"
#include "web/call_access.h"
#include "web/json_values.h"
#include "web/request_values.h"
#include "web/routes.h"
#include "web/rule_texts.h"
#include "web/towns.h"

#include <boost/json/value.hpp>

#include <array>

namespace fernamt::web {

namespace json = boost::json;

namespace {

json::string to_string_json(std::string_view text) {
    return json::string(text.data(), text.size());
}

Expected<std::vector<routing::Recorded>> entries_of(ledger::Ledger &ledger,
                                                    const reporting::CallRecord &call) {
    std::vector<routing::Recorded> entries;
    Expected<void> readable;
    const auto read = ledger.each(call.first_seq, [&](const ledger::Entry &entry) {
        if (entry.seq > call.last_seq) return false;
        if (entry.call != call.call) return true;
        if (ledger::is_event(entry)) {
            auto event = ledger::to_event(entry);
            if (!event) return readable = tl::unexpected(event.error()), false;
            entries.push_back({entry.at, std::move(*event), {}});
        } else if (ledger::is_decision(entry)) {
            auto decision = ledger::to_decision(entry);
            if (!decision) return readable = tl::unexpected(decision.error()), false;
            entries.push_back({entry.at, {}, std::move(*decision)});
        }
        return true;
    });
    if (!read) return tl::unexpected(read.error());
    if (!readable) return tl::unexpected(readable.error());
    return entries;
}

// Places in an enumeration become its words, and instants their text; everything else is a number.
json::value seen_value(const routing::Seen &seen) {
    static constexpr std::array<std::string_view, 5> kSources{"request_uri", "called_party_id",
                                                              "history_info", "diversion", "to"};
    if (seen.name == "announcement")
        return to_string_json(routing::to_string(static_cast<routing::Announcement>(seen.value)));
    if (seen.name == "dialled_source")
        return to_string_json(kSources.at(static_cast<std::size_t>(seen.value)));
    if (seen.name.ends_with("_at")) return to_json(Instant{seen.value});
    return seen.value;
}

json::value rule_json(const std::optional<routing::Rule> &rule, Language language) {
    if (!rule) return nullptr;
    return json::object{{"rule", to_string_json(routing::to_string(*rule))},
                        {"text", to_string_json(rule_text(*rule, language))}};
}

std::optional<people::RuleTable> table_of(std::string_view seen) {
    using people::RuleTable;
    if (seen == "queue") return RuleTable::queue;
    if (seen == "crisis") return RuleTable::crisis_plan;
    if (seen == "partner" || seen == "from_partner") return RuleTable::partner;
    return std::nullopt;
}

Expected<people::RuleNames> names_of(storage::Database &database) {
    using people::RuleTable;
    Expected<people::RuleNames> names;
    const auto read = database.read([&](storage::Connection &connection) -> Expected<void> {
        names = people::RuleNames::read(
            connection, {RuleTable::queue, RuleTable::crisis_plan, RuleTable::partner});
        if (!names) return tl::unexpected(names.error());
        return {};
    });
    if (!read) return tl::unexpected(read.error());
    return names;
}

// names: nothing when the reader may not know them.
json::object seen_json(const routing::Seen &seen, Instant at, const people::RuleNames *names) {
    json::object shown{{"name", to_string_json(seen.name)}, {"value", seen_value(seen)}};
    const auto table = table_of(seen.name);
    if (!table || names == nullptr) return shown;
    const people::ThingName name = names->at(*table, seen.value, at);
    shown.emplace("called", to_json(name.then));
    shown.emplace("called_today", to_json(name.today));
    return shown;
}

json::object step_json(const routing::WhyStep &step, Language language,
                       const people::Principal &reader, const people::RuleNames *names,
                       Towns &towns) {
    json::array passed;
    for (const routing::Rule rule : step.passed)
        passed.push_back(rule_json(rule, language));
    json::array saw;
    for (const routing::Seen &seen : step.saw)
        saw.push_back(seen_json(seen, step.at, names));
    // A call may have been another municipality's before it was corrected.
    std::optional<MunicipalityId> municipality = step.municipality;
    if (municipality && !people::may_see(reader, *municipality)) municipality.reset();
    const bool foreign = step.municipality && !municipality;
    const auto town = municipality ? towns.find(*municipality) : std::nullopt;
    return json::object{{"at", to_json(step.at)},
                        {"what", to_string_json(step.what)},
                        {"text", to_string_json(step_text(step.what, language))},
                        {"passed", std::move(passed)},
                        {"decided", rule_json(step.decided, language)},
                        {"also", rule_json(step.also, language)},
                        {"saw", std::move(saw)},
                        {"agent", step.agent.has_value()},
                        {"municipality", to_json(municipality)},
                        {"town", town ? json::value(to_string_json(town->short_name)) : nullptr},
                        {"number", foreign ? json::value(nullptr) : to_json(step.number)}};
}

Expected<Reply> why(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const auto id = path_id(incoming.request, "call.not_found");
    if (!id) return tl::unexpected(id.error());
    if (auto taken = parts.projector.catch_up(); !taken) return tl::unexpected(taken.error());
    const auto record = reporting::Reports(parts.database).call(CallId{*id});
    if (!record) return tl::unexpected(record.error());
    if (!*record || !oversees(incoming.caller, **record))
        return fail(ProblemKind::not_found, "call.not_found");
    const auto entries = entries_of(parts.ledger, **record);
    if (!entries) return tl::unexpected(entries.error());
    const auto names = names_of(parts.database);
    if (!names) return tl::unexpected(names.error());
    json::array steps;
    // While it was another municipality's, its queue and its crisis are not the reader's to know.
    bool foreign = false;
    for (const routing::WhyStep &step : routing::explain(*entries)) {
        if (step.municipality) foreign = !people::may_see(incoming.caller, *step.municipality);
        steps.push_back(step_json(step, incoming.language, incoming.caller,
                                  foreign ? nullptr : &*names, towns));
    }
    return json_reply(json::object{{"call", *id}, {"steps", std::move(steps)}});
}

} // namespace

void add_why_routes(net::Router &router, Gate &gate, const ApiParts &parts, Towns &towns) {
    gate.add(router, "GET", "/api/v1/calls/{id}/why",
             [&](const Incoming &incoming) { return why(parts, towns, incoming); });
}

} // namespace fernamt::web
