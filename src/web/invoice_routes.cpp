// SPDX-License-Identifier: EUPL-1.2
// Invoices as billing computes them from the ledger, and the calls behind each line. CSV is handed
// on byte for byte.
#include "billing/invoice.h"
#include "billing/invoice_document.h"
#include "web/api.h"
#include "web/finance_values.h"
#include "web/json_values.h"
#include "web/request_values.h"
#include "web/routes.h"
#include "web/shown_times.h"
#include "web/towns.h"

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <array>

namespace fernamt::web {

namespace json = boost::json;

namespace {

json::value cents_json(const std::optional<Money> &amount) {
    if (!amount) return nullptr;
    return amount->cents;
}

json::value shown_json(const std::optional<Money> &amount) {
    if (!amount) return nullptr;
    return json::value(to_german(*amount));
}

std::string day_text(const LocalDate &date, Language language) {
    static constexpr std::array kGerman = {"Januar",    "Februar", "März",     "April",
                                           "Mai",       "Juni",    "Juli",     "August",
                                           "September", "Oktober", "November", "Dezember"};
    static constexpr std::array kEnglish = {"January",   "February", "March",    "April",
                                            "May",       "June",     "July",     "August",
                                            "September", "October",  "November", "December"};
    const auto month = static_cast<std::size_t>(date.month - 1);
    if (language == Language::german) {
        return fmt::format("{}. {} {}", date.day, kGerman.at(month), date.year);
    }
    return fmt::format("{} {} {}", date.day, kEnglish.at(month), date.year);
}

// The price per minute at the month's end; null where the agreement has another model. `charges`
// has all of them.
json::value agreement_json(const billing::Invoice &invoice) {
    json::value shown = nullptr;
    for (const billing::InvoiceCharge &each : invoice.charges) {
        const auto *minutes = std::get_if<agreements::MinutePrice>(&each.clause.model);
        if (minutes == nullptr || each.charge.part != agreements::ChargePart::use) continue;
        json::value valid_to = nullptr;
        if (each.clause.to) valid_to = fernamt::to_string(*each.clause.to);
        shown = json::object{{"price", to_decimal(each.charge.price)},
                             {"price_shown", to_german(each.charge.price)},
                             {"unit", std::string(agreements::to_string(minutes->unit))},
                             {"level", std::string(agreements::to_string(minutes->level))},
                             {"counts_after_call_work", minutes->counts_after_call_work},
                             {"valid_from", fernamt::to_string(each.clause.from)},
                             {"valid_to", valid_to}};
    }
    return shown;
}

json::value charge_json(const billing::InvoiceCharge &each) {
    const billing::DocumentLine line = billing::line_of(each.clause, each.charge);
    return json::object{{"text", line.text},
                        {"detail", line.detail},
                        {"words", each.clause.words},
                        {"from", fernamt::to_string(line.from)},
                        {"to", fernamt::to_string(line.to)},
                        {"payer", std::string(agreements::to_string(each.charge.payer))},
                        {"payer_name", each.clause.payer_name},
                        {"calls", each.charge.calls},
                        {"billed_seconds", each.charge.billed_seconds},
                        {"amount_cents", each.charge.amount.cents},
                        {"amount_shown", to_german(each.charge.amount)}};
}

// The first charge on calls of that day: where its clause rounds the sum only, the days are given
// so that they make this sum.
std::size_t use_of(const billing::Invoice &invoice, const LocalDate &date) {
    for (std::size_t i = 0; i < invoice.charges.size(); ++i) {
        const agreements::Charge &charge = invoice.charges[i].charge;
        const bool use = charge.part == agreements::ChargePart::use;
        if (use && charge.from <= date && date <= charge.to) return i;
    }
    return invoice.charges.size();
}

std::vector<std::int64_t> seconds_of_lines(const billing::Invoice &invoice) {
    std::vector<std::int64_t> seconds;
    for (std::size_t begin = 0; begin < invoice.lines.size();) {
        const std::size_t charge = use_of(invoice, invoice.lines[begin].date);
        std::size_t end = begin;
        std::vector<Duration> exact;
        std::vector<std::int64_t> billed;
        for (; end < invoice.lines.size() && use_of(invoice, invoice.lines[end].date) == charge;
             ++end) {
            exact.push_back(invoice.lines[end].counted);
            if (invoice.lines[end].billed_seconds)
                billed.push_back(*invoice.lines[end].billed_seconds);
        }
        const auto &shown = billed.size() == exact.size() ? billed : shown_parts(exact, 1s);
        seconds.insert(seconds.end(), shown.begin(), shown.end());
        begin = end;
    }
    return seconds;
}

json::value line_json(const billing::InvoiceLine &line, std::int64_t seconds, Language language) {
    return json::object{{"key", fernamt::to_string(line.date)},
                        {"text", day_text(line.date, language)},
                        {"calls", line.calls},
                        {"seconds", seconds},
                        {"amount_cents", cents_json(line.amount)},
                        {"amount_shown", shown_json(line.amount)}};
}

json::value invoice_json(Towns &towns, const billing::Invoice &invoice, Language language) {
    json::array charges;
    for (const auto &charge : invoice.charges)
        charges.push_back(charge_json(charge));
    json::array lines;
    const std::vector<std::int64_t> seconds = seconds_of_lines(invoice);
    for (std::size_t i = 0; i < invoice.lines.size(); ++i)
        lines.push_back(line_json(invoice.lines[i], seconds.at(i), language));
    json::array excluded;
    for (const auto &one : invoice.excluded) {
        excluded.push_back(json::object{{"reason", one.reason}, {"calls", one.calls}});
    }
    return json::object{{"municipality", municipality_json(towns, invoice.municipality)},
                        {"month", billing::to_string(invoice.month)},
                        {"agreement", agreement_json(invoice)},
                        {"charges", std::move(charges)},
                        {"lines", std::move(lines)},
                        {"excluded", std::move(excluded)},
                        {"billed_seconds", invoice.billed_seconds},
                        {"total_cents", invoice.total.cents},
                        {"total_shown", to_german(invoice.total)},
                        {"ledger", json::object{{"first", invoice.ledger.first},
                                                {"last", invoice.ledger.last},
                                                {"root", invoice.ledger.root}}}};
}

json::value summary_json(Towns &towns, const billing::InvoiceSummary &summary) {
    const ShownTimes times = shown_times(summary.talk, summary.after_call_work, true, 1s);
    json::value problem = nullptr;
    if (summary.problem) problem = summary.problem->code;
    return json::object{{"municipality", municipality_json(towns, summary.municipality)},
                        {"month", billing::to_string(summary.month)},
                        {"calls", summary.calls},
                        {"talk_seconds", times.talk},
                        {"acw_seconds", times.after_call_work},
                        {"billed_minutes", billing::to_minutes(summary.billed_seconds)},
                        {"total_cents", summary.total.cents},
                        {"total_shown", to_german(summary.total)},
                        {"problem", problem}};
}

// In tenths of a second, so that one sees how the clause came from them to whole seconds.
json::value rated_json(const billing::RatedCall &call) {
    const ShownTimes times =
        shown_times(call.talk, call.after_call_work, call.counts_after_call_work, 100ms);
    json::value billed = nullptr;
    if (call.billed_seconds) billed = *call.billed_seconds;
    return json::object{{"id", call.call.value},     {"offered_at", to_json(call.offered_at)},
                        {"talk_tenths", times.talk}, {"acw_tenths", times.after_call_work},
                        {"billed_seconds", billed},  {"amount_cents", cents_json(call.amount)},
                        {"clause", call.clause},     {"kind", std::string(to_string(call.kind))}};
}

bool wants_csv(const net::Request &request) {
    return header_of(request, "accept").find("text/csv") != std::string::npos;
}

Expected<Reply> list_invoices(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    auto text = query_text(incoming.request, "month", 7);
    if (!text) return tl::unexpected(text.error());
    auto month = to_month(*text);
    if (!month) return tl::unexpected(month.error());
    auto all = towns.all();
    if (!all) return tl::unexpected(all.error());

    std::vector<MunicipalityId> visible;
    for (const Town &town : *all) {
        if (people::may_see(incoming.caller, town.id)) visible.push_back(town.id);
    }
    auto summaries = billing::invoice_summaries(parts.database, visible, *month);
    if (!summaries) return tl::unexpected(summaries.error());
    json::array items;
    for (const auto &summary : *summaries)
        items.push_back(summary_json(towns, summary));
    return json_reply(json::object{{"items", std::move(items)}});
}

Expected<Reply> csv_invoice(const ApiParts &parts, MunicipalityId municipality,
                            const billing::Month &month) {
    auto text = billing::reproduce(parts.database, municipality, month, billing::Format::csv);
    if (!text) return tl::unexpected(text.error());
    Reply reply;
    reply.body = std::move(*text);
    reply.content_type = "text/csv; charset=utf-8";
    reply.headers.emplace_back("Content-Disposition",
                               fmt::format("attachment; filename=\"{}-{}.csv\"",
                                           to_ars(municipality), billing::to_string(month)));
    return reply;
}

Expected<Reply> show_invoice(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const MunicipalityId municipality = path_municipality(incoming.request);
    auto month = to_month(path_text(incoming.request, "month"));
    if (!month) return tl::unexpected(month.error());
    if (!towns.find(municipality)) return fail(ProblemKind::not_found, "municipality.not_found");
    if (wants_csv(incoming.request)) return csv_invoice(parts, municipality, *month);
    auto invoice = billing::make_invoice(parts.database, municipality, *month);
    if (!invoice) return tl::unexpected(invoice.error());
    return json_reply(invoice_json(towns, *invoice, incoming.language));
}

Expected<Reply> show_line(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const MunicipalityId municipality = path_municipality(incoming.request);
    auto month = to_month(path_text(incoming.request, "month"));
    if (!month) return tl::unexpected(month.error());
    if (!towns.find(municipality)) return fail(ProblemKind::not_found, "municipality.not_found");
    const auto date = parse_date(path_text(incoming.request, "key"));
    if (!date || billing::month_of(*date) != *month) {
        return fail(ProblemKind::not_found, "invoice.line_not_found");
    }
    auto calls = billing::invoice_line_calls(parts.database, municipality, *date);
    if (!calls) return tl::unexpected(calls.error());
    if (calls->empty()) return fail(ProblemKind::not_found, "invoice.line_not_found");
    json::array items;
    for (const auto &call : *calls)
        items.push_back(rated_json(call));
    return json_reply(json::object{{"calls", std::move(items)}});
}

} // namespace

void add_invoice_routes(net::Router &router, Gate &gate, const ApiParts &parts, Towns &towns) {
    gate.add(router, "GET", "/api/v1/invoices",
             [&](const Incoming &incoming) { return list_invoices(parts, towns, incoming); });
    gate.add(router, "GET", "/api/v1/invoices/{ars}/{month}",
             [&](const Incoming &incoming) { return show_invoice(parts, towns, incoming); });
    gate.add(router, "GET", "/api/v1/invoices/{ars}/{month}/lines/{key}",
             [&](const Incoming &incoming) { return show_line(parts, towns, incoming); });
}

} // namespace fernamt::web
