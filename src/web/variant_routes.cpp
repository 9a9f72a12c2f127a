// SPDX-License-Identifier: EUPL-1.2
#include "web/variant_routes.h"

#include "billing/agreed_burden.h"
#include "billing/council_papers.h"
#include "billing/invoice_book.h"
#include "billing/invoice_source.h"
#include "billing/price_variants.h"
#include "people/municipalities.h"
#include "web/api.h"
#include "web/finance_values.h"
#include "web/json_values.h"
#include "web/request_values.h"
#include "web/towns.h"

#include <boost/json/value.hpp>

#include <algorithm>

namespace fernamt::web {

namespace json = boost::json;

namespace {

struct Span {
    agreements::Month first;
    agreements::Month last;
};

Expected<Span> span_of(const Incoming &incoming) {
    Span span;
    const auto year = to_local(incoming.now).date.year;
    for (const auto &[name, month, otherwise] :
         {std::tuple{"from", &span.first, agreements::Month{year, 1}},
          std::tuple{"to", &span.last, agreements::Month{year, 12}}}) {
        const auto text = query_text(incoming.request, name, 7);
        if (!text) return tl::unexpected(text.error());
        *month = otherwise;
        if (text->empty()) continue;
        const auto parsed = agreements::parse_month(*text);
        if (!parsed) return invalid_value(name, "no_month");
        *month = *parsed;
    }
    const int months = (span.last.year - span.first.year) * 12 + span.last.month - span.first.month;
    if (months < 0 || months > 23) return invalid_value("to", "out_of_range");
    return span;
}

Expected<std::vector<billing::VariantTown>>
towns_with_calls(const ApiParts &parts, const people::Municipalities &municipalities,
                 const Span &span, bool with_agreed) {
    const auto all = municipalities.all();
    if (!all) return tl::unexpected(all.error());
    const LocalDate first = first_day(span.first), last = last_day(span.last);
    std::vector<billing::VariantTown> towns;
    for (const people::Municipality &town : *all) {
        const auto calls = billing::read_calls(parts.database, town.id, first, last);
        if (!calls) return tl::unexpected(calls.error());
        auto columns = billing::to_columns(calls->calls, first, last);
        if (!columns) return tl::unexpected(columns.error());
        towns.push_back({town.id, town.name, weight_of(town), std::move(*columns)});
        if (!with_agreed) continue;
        const auto agreed =
            billing::agreed_burden(parts.database, town.id, span.first, span.last, calls->calls);
        if (!agreed) return tl::unexpected(agreed.error());
        towns.back().agreed = *agreed;
    }
    return towns;
}

// "package,per_call", each once.
Expected<std::vector<agreements::Template>> templates_of(const Incoming &incoming) {
    const auto text = query_text(incoming.request, "templates", 200);
    if (!text) return tl::unexpected(text.error());
    std::vector<agreements::Template> found;
    for (std::string_view rest = *text; !rest.empty();) {
        const auto comma = rest.find(',');
        const auto model = agreements::parse_template(rest.substr(0, comma));
        if (!model || std::ranges::find(found, *model) != found.end()) {
            return invalid_value("templates", "unknown");
        }
        found.push_back(*model);
        rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    }
    return found;
}

Expected<billing::VariantPrices> prices_of(const Incoming &incoming) {
    billing::VariantPrices prices;
    const auto text = query_text(incoming.request, "price", 20);
    if (!text) return tl::unexpected(text.error());
    if (!text->empty()) {
        const auto price = to_price(*text, "price");
        if (!price) return tl::unexpected(price.error());
        prices.per_minute = *price;
    }
    const auto share = query_integer(incoming.request, "share", 1, 99, prices.share_percent);
    if (!share) return tl::unexpected(share.error());
    prices.share_percent = *share;
    const auto reference = query_text(incoming.request, "reference", 20);
    if (!reference) return tl::unexpected(reference.error());
    prices.from_agreed = *reference == "agreed";
    if (!reference->empty() && !prices.from_agreed && *reference != "minutes") {
        return invalid_value("reference", "unknown");
    }
    const auto templates = templates_of(incoming);
    if (!templates) return tl::unexpected(templates.error());
    prices.templates = *templates;
    return prices;
}

json::array cells_json(Towns &towns, const std::vector<billing::VariantTown> &all,
                       const billing::VariantColumn &column) {
    json::array array;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const billing::VariantCell &cell = column.towns[i];
        json::object object;
        object["municipality"] = municipality_json(towns, all[i].municipality);
        object["pays"] = amount_json(cell.pays);
        object["by_levy"] = amount_json(cell.by_levy);
        object["per_1000_inhabitants"] = amount_json(Money{cell.cents_per_1000_inhabitants});
        object["difference"] = nullptr;
        object["difference_per_1000_inhabitants"] = nullptr;
        if (cell.difference) {
            object["difference"] = amount_json(*cell.difference);
            object["difference_per_1000_inhabitants"] =
                amount_json(Money{cell.difference_per_1000_inhabitants});
        }
        array.push_back(std::move(object));
    }
    return array;
}

Expected<Reply> variants(const ApiParts &parts, people::Municipalities &municipalities,
                         Towns &towns, const Incoming &incoming) {
    const auto span = span_of(incoming);
    if (!span) return tl::unexpected(span.error());
    const auto prices = prices_of(incoming);
    if (!prices) return tl::unexpected(prices.error());
    const auto all = towns_with_calls(parts, municipalities, *span, prices->from_agreed);
    if (!all) return tl::unexpected(all.error());
    const auto compared = billing::compare_models(*all, *prices);
    if (!compared) return tl::unexpected(compared.error());
    if (header_of(incoming.request, "accept").find("application/pdf") != std::string::npos) {
        std::vector<std::string> names;
        for (const billing::VariantTown &town : *all)
            names.push_back(town.name);
        const auto centre =
            billing::InvoiceBook(parts.database).party(billing::InvoiceBook::kCentre);
        auto pdf = billing::print_variants(
            *compared, names,
            {centre ? centre->name : "Servicecenter", "", to_local(incoming.now).date});
        if (!pdf) return tl::unexpected(pdf.error());
        return file_reply(std::move(*pdf), "application/pdf", "finanzierungsmodelle.pdf");
    }
    json::array columns;
    for (const billing::VariantColumn &column : compared->columns) {
        json::object object;
        object["model"] = json::string(to_string(column.model));
        object["words"] = column.words;
        object["total"] = amount_json(column.total);
        object["gaining"] = column.gaining;
        object["paying_more"] = column.paying_more;
        object["towns"] = cells_json(towns, *all, column);
        columns.push_back(std::move(object));
    }
    json::array calls(compared->calls.begin(), compared->calls.end());
    return json_reply(json::object{{"from", agreements::to_string(span->first)},
                                   {"to", agreements::to_string(span->last)},
                                   {"reference", json::string(to_string(compared->reference))},
                                   {"calls", std::move(calls)},
                                   {"models", std::move(columns)}});
}

} // namespace

void add_variant_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                        people::Municipalities &municipalities, Towns &towns) {
    gate.add(router, "GET", "/api/v1/variants", [&](const Incoming &incoming) {
        return variants(parts, municipalities, towns, incoming);
    });
}

} // namespace fernamt::web
