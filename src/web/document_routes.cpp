// SPDX-License-Identifier: EUPL-1.2
// Issued documents: see what would be issued, issue, take back whole, give back a part, download.
// The paying municipality reads its own. Nothing is decided here: billing/invoice_book.h numbers,
// locks and chains.
#include "billing/dispute_book.h"
#include "billing/evidence_table.h"
#include "billing/invoice.h"
#include "billing/invoice_book.h"
#include "billing/invoice_pdf.h"
#include "billing/xrechnung.h"
#include "people/municipalities.h"
#include "web/api.h"
#include "web/finance_values.h"
#include "web/json_reader.h"
#include "web/json_values.h"
#include "web/request_values.h"
#include "web/routes.h"
#include "web/towns.h"

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <array>
#include <map>
#include <set>

namespace fernamt::web {

namespace json = boost::json;

namespace {

using billing::Document;
using billing::DocumentKind;
using billing::InvoiceBook;
using billing::Issued;

constexpr std::size_t kLongestReason = 500;

json::value party_json(const billing::Party &party) {
    return json::object{{"name", party.name},
                        {"street", party.street},
                        {"postcode", party.postcode},
                        {"city", party.city},
                        {"leitweg_id", party.leitweg_id},
                        {"vat_id", party.vat_id},
                        {"tax_number", party.tax_number},
                        {"contact", party.contact},
                        {"phone", party.phone},
                        {"email", party.email},
                        {"iban", party.iban}};
}

json::value line_json(const billing::DocumentLine &line) {
    json::object object{{"text", line.text},
                        {"detail", line.detail},
                        {"from", fernamt::to_string(line.from)},
                        {"to", fernamt::to_string(line.to)}};
    add_amount(object, "amount", line.amount);
    return object;
}

json::array texts_json(const std::vector<std::string> &texts) {
    json::array array;
    for (const std::string &text : texts)
        array.emplace_back(text);
    return array;
}

json::value or_null(const std::string &text) {
    if (text.empty()) return nullptr;
    return json::value(text);
}

json::object head_json(Towns &towns, const Document &document) {
    json::object object{{"number", or_null(document.number)},
                        {"kind", std::string(to_string(document.kind))},
                        {"municipality", municipality_json(towns, document.municipality)},
                        {"period_from", fernamt::to_string(document.period_from)},
                        {"period_to", fernamt::to_string(document.period_to)},
                        {"issued_on", fernamt::to_string(document.issued_on)},
                        {"due_on", fernamt::to_string(document.due_on)},
                        {"refers_to", or_null(document.refers_to)}};
    add_amount(object, "payable", document.payable);
    return object;
}

json::object document_json(Towns &towns, const Document &document) {
    json::object object = head_json(towns, document);
    json::array lines;
    for (const auto &line : document.lines)
        lines.push_back(line_json(line));
    object["lines"] = std::move(lines);
    object["tax"] = json::object{{"category", std::string(to_string(document.tax.category))},
                                 {"rate_percent", document.tax.rate_percent},
                                 {"reason", document.tax.reason}};
    add_amount(object, "net", document.net);
    add_amount(object, "vat", document.vat);
    add_amount(object, "gross", document.gross);
    add_amount(object, "prepaid", document.prepaid);
    object["reason"] = document.reason;
    object["notes"] = texts_json(document.notes);
    object["advances"] = texts_json(document.advances);
    object["corrected"] = texts_json(document.corrected);
    object["seller"] = party_json(document.seller);
    object["buyer"] = party_json(document.buyer);
    object["ledger"] = json::object{{"first", document.ledger.first},
                                    {"last", document.ledger.last},
                                    {"root", document.ledger.root}};
    object["evidence_root"] = document.evidence_root;
    return object;
}

Expected<Reply> list_documents(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const auto wanted = query_municipality(incoming.request);
    if (!wanted) return tl::unexpected(wanted.error());
    const auto mine = incoming.caller.municipality ? incoming.caller.municipality : *wanted;
    if (*wanted && !people::may_see(incoming.caller, **wanted)) {
        return fail(ProblemKind::not_found, "municipality.not_found");
    }
    const auto documents = InvoiceBook(parts.database).list(mine);
    if (!documents) return tl::unexpected(documents.error());
    const auto disputes = billing::DisputeBook(parts.database).list(mine);
    if (!disputes) return tl::unexpected(disputes.error());
    std::map<std::string, std::string> cancelled;
    for (const Document &document : *documents) {
        if (document.kind == DocumentKind::cancellation)
            cancelled[document.refers_to] = document.number;
    }
    std::map<std::string, std::int64_t> open;
    for (const auto &dispute : *disputes) {
        if (dispute.state == billing::DisputeState::open) ++open[dispute.number];
    }
    json::array items;
    for (auto at = documents->rbegin(); at != documents->rend(); ++at) { // the newest first
        json::object item = head_json(towns, *at);
        item["cancelled_by"] = or_null(cancelled[at->number]);
        item["open_disputes"] = open[at->number];
        items.push_back(std::move(item));
    }
    return json_reply(json::object{{"items", std::move(items)}});
}

// Another municipality's is as good as none.
Expected<Document> find_document(const ApiParts &parts, const Incoming &incoming) {
    auto document = InvoiceBook(parts.database).find(path_text(incoming.request, "number"));
    if (document && !people::may_see(incoming.caller, document->municipality)) {
        return fail(ProblemKind::not_found, "invoice.not_found");
    }
    return document;
}

Expected<Reply> document_reply(const ApiParts &parts, Towns &towns, const Document &document,
                               int status) {
    const auto cancelled = InvoiceBook(parts.database).cancelled_by(document.number);
    if (!cancelled) return tl::unexpected(cancelled.error());
    json::object object = document_json(towns, document);
    object["cancelled_by"] = or_null(cancelled->value_or(""));
    return json_reply(object, status);
}

Expected<Reply> show_document(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const auto document = find_document(parts, incoming);
    if (!document) return tl::unexpected(document.error());
    return document_reply(parts, towns, *document, 200);
}

Expected<Reply> file_of(InvoiceBook &book, const Document &document, std::string_view form) {
    const auto name = [&](std::string_view extension) {
        return fmt::format("{}.{}", document.number, extension);
    };
    if (form == "xrechnung") {
        auto xml = billing::to_xrechnung(document);
        if (!xml) return tl::unexpected(xml.error());
        return file_reply(std::move(*xml), "application/xml", name("xml"));
    }
    const auto evidence = book.evidence(document);
    if (!evidence) return tl::unexpected(evidence.error());
    if (form == "evidence") {
        return file_reply(billing::to_json(document, *evidence), "application/json",
                          name("nachweis.json"));
    }
    const auto table = billing::evidence_table(*evidence);
    if (!table) return tl::unexpected(table.error());
    if (form == "csv") {
        return file_reply(billing::to_csv(*table), "text/csv; charset=utf-8", name("csv"));
    }
    const bool pdf = form == "pdf";
    auto bytes = pdf ? billing::to_pdf(document, *table) : billing::to_workbook(document, *table);
    if (!bytes) return tl::unexpected(bytes.error());
    return file_reply(std::move(*bytes),
                      pdf ? "application/pdf"
                          : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                      name(pdf ? "pdf" : "xlsx"));
}

Expected<Reply> show_file(const ApiParts &parts, const Incoming &incoming) {
    static const std::set<std::string> kForms{"pdf", "xrechnung", "evidence", "csv", "xlsx"};
    const std::string form = path_text(incoming.request, "form");
    if (!kForms.contains(form)) return fail(ProblemKind::not_found, "invoice.not_found");
    const auto document = find_document(parts, incoming);
    if (!document) return tl::unexpected(document.error());
    InvoiceBook book(parts.database);
    return file_of(book, *document, form);
}

// ---- drafts ------------------------------------------------------------------------------------

struct Asked {
    MunicipalityId municipality;
    agreements::Month month;
};

Expected<Asked> asked_month(Towns &towns, const Incoming &incoming) {
    const MunicipalityId municipality = path_municipality(incoming.request);
    const auto month = to_month(path_text(incoming.request, "month"));
    if (!month) return tl::unexpected(month.error());
    if (!towns.find(municipality)) return fail(ProblemKind::not_found, "municipality.not_found");
    return Asked{municipality, *month};
}

// What the month before came to, so that a leap is seen before the invoice goes out.
Expected<json::value> before_json(const ApiParts &parts, const Asked &asked) {
    const agreements::Month month =
        asked.month.month == 1 ? agreements::Month{asked.month.year - 1, 12}
                               : agreements::Month{asked.month.year, asked.month.month - 1};
    const auto invoice = billing::make_invoice(parts.database, asked.municipality, month);
    if (!invoice) return json::value(nullptr);
    json::object object{{"month", agreements::to_string(month)}, {"calls", invoice->calls}};
    add_amount(object, "net", invoice->total);
    return json::value(std::move(object));
}

Expected<Reply> show_draft(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const auto asked = asked_month(towns, incoming);
    if (!asked) return tl::unexpected(asked.error());
    const auto draft =
        InvoiceBook(parts.database).preview(asked->municipality, asked->month, incoming.now);
    if (!draft) return tl::unexpected(draft.error());
    if (header_of(incoming.request, "accept").find("application/pdf") != std::string::npos) {
        const auto table = billing::evidence_table(draft->evidence);
        if (!table) return tl::unexpected(table.error());
        auto pdf = billing::to_pdf(draft->document, *table);
        if (!pdf) return tl::unexpected(pdf.error());
        return file_reply(std::move(*pdf), "application/pdf",
                          fmt::format("entwurf-{}-{}.pdf", to_ars(asked->municipality),
                                      agreements::to_string(asked->month)));
    }
    const auto now = billing::make_invoice(parts.database, asked->municipality, asked->month);
    if (!now) return tl::unexpected(now.error());
    const auto before = before_json(parts, *asked);
    if (!before) return tl::unexpected(before.error());
    return json_reply(json::object{{"document", document_json(towns, draft->document)},
                                   {"calls", now->calls},
                                   {"before", *before}});
}

// ---- issuing -----------------------------------------------------------------------------------

Expected<Issued> issue(const ApiParts &parts, const Incoming &incoming) {
    static constexpr std::array kKinds{
        std::pair{std::string_view("invoice"), DocumentKind::invoice},
        std::pair{std::string_view("advance"), DocumentKind::advance},
        std::pair{std::string_view("settlement"), DocumentKind::settlement}};
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const auto kind = reader->choice<DocumentKind>("kind", kKinds);
    const std::string ars = reader->text("municipality", {.longest = 12});
    const std::string period = reader->text("period", {.longest = 7});
    const auto net = reader->optional_text("net", {.longest = 20});
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    const auto municipality = parse_ars(ars);
    if (!municipality) return invalid_value("municipality", "no_ars");
    const auto change = audited_change(incoming, "", "invoice.issued", *municipality, period);
    InvoiceBook book(parts.database);
    if (kind == DocumentKind::settlement) {
        const auto year = agreements::parse_month(period + "-12");
        if (!year) return invalid_value("period", "no_year");
        return book.settle(*municipality, year->year, change);
    }
    const auto month = to_month(period);
    if (!month) return tl::unexpected(month.error());
    if (kind == DocumentKind::invoice) return book.issue(*municipality, *month, change);
    const auto amount = to_money(net.value_or(""), "net");
    if (!amount) return tl::unexpected(amount.error());
    if (*amount <= Money{}) return invalid_value("net", "not_above_zero");
    return book.issue_advance(*municipality, *month, *amount, change);
}

void publish(const ApiParts &parts) {
    parts.hub.publish({"documents", "{}", {}});
}

Expected<Reply> issued_reply(const ApiParts &parts, Towns &towns, const Expected<Issued> &issued) {
    if (!issued) return tl::unexpected(issued.error());
    publish(parts);
    return document_reply(parts, towns, issued->document, 201);
}

Expected<Reply> cancel(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const auto document = find_document(parts, incoming);
    if (!document) return tl::unexpected(document.error());
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const std::string reason = reader->text("reason", {.shortest = 1, .longest = kLongestReason});
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    return issued_reply(
        parts, towns,
        InvoiceBook(parts.database)
            .cancel(document->number, audited_change(incoming, reason, "invoice.cancelled",
                                                     document->municipality, document->number)));
}

Expected<Reply> credit(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const auto document = find_document(parts, incoming);
    if (!document) return tl::unexpected(document.error());
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const std::string text = reader->text("text", {.shortest = 1, .longest = 200});
    const std::string reason = reader->text("reason", {.shortest = 1, .longest = kLongestReason});
    const std::string net = reader->text("net", {.longest = 20});
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    const auto amount = to_money(net, "net");
    if (!amount) return tl::unexpected(amount.error());
    return issued_reply(parts, towns,
                        InvoiceBook(parts.database)
                            .credit(document->number, text, *amount,
                                    audited_change(incoming, reason, "invoice.credited",
                                                   document->municipality, document->number)));
}

// ---- billing details ---------------------------------------------------------------------------

Expected<Reply> show_details(const ApiParts &parts, MunicipalityId municipality) {
    const auto party = InvoiceBook(parts.database).party(municipality);
    if (!party && party.error().code != "invoice.party_missing") {
        return tl::unexpected(party.error());
    }
    return json_reply(party_json(party.value_or(billing::Party{})));
}

Expected<Reply> store_details(const ApiParts &parts, const Incoming &incoming,
                              MunicipalityId municipality) {
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    billing::Party party;
    party.name = reader->text("name", {.shortest = 1});
    party.street = reader->text("street");
    party.postcode = reader->text("postcode", {.longest = 10});
    party.city = reader->text("city", {.longest = 100});
    party.leitweg_id = reader->text("leitweg_id", {.longest = 46});
    party.vat_id = reader->text("vat_id", {.longest = 20});
    party.tax_number = reader->text("tax_number", {.longest = 30});
    party.contact = reader->text("contact", {.longest = 100});
    party.phone = reader->text("phone", {.longest = 40});
    party.email = reader->text("email", {.longest = 100});
    party.iban = reader->text("iban", {.longest = 34});
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    const auto change = audited_change(incoming, "", "billing.details_changed", municipality);
    if (auto stored = InvoiceBook(parts.database).set_party(municipality, party, change.also);
        !stored) {
        return tl::unexpected(stored.error());
    }
    return json_reply(party_json(party));
}

Expected<MunicipalityId> known_town(Towns &towns, const Incoming &incoming) {
    const MunicipalityId municipality = path_municipality(incoming.request);
    if (!towns.find(municipality)) return fail(ProblemKind::not_found, "municipality.not_found");
    return municipality;
}

// Where no invoice follows any more that could carry them.
Expected<Reply> issue_corrections(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const auto town = known_town(towns, incoming);
    if (!town) return tl::unexpected(town.error());
    const auto issued =
        InvoiceBook(parts.database)
            .correct(*town, audited_change(incoming, "", "invoice.issued", *town, "corrections"));
    if (!issued) return tl::unexpected(issued.error());
    if (!issued->empty()) publish(parts);
    json::array items;
    for (const Issued &each : *issued) {
        json::object item = head_json(towns, each.document);
        item["cancelled_by"] = nullptr;
        item["open_disputes"] = 0;
        items.push_back(std::move(item));
    }
    return json_reply(json::object{{"items", std::move(items)}}, 201);
}

Expected<Reply> preview_corrections(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const auto town = known_town(towns, incoming);
    if (!town) return tl::unexpected(town.error());
    const auto drafts = InvoiceBook(parts.database).preview_corrections(*town, incoming.now);
    if (!drafts) return tl::unexpected(drafts.error());
    json::array items;
    for (const Issued &each : *drafts)
        items.push_back(document_json(towns, each.document));
    return json_reply(json::object{{"items", std::move(items)}});
}

} // namespace

void add_document_routes(net::Router &router, Gate &gate, const ApiParts &parts, Towns &towns) {
    gate.add(router, "GET", "/api/v1/documents",
             [&](const Incoming &incoming) { return list_documents(parts, towns, incoming); });
    gate.add(router, "POST", "/api/v1/documents", [&](const Incoming &incoming) {
        return issued_reply(parts, towns, issue(parts, incoming));
    });
    gate.add(router, "GET", "/api/v1/documents/{number}",
             [&](const Incoming &incoming) { return show_document(parts, towns, incoming); });
    gate.add(router, "GET", "/api/v1/documents/{number}/files/{form}",
             [&](const Incoming &incoming) { return show_file(parts, incoming); });
    gate.add(router, "POST", "/api/v1/documents/{number}/cancellation",
             [&](const Incoming &incoming) { return cancel(parts, towns, incoming); });
    gate.add(router, "POST", "/api/v1/documents/{number}/credits",
             [&](const Incoming &incoming) { return credit(parts, towns, incoming); });
    gate.add(router, "GET", "/api/v1/municipalities/{ars}/corrections",
             [&](const Incoming &incoming) { return preview_corrections(parts, towns, incoming); });
    gate.add(router, "POST", "/api/v1/municipalities/{ars}/corrections",
             [&](const Incoming &incoming) { return issue_corrections(parts, towns, incoming); });
    gate.add(router, "GET", "/api/v1/invoices/{ars}/{month}/draft",
             [&](const Incoming &incoming) { return show_draft(parts, towns, incoming); });
    gate.add(router, "GET", "/api/v1/billing-details",
             [&](const Incoming &) { return show_details(parts, InvoiceBook::kCentre); });
    gate.add(router, "PUT", "/api/v1/billing-details", [&](const Incoming &incoming) {
        return store_details(parts, incoming, InvoiceBook::kCentre);
    });
    gate.add(router, "GET", "/api/v1/municipalities/{ars}/billing-details",
             [&](const Incoming &incoming) -> Expected<Reply> {
                 const auto town = known_town(towns, incoming);
                 if (!town) return tl::unexpected(town.error());
                 return show_details(parts, *town);
             });
    gate.add(router, "PUT", "/api/v1/municipalities/{ars}/billing-details",
             [&](const Incoming &incoming) -> Expected<Reply> {
                 const auto town = known_town(towns, incoming);
                 if (!town) return tl::unexpected(town.error());
                 return store_details(parts, incoming, *town);
             });
}

} // namespace fernamt::web
