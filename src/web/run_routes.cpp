// SPDX-License-Identifier: EUPL-1.2
// A month's invoices for all municipalities: the look before, the run, and what came of it.
#include "billing/invoice_run.h"
#include "web/api.h"
#include "web/finance_values.h"
#include "web/json_reader.h"
#include "web/json_values.h"
#include "web/problem_texts.h"
#include "web/request_values.h"
#include "web/routes.h"
#include "web/towns.h"

#include <boost/json/value.hpp>
#include <fmt/format.h>

namespace fernamt::web {

namespace json = boost::json;

namespace {

using billing::InvoiceRun;
using billing::InvoiceRuns;

Expected<std::vector<MunicipalityId>> all_towns(Towns &towns) {
    const auto all = towns.all();
    if (!all) return tl::unexpected(all.error());
    std::vector<MunicipalityId> ids;
    for (const Town &town : *all)
        ids.push_back(town.id);
    return ids;
}

Expected<Reply> preview(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const auto text = query_text(incoming.request, "month", 7);
    if (!text) return tl::unexpected(text.error());
    const auto month = to_month(*text);
    if (!month) return tl::unexpected(month.error());
    const auto ids = all_towns(towns);
    if (!ids) return tl::unexpected(ids.error());
    const auto previews = billing::preview_run(parts.database, *ids, *month, incoming.now);
    if (!previews) return tl::unexpected(previews.error());
    json::array items;
    for (const billing::RunPreview &each : *previews) {
        json::object item{{"calls", each.calls}, {"clean", each.clean()}};
        item["municipality"] = municipality_json(towns, each.municipality);
        add_amount(item, "net", each.net);
        add_amount(item, "payable", each.payable);
        add_amount(item, "difference", each.net - each.net_before);
        item["number"] = to_json(each.number);
        item["problem"] = nullptr;
        if (each.problem) item["problem"] = title_of(*each.problem, incoming.language);
        items.push_back(std::move(item));
    }
    json::object object{{"month", agreements::to_string(*month)}};
    object["over"] = end_of(*month) <= incoming.now;
    object["items"] = std::move(items);
    return json_reply(object);
}

json::value run_json(Towns &towns, const InvoiceRun &run, Language language) {
    json::array items;
    for (const billing::RunItem &each : run.items) {
        json::object item{{"state", std::string(to_string(each.state))}};
        item["municipality"] = municipality_json(towns, each.municipality);
        item["number"] = nullptr;
        if (!each.number.empty()) item["number"] = each.number;
        item["problem"] = nullptr;
        if (!each.problem.empty()) {
            item["problem"] = title_of({ProblemKind::conflict, each.problem, {}}, language);
        }
        items.push_back(std::move(item));
    }
    json::object object{{"id", run.id},
                        {"month", agreements::to_string(run.month)},
                        {"started_at", to_json(run.started_at)}};
    object["items"] = std::move(items);
    return object;
}

Expected<Reply> list(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const auto runs = InvoiceRuns(parts.database).list();
    if (!runs) return tl::unexpected(runs.error());
    json::array items;
    for (const InvoiceRun &run : *runs)
        items.push_back(run_json(towns, run, incoming.language));
    json::object object;
    object["items"] = std::move(items);
    return json_reply(object);
}

Expected<Reply> resume(const ApiParts &parts, Towns &towns, const Incoming &incoming,
                       std::int64_t id, int status) {
    const auto done =
        InvoiceRuns(parts.database)
            .resume(id, audited_change(incoming, "", "document.issued",
                                       billing::InvoiceBook::kCentre, fmt::format("run {}", id)));
    parts.hub.publish({"documents", "{}", {}});
    if (!done) return tl::unexpected(done.error());
    return json_reply(run_json(towns, *done, incoming.language), status);
}

Expected<Reply> start(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const std::string text = reader->text("month", {.longest = 7});
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    const auto month = to_month(text);
    if (!month) return tl::unexpected(month.error());
    const auto ids = all_towns(towns);
    if (!ids) return tl::unexpected(ids.error());
    const auto run =
        InvoiceRuns(parts.database).start(*ids, *month, {incoming.caller.user, incoming.now, ""});
    if (!run) return tl::unexpected(run.error());
    return resume(parts, towns, incoming, run->id, 201);
}

} // namespace

void add_run_routes(net::Router &router, Gate &gate, const ApiParts &parts, Towns &towns) {
    gate.add(router, "GET", "/api/v1/run-preview",
             [&](const Incoming &incoming) { return preview(parts, towns, incoming); });
    gate.add(router, "GET", "/api/v1/runs",
             [&](const Incoming &incoming) { return list(parts, towns, incoming); });
    gate.add(router, "POST", "/api/v1/runs",
             [&](const Incoming &incoming) { return start(parts, towns, incoming); });
    gate.add(router, "POST", "/api/v1/runs/{id}/resume",
             [&](const Incoming &incoming) -> Expected<Reply> {
                 const auto id = path_id(incoming.request, "run.not_found");
                 if (!id) return tl::unexpected(id.error());
                 return resume(parts, towns, incoming, *id, 200);
             });
}

} // namespace fernamt::web
