// SPDX-License-Identifier: EUPL-1.2
// Invoices as billing computes them from the ledger, and the calls behind each line. CSV is handed
// on byte for byte.
#include "billing/invoice.h"
#include "web/api.h"
#include "web/json_values.h"
#include "web/request_values.h"
#include "web/routes.h"
#include "web/shown_times.h"
#include "web/towns.h"

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fernamt::web {

namespace json = boost::json;

namespace {

json::value municipality_json(Towns &towns, MunicipalityId id) {
    const auto town = towns.find(id);
    return json::object{{"ars", to_ars(id)}, {"name", town ? town->name : to_ars(id)}};
}

json::value cents_json(const std::optional<Money> &amount) {
    if (!amount) return nullptr;
    return amount->cents;
}

json::value shown_json(const std::optional<Money> &amount) {
    if (!amount) return nullptr;
    return json::value(to_german(*amount));
}

Expected<billing::Month> read_month(std::string_view text) {
    const auto month = billing::parse_month(text);
    if (!month) return fail(ProblemKind::invalid_input, "invoice.month_invalid");
    return *month;
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

json::value agreement_json(const billing::Agreement &agreement) {
    json::value valid_to = nullptr;
    if (agreement.valid_to) valid_to = fernamt::to_string(*agreement.valid_to);
    return json::object{{"price", to_decimal(agreement.price_per_minute)},
                        {"price_shown", to_german(agreement.price_per_minute)},
                        {"unit", std::string(billing::to_string(agreement.unit))},
                        {"level", std::string(billing::to_string(agreement.level))},
                        {"counts_after_call_work", agreement.counts_after_call_work},
                        {"valid_from", fernamt::to_string(agreement.valid_from)},
                        {"valid_to", valid_to}};
}

json::value period_json(const billing::Period &period) {
    return json::object{{"from", fernamt::to_string(period.from)},
                        {"to", fernamt::to_string(period.to)},
                        {"agreement", agreement_json(period.agreement)},
                        {"clause", period.agreement.clause},
                        {"calls", period.calls},
                        {"billed_seconds", period.billed_seconds},
                        {"amount_cents", period.amount.cents},
                        {"amount_shown", to_german(period.amount)}};
}

// Where the clause rounds the sum of a period only, its days are given so that they make this sum.
std::vector<std::int64_t> seconds_of_lines(const billing::Invoice &invoice) {
    std::vector<std::int64_t> seconds;
    for (const auto &period : invoice.periods) {
        std::vector<Duration> exact;
        std::vector<std::int64_t> billed;
        for (const auto &line : invoice.lines) {
            if (line.date < period.from || line.date > period.to) continue;
            const bool counts = period.agreement.counts_after_call_work;
            exact.push_back(counts ? line.talk + line.after_call_work : line.talk);
            if (line.billed_seconds) billed.push_back(*line.billed_seconds);
        }
        const auto &shown = billed.size() == exact.size() ? billed : shown_parts(exact, 1s);
        seconds.insert(seconds.end(), shown.begin(), shown.end());
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
    json::array periods;
    for (const auto &period : invoice.periods)
        periods.push_back(period_json(period));
    json::array lines;
    const std::vector<std::int64_t> seconds = seconds_of_lines(invoice);
    for (std::size_t i = 0; i < invoice.lines.size(); ++i)
        lines.push_back(line_json(invoice.lines[i], seconds.at(i), language));
    json::array excluded;
    for (const auto &one : invoice.excluded) {
        excluded.push_back(json::object{{"reason", one.reason}, {"calls", one.calls}});
    }
    // The agreement at the month's end; `periods` has all of them after a change of price.
    json::value agreement = nullptr;
    if (!invoice.periods.empty()) agreement = agreement_json(invoice.periods.back().agreement);
    return json::object{{"municipality", municipality_json(towns, invoice.municipality)},
                        {"month", billing::to_string(invoice.month)},
                        {"agreement", agreement},
                        {"periods", std::move(periods)},
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
json::value rated_json(const billing::RatedCall &call, bool counts_after_call_work) {
    const ShownTimes times =
        shown_times(call.talk, call.after_call_work, counts_after_call_work, 100ms);
    json::value billed = nullptr;
    if (call.billed_seconds) billed = *call.billed_seconds;
    return json::object{{"id", call.call.value},     {"offered_at", to_json(call.offered_at)},
                        {"talk_tenths", times.talk}, {"acw_tenths", times.after_call_work},
                        {"billed_seconds", billed},  {"amount_cents", cents_json(call.amount)}};
}

bool wants_csv(const net::Request &request) {
    return header_of(request, "accept").find("text/csv") != std::string::npos;
}

Expected<Reply> list_invoices(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    auto text = query_text(incoming.request, "month", 7);
    if (!text) return tl::unexpected(text.error());
    auto month = read_month(*text);
    if (!month) return tl::unexpected(month.error());
    auto all = towns.all();
    if (!all) return tl::unexpected(all.error());

    std::vector<MunicipalityId> visible;
    for (const Town &town : *all) {
        if (people::may_see(incoming.caller, town.id)) visible.push_back(town.id);
    }
    auto summaries = billing::invoice_summaries(parts.database, parts.ledger, visible, *month);
    if (!summaries) return tl::unexpected(summaries.error());
    json::array items;
    for (const auto &summary : *summaries)
        items.push_back(summary_json(towns, summary));
    return json_reply(json::object{{"items", std::move(items)}});
}

Expected<Reply> csv_invoice(const ApiParts &parts, MunicipalityId municipality,
                            const billing::Month &month) {
    auto text =
        billing::reproduce(parts.database, parts.ledger, municipality, month, billing::Format::csv);
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
    auto month = read_month(path_text(incoming.request, "month"));
    if (!month) return tl::unexpected(month.error());
    if (!towns.find(municipality)) return fail(ProblemKind::not_found, "municipality.not_found");
    if (wants_csv(incoming.request)) return csv_invoice(parts, municipality, *month);
    auto invoice = billing::make_invoice(parts.database, parts.ledger, municipality, *month);
    if (!invoice) return tl::unexpected(invoice.error());
    return json_reply(invoice_json(towns, *invoice, incoming.language));
}

Expected<Reply> show_line(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const MunicipalityId municipality = path_municipality(incoming.request);
    auto month = read_month(path_text(incoming.request, "month"));
    if (!month) return tl::unexpected(month.error());
    if (!towns.find(municipality)) return fail(ProblemKind::not_found, "municipality.not_found");
    const auto date = parse_date(path_text(incoming.request, "key"));
    if (!date || billing::month_of(*date) != *month) {
        return fail(ProblemKind::not_found, "invoice.line_not_found");
    }
    auto calls = billing::invoice_line_calls(parts.database, parts.ledger, municipality, *date);
    if (!calls) return tl::unexpected(calls.error());
    if (calls->empty()) return fail(ProblemKind::not_found, "invoice.line_not_found");
    auto agreements = billing::agreements_of(parts.database, municipality);
    if (!agreements) return tl::unexpected(agreements.error());
    const auto agreed = std::ranges::find_if(
        *agreements, [&](const auto &one) { return billing::covers(one, *date); });
    const bool counts = agreed == agreements->end() || agreed->counts_after_call_work;
    json::array items;
    for (const auto &call : *calls)
        items.push_back(rated_json(call, counts));
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
