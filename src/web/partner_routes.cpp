// SPDX-License-Identifier: EUPL-1.2
// The accounts with partner centres, month by month: what was taken for whom, at which price, and
// what remains to be paid; as JSON as the table that both sides keep, or as a letter.
#include "agreements/price.h"
#include "billing/invoice_book.h"
#include "billing/partner_account.h"
#include "billing/partner_letter.h"
#include "people/partners.h"
#include "reporting/partner_calls.h"
#include "web/api.h"
#include "web/finance_values.h"
#include "web/json_reader.h"
#include "web/json_values.h"
#include "web/request_values.h"
#include "web/routes.h"

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace fernamt::web {

namespace json = boost::json;

namespace {

constexpr std::int64_t kMostPartners = 1'000'000'000;

struct Line {
    routing::PartnerId id;
    billing::PartnerLine account;
};

billing::PartnerSums sums_of(const reporting::PartnerCalls &calls) {
    return {calls.taken_for, calls.talk, calls.after_call_work, calls.taken_by, calls.transferred};
}

Expected<std::vector<people::Partner>> partners(const ApiParts &parts) {
    Expected<std::vector<people::Partner>> found;
    const auto done = parts.database.read([&](storage::Connection &connection) -> Expected<void> {
        found = people::partners(connection);
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return found;
}

Expected<std::vector<Line>> lines_of(const ApiParts &parts, const agreements::Month &month) {
    if (auto taken = parts.projector.catch_up(); !taken) return tl::unexpected(taken.error());
    const auto known = partners(parts);
    if (!known) return tl::unexpected(known.error());
    const auto calls = reporting::partner_calls(parts.database, {begin_of(month), end_of(month)});
    if (!calls) return tl::unexpected(calls.error());
    const auto prices = billing::PartnerPrices(parts.database).in(month);
    if (!prices) return tl::unexpected(prices.error());
    std::vector<Line> lines;
    for (const people::Partner &partner : *known) {
        Line line{partner.rules.id, {partner.name, {}, std::nullopt}};
        const auto passed = calls->find(line.id);
        if (passed != calls->end()) line.account.sums = sums_of(passed->second);
        const auto price = prices->find(line.id);
        if (price != prices->end()) line.account.price = price->second;
        lines.push_back(std::move(line));
    }
    return lines;
}

json::value price_json(const std::optional<billing::PartnerPrice> &price) {
    if (!price) return nullptr;
    json::object object{{"from", agreements::to_string(price->from)},
                        {"counts_after_call_work", price->counts_after_call_work},
                        {"words", price->words}};
    object["taken_for_shown"] = to_german(price->taken_for);
    object["taken_by_shown"] = to_german(price->taken_by);
    return object;
}

json::value line_json(const Line &line) {
    const billing::PartnerLine &account = line.account;
    json::object object{{"id", line.id.value}, {"name", account.name}};
    object["taken_for_calls"] = account.sums.taken_for;
    object["taken_by_calls"] = account.sums.taken_by;
    object["talk_seconds"] = whole_seconds(account.sums.talk);
    object["acw_seconds"] = whole_seconds(account.sums.after_call_work);
    object["transferred_seconds"] = whole_seconds(account.sums.transferred);
    object["price"] = price_json(account.price);
    object["statement"] = nullptr;
    if (!account.price) return object;
    const auto statement = billing::statement_of(*account.price, account.sums);
    json::object amounts;
    add_amount(amounts, "owed_to_us", statement.owed_to_us);
    add_amount(amounts, "owed_by_us", statement.owed_by_us);
    add_amount(amounts, "balance", statement.balance);
    object["statement"] = std::move(amounts);
    return object;
}

Expected<Reply> accounts_reply(const ApiParts &parts, const agreements::Month &month) {
    const auto lines = lines_of(parts, month);
    if (!lines) return tl::unexpected(lines.error());
    json::array items;
    for (const Line &line : *lines)
        items.push_back(line_json(line));
    json::object object{{"month", agreements::to_string(month)}};
    object["items"] = std::move(items);
    return json_reply(object);
}

// "?partner=": a letter goes to one.
Expected<Reply> letter_reply(const ApiParts &parts, const agreements::Month &month,
                             const Incoming &incoming) {
    const auto wanted = query_integer(incoming.request, "partner", 1, kMostPartners, 0);
    if (!wanted) return tl::unexpected(wanted.error());
    const auto lines = lines_of(parts, month);
    if (!lines) return tl::unexpected(lines.error());
    const auto found =
        std::ranges::find_if(*lines, [&](const Line &line) { return line.id.value == *wanted; });
    if (found == lines->end()) return fail(ProblemKind::not_found, "partner.not_found");
    const auto centre = billing::InvoiceBook(parts.database).party(billing::InvoiceBook::kCentre);
    if (!centre) return tl::unexpected(centre.error());
    auto pdf = billing::partner_pdf(month, found->account, *centre, to_local(incoming.now).date);
    if (!pdf) return tl::unexpected(pdf.error());
    return file_reply(std::move(*pdf), "application/pdf",
                      fmt::format("partner-{}-{}.pdf", *wanted, agreements::to_string(month)));
}

Expected<Reply> show(const ApiParts &parts, const Incoming &incoming) {
    const auto text = query_text(incoming.request, "month", 7);
    if (!text) return tl::unexpected(text.error());
    const auto month = to_month(*text);
    if (!month) return tl::unexpected(month.error());
    if (header_of(incoming.request, "accept").find("application/pdf") != std::string::npos) {
        return letter_reply(parts, *month, incoming);
    }
    if (header_of(incoming.request, "accept").find("text/csv") == std::string::npos) {
        return accounts_reply(parts, *month);
    }
    const auto lines = lines_of(parts, *month);
    if (!lines) return tl::unexpected(lines.error());
    std::vector<billing::PartnerLine> accounts;
    for (const Line &line : *lines)
        accounts.push_back(line.account);
    return file_reply(billing::partner_csv(*month, accounts), "text/csv; charset=utf-8",
                      fmt::format("partner-{}.csv", agreements::to_string(*month)));
}

Expected<Reply> set_price(const ApiParts &parts, const Incoming &incoming) {
    const auto id = path_id(incoming.request, "partner.not_found");
    if (!id) return tl::unexpected(id.error());
    const auto known = partners(parts);
    if (!known) return tl::unexpected(known.error());
    if (std::ranges::none_of(
            *known, [&](const people::Partner &each) { return each.rules.id.value == *id; })) {
        return fail(ProblemKind::not_found, "partner.not_found");
    }
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    billing::PartnerPrice price;
    price.partner = routing::PartnerId{*id};
    const std::string from = reader->text("from", {.longest = 7});
    const std::string taken_for = reader->text("taken_for", {.longest = 20});
    const std::string taken_by = reader->text("taken_by", {.longest = 20});
    price.counts_after_call_work = reader->boolean("counts_after_call_work");
    price.words = reader->text("words", {.longest = 500});
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    const auto month = to_month(from);
    if (!month) return tl::unexpected(month.error());
    price.from = *month;
    for (const auto &[text, field, target] : {std::tuple{&taken_for, "taken_for", &price.taken_for},
                                              std::tuple{&taken_by, "taken_by", &price.taken_by}}) {
        const auto parsed = parse_price(*text);
        if (!parsed || *parsed > agreements::kHighestPrice)
            return invalid_value(field, "no_amount");
        *target = *parsed;
    }
    const auto set = billing::PartnerPrices(parts.database)
                         .set(price, audited_change(incoming, price.words, "partner.price_set",
                                                    MunicipalityId{}, fmt::format("{}", *id)));
    if (!set) return tl::unexpected(set.error());
    return accounts_reply(parts, price.from);
}

} // namespace

void add_partner_routes(net::Router &router, Gate &gate, const ApiParts &parts) {
    gate.add(router, "GET", "/api/v1/partner-accounts",
             [&](const Incoming &incoming) { return show(parts, incoming); });
    gate.add(router, "PUT", "/api/v1/partner-accounts/{id}",
             [&](const Incoming &incoming) { return set_price(parts, incoming); });
}

} // namespace fernamt::web
