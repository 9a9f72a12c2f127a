// SPDX-License-Identifier: EUPL-1.2
// Whose an ended call is, and of which kind: what finance sees and may correct.
#include "web/classification_routes.h"

#include "billing/classification_preview.h"
#include "people/audit.h"
#include "web/api.h"
#include "web/finance_values.h"
#include "web/json_values.h"
#include "web/request_values.h"
#include "web/routes.h"

#include <fmt/format.h>

#include <array>

namespace fernamt::web {

namespace json = boost::json;

namespace {

using billing::ClassifiedCall;
using ledger::ReclassifyReason;

json::value change_json(Towns &towns, const ledger::Reclassified &change) {
    json::object object{{"reason", std::string(to_string(change.reason))},
                        {"role", std::string(change.role)}};
    object["from"] = municipality_json(towns, change.from);
    object["to"] = municipality_json(towns, change.to);
    object["kind"] = nullptr;
    if (change.kind) object["kind"] = std::string(*change.kind);
    object["dispute"] = nullptr;
    if (change.dispute) object["dispute"] = *change.dispute;
    return object;
}

json::value call_json(Towns &towns, const ClassifiedCall &call) {
    json::array changes;
    for (const ledger::Reclassified &change : call.changes)
        changes.push_back(change_json(towns, change));
    json::object object{{"call", call.call.value},
                        {"offered_at", to_json(call.offered_at)},
                        {"kind", std::string(to_string(call.kind))},
                        {"answered", call.answered}};
    object["municipality"] = municipality_json(towns, call.municipality);
    object["changes"] = std::move(changes);
    return object;
}

Expected<Reply> show(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const auto id = path_id(incoming.request, "call.not_found");
    if (!id) return tl::unexpected(id.error());
    const auto call = billing::classified_call(parts.database, CallId{*id});
    if (!call) return tl::unexpected(call.error());
    return json_reply(call_json(towns, *call));
}

// "?municipality=ARS&kind=test_call", one of both is enough.
Expected<billing::Reclassification> asked_change(const Incoming &incoming) {
    const auto id = path_id(incoming.request, "call.not_found");
    if (!id) return tl::unexpected(id.error());
    billing::Reclassification change;
    change.call = CallId{*id};
    const auto town = query_municipality(incoming.request);
    if (!town) return tl::unexpected(town.error());
    change.municipality = *town;
    const auto kind = query_text(incoming.request, "kind", 30);
    if (!kind) return tl::unexpected(kind.error());
    if (kind->empty()) return change;
    change.kind = agreements::parse_call_kind(*kind);
    if (!change.kind || !billing::may_be_said(*change.kind)) {
        return invalid_value("kind", "not_one_of_these");
    }
    return change;
}

json::value amount_or_null(const std::optional<Money> &amount) {
    if (!amount) return nullptr;
    return amount_json(*amount);
}

Expected<Reply> preview(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const auto change = asked_change(incoming);
    if (!change) return tl::unexpected(change.error());
    if (auto known = check_town(towns, *change); !known) return tl::unexpected(known.error());
    const auto effects = billing::preview_reclassification(parts.database, *change);
    if (!effects) return tl::unexpected(effects.error());
    json::array items;
    for (const billing::ClassificationEffect &effect : *effects) {
        std::optional<Money> difference;
        if (effect.before && effect.after) difference = *effect.after - *effect.before;
        json::object item;
        item["municipality"] = municipality_json(towns, effect.municipality);
        item["month"] = agreements::to_string(effect.month);
        item["before"] = amount_or_null(effect.before);
        item["after"] = amount_or_null(effect.after);
        item["difference"] = amount_or_null(difference);
        item["billed_by"] = nullptr;
        if (effect.billed_by) item["billed_by"] = *effect.billed_by;
        items.push_back(std::move(item));
    }
    return json_reply(json::object{{"items", std::move(items)}});
}

Expected<Reply> give(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const auto id = path_id(incoming.request, "call.not_found");
    if (!id) return tl::unexpected(id.error());
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    auto change = read_reclassification(*reader, true);
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    change.call = CallId{*id};
    if (auto known = check_town(towns, change); !known) return tl::unexpected(known.error());
    const auto before = billing::classified_call(parts.database, change.call);
    if (!before) return tl::unexpected(before.error());
    const auto call = billing::reclassify(parts.database, parts.ledger, change, incoming.now);
    if (!call) return tl::unexpected(call.error());
    // The ledger names the role; who it was stands in the audit, under both municipalities.
    const auto audited = audited_change(incoming, "", "call.reclassified", before->municipality,
                                        fmt::format("{}", *id));
    const auto also = audited_change(incoming, "", "call.reclassified", call->municipality,
                                     fmt::format("{}", *id));
    const auto recorded =
        parts.database.write([&](storage::Connection &connection) -> Expected<void> {
            if (auto done = audited.also(connection); !done) return done;
            if (before->municipality == call->municipality) return {};
            return also.also(connection);
        });
    if (!recorded) return tl::unexpected(recorded.error());
    parts.hub.publish({"documents", "{}", {}});
    return json_reply(call_json(towns, *call), 201);
}

} // namespace

billing::Reclassification read_reclassification(JsonReader &reader, bool with_reason) {
    static constexpr std::array kReasons{
        std::pair{std::string_view("misrouted"), ReclassifyReason::misrouted},
        std::pair{std::string_view("test"), ReclassifyReason::test},
        std::pair{std::string_view("staff"), ReclassifyReason::staff},
        std::pair{std::string_view("wrong_kind"), ReclassifyReason::wrong_kind},
        std::pair{std::string_view("taken_back"), ReclassifyReason::taken_back}};
    billing::Reclassification change;
    if (const auto ars = reader.optional_text("municipality", {.longest = 12})) {
        change.municipality = parse_ars(*ars);
        if (!change.municipality) reader.fault("municipality", "not_an_ars");
    }
    if (const auto kind = reader.optional_text("kind", {.longest = 30})) {
        change.kind = agreements::parse_call_kind(*kind);
        if (!change.kind || !billing::may_be_said(*change.kind))
            reader.fault("kind", "not_one_of_these");
    }
    if (with_reason) change.reason = reader.choice<ReclassifyReason>("reason", kReasons);
    return change;
}

Expected<void> check_town(Towns &towns, const billing::Reclassification &change) {
    if (!change.municipality || towns.find(*change.municipality)) return {};
    return fail(ProblemKind::not_found, "municipality.not_found");
}

void add_classification_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                               Towns &towns) {
    gate.add(router, "GET", "/api/v1/calls/{id}/classification",
             [&](const Incoming &incoming) { return show(parts, towns, incoming); });
    gate.add(router, "GET", "/api/v1/calls/{id}/classification/effects",
             [&](const Incoming &incoming) { return preview(parts, towns, incoming); });
    gate.add(router, "POST", "/api/v1/calls/{id}/classification",
             [&](const Incoming &incoming) { return give(parts, towns, incoming); });
}

} // namespace fernamt::web
