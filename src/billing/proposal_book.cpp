// SPDX-License-Identifier: EUPL-1.2
#include "billing/proposal_book.h"

#include "billing/cost_fields.h"
#include "billing/document_fields.h"
#include "billing/invoice_pdf.h"
#include "storage/statement.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::billing {

namespace {

using agreements::Agreement;
using agreements::PriceClause;
using agreements::Proposal;
using agreements::ProposalState;

// The one price of a clause; null where a clause has none, or several (a package, a cap).
Price *price_in(PriceClause &clause) {
    if (auto *minutes = std::get_if<agreements::MinutePrice>(&clause.model))
        return minutes->steps.empty() ? nullptr : &minutes->steps.back().price;
    if (auto *calls = std::get_if<agreements::CallPrice>(&clause.model))
        return calls->steps.empty() ? nullptr : &calls->steps.back().price;
    if (auto *base = std::get_if<agreements::InhabitantBase>(&clause.model)) return &base->per_year;
    return nullptr;
}

// From its day on there is one step.
void keep_one_step(PriceClause &clause) {
    const auto keep = [](std::vector<agreements::PriceStep> &steps) {
        steps = {{1, steps.back().price}};
    };
    if (auto *minutes = std::get_if<agreements::MinutePrice>(&clause.model)) keep(minutes->steps);
    if (auto *calls = std::get_if<agreements::CallPrice>(&clause.model)) keep(calls->steps);
}

PriceClause *clause_before(Agreement &agreement, const std::string &name, const LocalDate &day) {
    const auto found = std::ranges::find_if(agreement.prices, [&](const PriceClause &each) {
        return each.name == name && covers(each, add_days(day, -1));
    });
    return found == agreement.prices.end() ? nullptr : &*found;
}

tl::unexpected<Problem> no_such_clause(const std::string &name) {
    return fail(ProblemKind::invalid_input, "recalculation.clause", {{"clause", name}});
}

Expected<Agreement> with_price(Agreement agreement, const Proposal &proposal) {
    PriceClause *old = clause_before(agreement, proposal.clause, proposal.effective);
    if (old == nullptr || price_in(*old) == nullptr) return no_such_clause(proposal.clause);
    PriceClause next = *old;
    old->to = add_days(proposal.effective, -1);
    next.name = fmt::format("{} ab {}", proposal.clause, german_date(proposal.effective));
    next.from = proposal.effective;
    *price_in(next) = proposal.new_price;
    keep_one_step(next);
    next.words = fmt::format("{} nach der Kalkulation, von beiden Seiten vereinbart.",
                             to_german(proposal.new_price));
    agreement.prices.push_back(std::move(next));
    return agreement;
}

Expected<std::vector<StoredProposal>> select(storage::Connection &connection,
                                             std::string_view where,
                                             const std::vector<storage::Value> &parameters) {
    std::vector<StoredProposal> found;
    Expected<void> read;
    const auto done = connection.each(
        fmt::format("SELECT id, agreement, version, document FROM price_proposal {} "
                    "ORDER BY id DESC",
                    where),
        parameters, [&](const storage::Row &row) {
            auto proposal = read_document<Proposal>(row.text(3));
            if (!proposal) {
                read = tl::unexpected(proposal.error());
                return false;
            }
            found.push_back({row.integer(0), row.integer(1), row.integer(2), std::move(*proposal)});
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    if (!read) return tl::unexpected(read.error());
    return found;
}

Expected<void> store(storage::Connection &connection, const StoredProposal &stored,
                     std::int64_t version_before) {
    const auto rows = connection.run(
        "UPDATE price_proposal SET version = $2, document = $3 WHERE id = $1 AND version = $4",
        {stored.id, stored.version, write_document(stored.proposal), version_before});
    if (!rows) return tl::unexpected(rows.error());
    if (*rows != 1) return fail(ProblemKind::stale, "recalculation.stale");
    return {};
}

} // namespace

Expected<StoredProposal> ProposalBook::propose(std::int64_t agreement, const std::string &clause,
                                               Price price, const LocalDate &effective,
                                               const Change &change) {
    auto known = AgreementBook(database_).find(agreement);
    if (!known) return tl::unexpected(known.error());
    const LocalDate today = to_local(change.at).date;
    if (effective <= today) {
        return fail(ProblemKind::conflict, "recalculation.too_late",
                    {{"effective", to_string(effective)}, {"remedy", "propose_a_later_day"}});
    }
    if (price.micro_euro < 0 || price > agreements::kHighestPrice) {
        return fail(ProblemKind::invalid_input, "recalculation.price");
    }
    PriceClause *old = clause_before(known->agreement, clause, effective);
    const Price *old_price = old == nullptr ? nullptr : price_in(*old);
    if (old_price == nullptr) return no_such_clause(clause);
    StoredProposal made{.id = 0,
                        .agreement = agreement,
                        .version = 1,
                        .proposal = {.municipality = known->agreement.municipality,
                                     .clause = clause,
                                     .old_price = *old_price,
                                     .new_price = price,
                                     .effective = effective,
                                     .proposed_on = today,
                                     .proposed_by = change.by,
                                     .consents = {}}};
    const auto done = database_.write([&](storage::Connection &connection) -> Expected<void> {
        const auto next = storage::next_id(connection, "price_proposal");
        if (!next) return tl::unexpected(next.error());
        made.id = *next;
        const auto inserted = connection.run(
            "INSERT INTO price_proposal (id, agreement, municipality, version, document) "
            "VALUES ($1, $2, $3, $4, $5)",
            {made.id, agreement, made.proposal.municipality.value, made.version,
             write_document(made.proposal)});
        if (!inserted) return tl::unexpected(inserted.error());
        return change.also ? change.also(connection) : Expected<void>{};
    });
    if (!done) return tl::unexpected(done.error());
    return made;
}

Expected<StoredProposal> ProposalBook::find(std::int64_t id) {
    Expected<StoredProposal> result = fail(ProblemKind::not_found, "recalculation.not_found");
    const auto done = database_.read([&](storage::Connection &connection) -> Expected<void> {
        auto found = select(connection, "WHERE id = $1", {id});
        if (!found) return tl::unexpected(found.error());
        if (!found->empty()) result = std::move(found->front());
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return result;
}

Expected<std::vector<StoredProposal>>
ProposalBook::list(std::optional<MunicipalityId> municipality) {
    Expected<std::vector<StoredProposal>> found;
    const auto done = database_.read([&](storage::Connection &connection) -> Expected<void> {
        found = municipality ? select(connection, "WHERE municipality = $1", {municipality->value})
                             : select(connection, "", {});
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return found;
}

Expected<StoredProposal> ProposalBook::consent(std::int64_t id, const agreements::Consent &consent,
                                               const Change &change) {
    auto stored = find(id);
    if (!stored) return tl::unexpected(stored.error());
    const std::int64_t before = stored->version++;
    if (auto said = agreements::consent(stored->proposal, consent); !said)
        return tl::unexpected(said.error());
    const auto keep = [&](storage::Connection &connection) -> Expected<void> {
        if (auto kept = store(connection, *stored, before); !kept) return kept;
        return change.also ? change.also(connection) : Expected<void>{};
    };
    if (state_of(stored->proposal) != ProposalState::agreed) {
        if (auto done = database_.write(keep); !done) return tl::unexpected(done.error());
        return stored;
    }
    AgreementBook book(database_);
    const auto known = book.find(stored->agreement);
    if (!known) return tl::unexpected(known.error());
    auto changed = with_price(known->agreement, stored->proposal);
    if (!changed) return tl::unexpected(changed.error());
    const auto updated =
        book.update(std::move(*changed), known->version,
                    {change.by, change.at, fmt::format("Neuer Preis, Vorschlag {}", id), keep});
    if (!updated) return tl::unexpected(updated.error());
    return stored;
}

} // namespace fernamt::billing
