// SPDX-License-Identifier: EUPL-1.2
// Who changed what: the audit log as the administration and the auditors read it. Ids and names of
// fields only, as they are stored.
#include "people/audit.h"
#include "web/api.h"
#include "web/json_values.h"
#include "web/request_values.h"
#include "web/routes.h"

#include <boost/json/value.hpp>

namespace fernamt::web {

namespace json = boost::json;

namespace {

constexpr std::int64_t kMost = 500;

Expected<Reply> list(const ApiParts &parts, const Incoming &incoming) {
    const auto limit = query_integer(incoming.request, "limit", 1, kMost, 100);
    if (!limit) return tl::unexpected(limit.error());
    const auto before = query_integer(incoming.request, "before", 1, kLargestId, kLargestId);
    if (!before) return tl::unexpected(before.error());
    const auto entries = people::audit_log(parts.database, static_cast<int>(*limit), *before);
    if (!entries) return tl::unexpected(entries.error());
    json::array items;
    for (const people::AuditEntry &entry : *entries) {
        json::value by = nullptr; // the command line or the program itself
        if (entry.by) by = entry.by.value;
        items.push_back(json::object{{"id", entry.id},
                                     {"at", to_json(entry.at)},
                                     {"by", std::move(by)},
                                     {"action", entry.action},
                                     {"subject", entry.subject},
                                     {"fields", entry.fields}});
    }
    json::value next = nullptr; // for `before`; null: that was all
    if (static_cast<std::int64_t>(entries->size()) == *limit) next = entries->back().id;
    return json_reply(json::object{{"items", std::move(items)}, {"next", std::move(next)}});
}

} // namespace

void add_audit_routes(net::Router &router, Gate &gate, const ApiParts &parts) {
    gate.add(router, "GET", "/api/v1/audit",
             [&](const Incoming &incoming) { return list(parts, incoming); });
}

} // namespace fernamt::web
