// SPDX-License-Identifier: EUPL-1.2
// The cost side: the cost ledger of a year with what follows from it, cost cover and
// the price that would have covered it, proposals until both have agreed, and the
// journal of issued documents.
#include "billing/cost_book.h"
#include "billing/invoice.h"
#include "billing/invoice_book.h"
#include "billing/invoice_source.h"
#include "billing/journal.h"
#include "billing/proposal_book.h"
#include "people/municipalities.h"
#include "web/api.h"
#include "web/finance_values.h"
#include "web/json_reader.h"
#include "web/json_values.h"
#include "web/problem_texts.h"
#include "web/request_values.h"
#include "web/routes.h"
#include "web/towns.h"
#include "web/variant_routes.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fernamt::web {

namespace json = boost::json;

namespace {

using agreements::Side;
using billing::CostBook;
using billing::ProposalBook;
using billing::StoredProposal;

constexpr std::size_t kMostBytes = 64 * 1024;

LocalDate today_of(const Incoming &incoming) {
    return to_local(incoming.now).date;
}

json::value price_json(Price price) {
    json::object object;
    object["micro_euro"] = price.micro_euro;
    object["shown"] = to_german(price);
    return object;
}

// ---- costs -------------------------------------------------------------------------------------

struct Income {
    Money all;   // what municipalities, third parties and the levy pay
    Money fixed; // of it, what does not depend on minutes
    std::int64_t billed_seconds = 0;
    std::int64_t calls = 0;
    int months = 0; // that are over and counted
    struct Gap {    // a month of one municipality that cannot be computed does not hide the others
        MunicipalityId municipality;
        agreements::Month month;
        Problem problem;
    };
    std::vector<Gap> gaps;
};

Expected<void> add_month(storage::Database &database, MunicipalityId municipality,
                         const agreements::Month &month, Income &income) {
    const auto invoice = billing::make_invoice(database, municipality, month);
    if (!invoice && invoice.error().kind != ProblemKind::conflict) {
        return tl::unexpected(invoice.error());
    }
    if (!invoice) {
        income.gaps.push_back({municipality, month, invoice.error()});
        return {};
    }
    income.calls += invoice->calls;
    income.billed_seconds += invoice->billed_seconds;
    for (const billing::InvoiceCharge &each : invoice->charges) {
        const agreements::Charge &charge = each.charge;
        income.all = income.all + charge.amount;
        using agreements::ChargePart;
        const bool fixed = charge.part == ChargePart::base || charge.part == ChargePart::credit;
        if (fixed) income.fixed = income.fixed + charge.amount;
    }
    return {};
}

// Of the months that are over.
Expected<Income> income_of(const ApiParts &parts, const std::vector<people::Municipality> &towns,
                           int year, Instant now) {
    Income income;
    for (int month = 1; month <= 12; ++month) {
        if (agreements::end_of({year, month}) > now) break;
        income.months = month;
        for (const people::Municipality &town : towns) {
            auto added = add_month(parts.database, town.id, {year, month}, income);
            if (!added) return tl::unexpected(added.error());
        }
    }
    return income;
}

Expected<json::array> blocks_json(const std::vector<agreements::CostBlock> &blocks) {
    json::array array;
    for (const agreements::CostBlock &block : blocks) {
        const auto result = agreements::evaluate(block);
        if (!result) return tl::unexpected(result.error());
        json::array borne;
        for (const Money amount : result->borne)
            borne.push_back(amount_json(amount));
        json::object object;
        object["name"] = block.name;
        object["cost"] = amount_json(result->cost);
        object["borne"] = std::move(borne);
        object["open"] = amount_json(result->open);
        object["refinanced_basis_points"] = result->refinanced_basis_points;
        object["post_hundredths"] = result->post_hundredths;
        array.push_back(std::move(object));
    }
    return array;
}

json::object table_json(const agreements::CostTable &table) {
    json::object object;
    object["private_fees"] = amount_json(table.private_fees);
    object["public_fees"] = amount_json(table.public_fees);
    object["reimbursements"] = amount_json(table.reimbursements);
    object["personnel"] = amount_json(table.personnel);
    object["material"] = amount_json(table.material);
    object["ordinary_balance"] = amount_json(table.ordinary_balance);
    object["invest_movable"] = amount_json(table.invest_movable);
    object["invest_other"] = amount_json(table.invest_other);
    object["invest_balance"] = amount_json(table.invest_balance);
    return object;
}

Money running_cost(const std::vector<agreements::CostBlock> &blocks) {
    Money cost;
    for (const agreements::CostBlock &block : blocks) {
        if (!block.running) continue;
        for (const agreements::CostItem &item : block.items)
            cost = cost + item.amount;
    }
    return cost;
}

// What an inhabitant counts for in a key. A Kreis or Region has the inhabitants of its towns: they
// are counted there.
json::array gaps_json(Towns &towns, const Income &income, Language language) {
    json::array array;
    for (const Income::Gap &gap : income.gaps) {
        json::object object;
        object["municipality"] = municipality_json(towns, gap.municipality);
        object["month"] = agreements::to_string(gap.month);
        object["text"] = title_of(gap.problem, language);
        array.push_back(std::move(object));
    }
    return array;
}

json::value per_piece_json(Money cost, std::int64_t pieces) {
    if (pieces <= 0 || cost <= Money{}) return nullptr;
    return price_json(Price{mul_div(cost.cents, 10'000, pieces, Rounding::half_up)});
}

// Surplus or shortage of the year by inhabitants, and the price that would have covered the cost.
// In a running year the months that are over bear their twelfths of the cost, no more.
Expected<json::object> cover_json(Towns &towns, const std::vector<people::Municipality> &all,
                                  const billing::CostYear &costs, const Income &income,
                                  Language language) {
    std::vector<std::int64_t> key;
    for (const people::Municipality &town : all)
        key.push_back(weight_of(town));
    const Money year = running_cost(costs.blocks);
    const Money cost{mul_div(year.cents, income.months, 12, Rounding::half_up)};
    json::object object;
    object["months"] = income.months;
    object["gaps"] = gaps_json(towns, income, language);
    object["cost"] = amount_json(year);
    object["cost_so_far"] = amount_json(cost);
    object["calls"] = income.calls;
    object["per_call"] = per_piece_json(cost, income.calls);
    // By the minute as it is billed: talk and, where agreed, after-call work.
    object["per_minute"] = per_piece_json(Money{cost.cents * 60}, income.billed_seconds);
    object["income"] = amount_json(income.all);
    object["fixed_income"] = amount_json(income.fixed);
    object["surplus"] = amount_json(income.all - cost);
    object["billed_seconds"] = income.billed_seconds;
    json::array shares;
    if (std::ranges::any_of(key, [](std::int64_t weight) { return weight > 0; })) {
        const auto cover = agreements::cost_cover(cost, income.all, key);
        if (!cover) return tl::unexpected(cover.error());
        for (std::size_t i = 0; i < all.size(); ++i) {
            json::object share;
            share["municipality"] = municipality_json(towns, all[i].id);
            share["amount"] = amount_json(cover->shares[i]);
            shares.push_back(std::move(share));
        }
    }
    object["shares"] = std::move(shares);
    object["price"] = nullptr;
    const auto price =
        agreements::cost_covering_price({costs.year, cost, income.fixed, income.billed_seconds});
    if (price && cost > Money{}) object["price"] = price_json(*price);
    return object;
}

Expected<Reply> costs_reply(const ApiParts &parts, const people::Municipalities &municipalities,
                            Towns &towns, const Incoming &incoming,
                            const billing::CostYear &costs) {
    const auto all = municipalities.all();
    if (!all) return tl::unexpected(all.error());
    const auto income = income_of(parts, *all, costs.year, incoming.now);
    if (!income) return tl::unexpected(income.error());
    auto results = blocks_json(costs.blocks);
    if (!results) return tl::unexpected(results.error());
    const auto table = agreements::cost_table(costs.blocks);
    if (!table) return tl::unexpected(table.error());
    auto cover = cover_json(towns, *all, costs, *income, incoming.language);
    if (!cover) return tl::unexpected(cover.error());
    json::object object = json::parse(billing::to_document(costs.blocks)).as_object();
    object["year"] = costs.year;
    object["version"] = costs.version;
    object["results"] = std::move(*results);
    object["table"] = table_json(*table);
    object["cover"] = std::move(*cover);
    return versioned_reply(object, costs.version);
}

Expected<int> path_year(const Incoming &incoming) {
    const auto year = path_id(incoming.request, "cost.year_unknown");
    if (!year || *year < 2000 || *year > 2199)
        return fail(ProblemKind::not_found, "cost.year_unknown");
    return static_cast<int>(*year);
}

Expected<Reply> show_costs(const ApiParts &parts, people::Municipalities &municipalities,
                           Towns &towns, const Incoming &incoming) {
    const auto year = path_year(incoming);
    if (!year) return tl::unexpected(year.error());
    const auto costs = CostBook(parts.database).find(*year);
    if (!costs) return tl::unexpected(costs.error());
    return costs_reply(parts, municipalities, towns, incoming, *costs);
}

Expected<Reply> set_costs(const ApiParts &parts, people::Municipalities &municipalities,
                          Towns &towns, const Incoming &incoming) {
    const auto year = path_year(incoming);
    if (!year) return tl::unexpected(year.error());
    const auto version = expected_version(incoming.request);
    if (!version) return tl::unexpected(version.error());
    auto reader = JsonReader::parse(incoming.request.body, {.bytes = kMostBytes, .depth = 10});
    if (!reader) return tl::unexpected(reader.error());
    const auto text = reader->optional_object_text("costs", kMostBytes);
    const std::string reason = reader->text("reason", {.shortest = 1, .longest = 500});
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    auto blocks = billing::blocks_from(text.value_or("{}"));
    if (!blocks) return tl::unexpected(blocks.error());
    const auto stored =
        CostBook(parts.database)
            .set({*year, *version, std::move(*blocks)},
                 audited_change(incoming, reason, "cost.changed", billing::InvoiceBook::kCentre,
                                fmt::format("{}", *year)));
    if (!stored) return tl::unexpected(stored.error());
    return costs_reply(parts, municipalities, towns, incoming, *stored);
}

// ---- proposals ---------------------------------------------------------------------------------

std::string_view name_of(Side side) {
    return side == Side::centre ? "centre" : "municipality";
}

json::object proposal_json(Towns &towns, const StoredProposal &stored) {
    const agreements::Proposal &proposal = stored.proposal;
    json::array consents;
    for (const agreements::Consent &consent : proposal.consents) {
        json::object said;
        said["side"] = json::string(name_of(consent.side));
        said["agrees"] = consent.agrees;
        said["on"] = fernamt::to_string(consent.on);
        said["note"] = consent.note;
        consents.push_back(std::move(said));
    }
    json::object object;
    object["id"] = stored.id;
    object["agreement"] = stored.agreement;
    object["municipality"] = municipality_json(towns, proposal.municipality);
    object["clause"] = proposal.clause;
    object["old_price"] = price_json(proposal.old_price);
    object["new_price"] = price_json(proposal.new_price);
    object["effective"] = fernamt::to_string(proposal.effective);
    object["proposed_on"] = fernamt::to_string(proposal.proposed_on);
    object["state"] = json::string(to_string(state_of(proposal)));
    object["consents"] = std::move(consents);
    return object;
}

Expected<Reply> proposals(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    const auto all = ProposalBook(parts.database).list(incoming.caller.municipality);
    if (!all) return tl::unexpected(all.error());
    json::array items;
    for (const StoredProposal &stored : *all)
        items.push_back(proposal_json(towns, stored));
    return json_reply(json::object{{"items", std::move(items)}});
}

Expected<Reply> propose(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    const std::int64_t agreement = reader->integer("agreement", 1, kLargestId);
    const std::string clause = reader->text("clause", {.shortest = 1});
    const std::string text = reader->text("price", {.longest = 20});
    const std::string effective = reader->text("effective", {.longest = 10});
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    const auto price = to_price(text, "price");
    if (!price) return tl::unexpected(price.error());
    const auto day = parse_date(effective);
    if (!day) return invalid_value("effective", "no_day");
    const auto known = billing::AgreementBook(parts.database).find(agreement);
    if (!known) return tl::unexpected(known.error());
    const auto made =
        ProposalBook(parts.database)
            .propose(agreement, clause, *price, *day,
                     audited_change(incoming, "", "price.proposed", known->agreement.municipality,
                                    fmt::format("{}", agreement)));
    if (!made) return tl::unexpected(made.error());
    return json_reply(proposal_json(towns, *made), 201);
}

Expected<Reply> consent(const ApiParts &parts, Towns &towns, const Incoming &incoming) {
    static constexpr std::array kSides{
        std::pair{std::string_view("centre"), Side::centre},
        std::pair{std::string_view("municipality"), Side::municipality}};
    const auto id = path_id(incoming.request, "recalculation.not_found");
    if (!id) return tl::unexpected(id.error());
    ProposalBook book(parts.database);
    const auto stored = book.find(*id);
    if (!stored) return tl::unexpected(stored.error());
    if (!people::may_see(incoming.caller, stored->proposal.municipality))
        return fail(ProblemKind::not_found, "recalculation.not_found");
    auto reader = JsonReader::parse(incoming.request.body);
    if (!reader) return tl::unexpected(reader.error());
    // The centre also records what a municipality has resolved on paper.
    const auto side = reader->optional_choice<Side>("side", kSides);
    agreements::Consent said;
    said.agrees = reader->boolean("agrees");
    said.note = reader->text("note", {.longest = 500});
    if (auto read = reader->finish(); !read) return tl::unexpected(read.error());
    said.side = incoming.caller.municipality ? Side::municipality : side.value_or(Side::centre);
    said.by = incoming.caller.user;
    said.on = today_of(incoming);
    const auto done = book.consent(*id, said,
                                   audited_change(incoming, said.note, "price.consent",
                                                  stored->proposal.municipality,
                                                  std::string(name_of(said.side))));
    if (!done) return tl::unexpected(done.error());
    return json_reply(proposal_json(towns, *done));
}

// ---- journal -----------------------------------------------------------------------------------

Expected<Reply> journal(const ApiParts &parts, const Incoming &incoming) {
    const auto year = query_integer(incoming.request, "year", 2000, 2199, today_of(incoming).year);
    if (!year) return tl::unexpected(year.error());
    auto all = billing::InvoiceBook(parts.database).list(incoming.caller.municipality);
    if (!all) return tl::unexpected(all.error());
    std::erase_if(*all,
                  [&](const billing::Document &each) { return each.issued_on.year != *year; });
    return file_reply(billing::journal_csv(*all), "text/csv; charset=utf-8",
                      fmt::format("journal-{}.csv", *year));
}

} // namespace

void add_cost_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                     people::Municipalities &municipalities, Towns &towns) {
    gate.add(router, "GET", "/api/v1/costs/{id}", [&](const Incoming &incoming) {
        return show_costs(parts, municipalities, towns, incoming);
    });
    gate.add(router, "PUT", "/api/v1/costs/{id}", [&](const Incoming &incoming) {
        return set_costs(parts, municipalities, towns, incoming);
    });
    gate.add(router, "GET", "/api/v1/price-proposals",
             [&](const Incoming &incoming) { return proposals(parts, towns, incoming); });
    gate.add(router, "POST", "/api/v1/price-proposals",
             [&](const Incoming &incoming) { return propose(parts, towns, incoming); });
    gate.add(router, "POST", "/api/v1/price-proposals/{id}/consents",
             [&](const Incoming &incoming) { return consent(parts, towns, incoming); });
    add_variant_routes(router, gate, parts, municipalities, towns);
    gate.add(router, "GET", "/api/v1/journal",
             [&](const Incoming &incoming) { return journal(parts, incoming); });
}

} // namespace fernamt::web
