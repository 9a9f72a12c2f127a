// SPDX-License-Identifier: EUPL-1.2
#include "billing/invoice_book.h"

#include "billing/invoice_plan.h"
#include "billing/settlement.h"
#include "billing/xrechnung.h"
#include "ledger/entry_hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

namespace fernamt::billing {

namespace {

constexpr int kAttempts = 50; // when others issue documents of the same municipality at once

tl::unexpected<Problem> already_issued(const std::string &number) {
    return fail(ProblemKind::conflict, "invoice.already_issued", {{"number", number}});
}

// The standing document that bills this month.
const Row *billing_row(const std::vector<Row> &rows, const Month &month) {
    for (const Row *row : standing(rows)) {
        const auto &months = row->document.months;
        const bool bills = bills_months(row->document.kind) &&
                           std::ranges::find(months, to_string(month)) != months.end();
        if (bills) return row;
    }
    return nullptr;
}

Expected<void> check_over(const Month &month, Instant now) {
    if (now >= end_of(month)) return {};
    return fail(ProblemKind::conflict, "invoice.month_open",
                {{"from", to_string(first_day(next(month)))}, {"remedy", "wait_for_its_end"}});
}

Expected<std::vector<Issued>> draft_month(storage::Database &database, MunicipalityId municipality,
                                          const Month &month, const std::vector<Row> &rows,
                                          Instant now) {
    auto plan = InvoicePlan::of(database, municipality, rows, now);
    if (!plan) return tl::unexpected(plan.error());
    const auto today = plan->month_now(month);
    if (!today) return tl::unexpected(today.error());
    if (!today->tax) return fail(ProblemKind::conflict, "invoice.no_agreement");
    return plan->draft({month}, *today->tax);
}

std::int64_t last_position(const std::vector<Row> &rows) {
    return rows.empty() ? 0 : rows.back().position;
}

// Stores all or nothing. False: the municipality's book is no longer what they were drafted on.
Expected<bool> store_all(storage::Database &database, std::vector<Issued> &issued,
                         MunicipalityId municipality, std::int64_t drafted_on,
                         const Change &change) {
    bool current = false;
    const auto done = database.write([&](storage::Connection &connection) -> Expected<void> {
        auto rows = select_rows(connection, kOfTown, {municipality.value});
        if (!rows) return tl::unexpected(rows.error());
        current = last_position(*rows) == drafted_on;
        if (!current) return {};
        for (Issued &each : issued) {
            if (auto stored = store_row(connection, each.document, *rows, change); !stored) {
                return stored;
            }
            // Nothing is locked that cannot be sent: the number is given back with all else.
            if (auto fits = fit_to_issue(each.document); !fits) return fits;
            rows->push_back({.document = each.document});
        }
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return current;
}

// Drafts on what the book says of the municipality and stores; again if somebody was faster.
Expected<std::vector<Issued>>
issue_all(storage::Database &database, MunicipalityId municipality, const Change &change,
          const std::function<Expected<std::vector<Issued>>(const std::vector<Row> &)> &make) {
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        const auto rows = read_rows(database, kOfTown, {municipality.value});
        if (!rows) return tl::unexpected(rows.error());
        auto issued = make(*rows);
        if (!issued) return issued;
        const auto stored =
            store_all(database, *issued, municipality, last_position(*rows), change);
        if (!stored) return tl::unexpected(stored.error());
        if (*stored) return issued;
    }
    return fail(ProblemKind::conflict, "invoice.busy", {{"remedy", "try_again"}});
}

// The first is what was asked for; the others correct months with another VAT.
Expected<Issued>
issue_first(storage::Database &database, MunicipalityId municipality, const Change &change,
            const std::function<Expected<std::vector<Issued>>(const std::vector<Row> &)> &make) {
    auto issued = issue_all(database, municipality, change, make);
    if (!issued) return tl::unexpected(issued.error());
    return std::move(issued->front());
}

Expected<const Row *> standing_row(const std::vector<Row> &rows, const std::string &number) {
    const auto found = std::ranges::find(rows, number, &Row::number);
    if (found == rows.end()) return fail(ProblemKind::not_found, "invoice.not_found");
    const auto left = standing(rows);
    if (std::ranges::find(left, &*found) == left.end()) {
        return fail(ProblemKind::conflict, "invoice.cancelled", {{"number", number}});
    }
    return &*found;
}

// The document that takes `original` back.
Document cancellation_of(const Document &original, const Change &change) {
    Document document = original;
    document.kind = DocumentKind::cancellation;
    document.number.clear();
    document.issued_on = document.due_on = to_local(change.at).date;
    document.refers_to = original.number;
    document.reason = change.reason;
    document.prepaid = Money{} - original.prepaid;
    // A credit note's lines are positive and lower the debt; taken back, they raise it again.
    for (DocumentLine &line : document.lines)
        line.amount = Money{} - effect_of(original, line.amount);
    document.notes.clear();
    document.evidence_root.clear();
    document.steps.reset();
    add_up(document);
    // VAT is rounded half away from zero, so the cancelled document's is taken back to the cent.
    return document;
}

// Of an invoice or settlement, standing.
std::vector<const Row *> credit_notes(const std::vector<Row> &rows, const std::string &number) {
    std::vector<const Row *> found;
    for (const Row *row : standing(rows)) {
        const bool credit = row->document.kind == DocumentKind::credit_note;
        if (credit && row->document.refers_to == number) found.push_back(row);
    }
    return found;
}

// What stands on a document must be taken back before it, or the sums would not close.
Expected<void> check_unneeded(const std::vector<Row> &rows, const Row &row) {
    if (row.document.kind == DocumentKind::cancellation) {
        return fail(ProblemKind::conflict, "invoice.cancelled", {{"number", row.number}});
    }
    if (const auto credits = credit_notes(rows, row.number); !credits.empty()) {
        return fail(
            ProblemKind::conflict, "invoice.credited",
            {{"number", credits.front()->number}, {"remedy", "cancel_the_credit_note_first"}});
    }
    for (const Row *other : standing(rows)) {
        const auto &advances = other->document.advances;
        if (std::ranges::find(advances, row.number) != advances.end()) {
            return settled(other->number);
        }
    }
    return {};
}

// A credit note or cancellation: decided and stored in one transaction.
Expected<Issued>
store_for(storage::Database &database, const std::string &number, const Change &change,
          const std::function<Expected<Document>(const std::vector<Row> &, const Row &)> &make) {
    if (change.reason.empty()) {
        return fail(ProblemKind::invalid_input, "invoice.reason_missing",
                    {{"remedy", "name_the_reason"}});
    }
    Issued issued;
    const auto done = database.write([&](storage::Connection &connection) -> Expected<void> {
        const auto rows = select_rows(
            connection, "WHERE municipality = (SELECT municipality FROM invoice WHERE number = $1)",
            {number});
        if (!rows) return tl::unexpected(rows.error());
        const auto row = standing_row(*rows, number);
        if (!row) return tl::unexpected(row.error());
        auto document = make(*rows, **row);
        if (!document) return tl::unexpected(document.error());
        issued.document = std::move(*document);
        auto stored = store_row(connection, issued.document, *rows, change);
        return stored ? fit_to_issue(issued.document) : stored; // as store_all()
    });
    if (!done) return tl::unexpected(done.error());
    return issued;
}

std::optional<std::string> broken_total(const Document &document) {
    Document again = document;
    add_up(again);
    if (again == document) return std::nullopt;
    return "total";
}

} // namespace

Expected<void> InvoiceBook::set_party(MunicipalityId municipality, const Party &party,
                                      const Alongside &also) {
    return database_.write([&](storage::Connection &connection) -> Expected<void> {
        const auto done =
            connection.run("INSERT INTO invoice_party (municipality, document) VALUES ($1, $2) "
                           "ON CONFLICT (municipality) DO UPDATE SET document = excluded.document",
                           {municipality.value, to_json(party)});
        if (!done) return tl::unexpected(done.error());
        return also ? also(connection) : Expected<void>{};
    });
}

Expected<Party> InvoiceBook::party(MunicipalityId municipality) {
    return read_party(database_, municipality);
}

Expected<Issued> InvoiceBook::preview(MunicipalityId municipality, const Month &month,
                                      Instant now) {
    const auto rows = read_rows(database_, kOfTown, {municipality.value});
    if (!rows) return tl::unexpected(rows.error());
    auto drafted = draft_month(database_, municipality, month, *rows, now);
    if (!drafted) return tl::unexpected(drafted.error());
    return std::move(drafted->front());
}

Expected<Issued> InvoiceBook::issue(MunicipalityId municipality, const Month &month,
                                    const Change &change) {
    if (auto over = check_over(month, change.at); !over) return tl::unexpected(over.error());
    return issue_first(database_, municipality, change,
                       [&](const std::vector<Row> &rows) -> Expected<std::vector<Issued>> {
                           if (const Row *other = billing_row(rows, month)) {
                               return already_issued(other->number);
                           }
                           return draft_month(database_, municipality, month, rows, change.at);
                       });
}

Expected<std::vector<Issued>> InvoiceBook::correct(MunicipalityId municipality,
                                                   const Change &change) {
    return issue_all(database_, municipality, change,
                     [&](const std::vector<Row> &rows) -> Expected<std::vector<Issued>> {
                         auto plan = InvoicePlan::of(database_, municipality, rows, change.at);
                         if (!plan) return tl::unexpected(plan.error());
                         return plan->draft_corrections();
                     });
}

Expected<std::vector<Issued>> InvoiceBook::preview_corrections(MunicipalityId municipality,
                                                               Instant now) {
    const auto rows = read_rows(database_, kOfTown, {municipality.value});
    if (!rows) return tl::unexpected(rows.error());
    auto plan = InvoicePlan::of(database_, municipality, *rows, now);
    if (!plan) return tl::unexpected(plan.error());
    return plan->draft_corrections();
}

Expected<Issued> InvoiceBook::issue_advance(MunicipalityId municipality, const Month &month,
                                            Money net, const Change &change) {
    return issue_first(database_, municipality, change,
                       [&](const std::vector<Row> &rows) -> Expected<std::vector<Issued>> {
                           auto advance =
                               draft_advance(database_, municipality, month, net, rows, change.at);
                           if (!advance) return tl::unexpected(advance.error());
                           return std::vector<Issued>{{std::move(*advance), {}}};
                       });
}

Expected<Issued> InvoiceBook::settle(MunicipalityId municipality, int year, const Change &change) {
    return issue_first(database_, municipality, change, [&](const std::vector<Row> &rows) {
        return draft_settlement(database_, municipality, year, rows, change.at);
    });
}

Expected<Issued> InvoiceBook::cancel(const std::string &number, const Change &change) {
    return store_for(database_, number, change,
                     [&](const std::vector<Row> &rows, const Row &row) -> Expected<Document> {
                         if (auto free = check_unneeded(rows, row); !free)
                             return tl::unexpected(free.error());
                         Document document = cancellation_of(row.document, change);
                         if (document.payable > Money{})
                             document.due_on = add_days(document.issued_on, 30);
                         return document;
                     });
}

Expected<Issued> InvoiceBook::credit(const std::string &number, const std::string &text, Money net,
                                     const Change &change) {
    return store_for(
        database_, number, change,
        [&](const std::vector<Row> &rows, const Row &row) -> Expected<Document> {
            Money open = row.document.net;
            for (const Row *credit : credit_notes(rows, number))
                open = open - credit->document.net;
            if (net <= Money{} || net > open || !bills_months(row.document.kind)) {
                return fail(ProblemKind::conflict, "invoice.credit_too_high",
                            {{"open", to_german(open)}, {"remedy", "choose_a_lower_amount"}});
            }
            Document document = row.document;
            document.kind = DocumentKind::credit_note;
            document.issued_on = document.due_on = to_local(change.at).date;
            document.refers_to = number;
            document.reason = change.reason;
            document.lines = {{text, "", document.period_from, document.period_to, net}};
            document.prepaid = Money{};
            document.advances.clear();
            document.notes.clear();
            document.months.clear();
            document.corrected.clear();
            document.steps.reset();
            document.evidence_root.clear();
            add_up(document);
            return document;
        });
}

Expected<Document> InvoiceBook::find(const std::string &number) {
    const auto rows = read_rows(database_, "WHERE number = $1", {number});
    if (!rows) return tl::unexpected(rows.error());
    if (rows->empty()) return fail(ProblemKind::not_found, "invoice.not_found");
    return rows->front().document;
}

Expected<Evidence> InvoiceBook::evidence(const Document &document) {
    if (!bills_months(document.kind) || document.evidence_root.empty()) return Evidence{};
    auto again = evidence_again(database_, document);
    if (!again) return again;
    if (root_of(*again) != document.evidence_root) {
        return fail(ProblemKind::internal, "invoice.evidence_differs",
                    {{"number", document.number}});
    }
    return again;
}

Expected<std::vector<Document>> InvoiceBook::list(std::optional<MunicipalityId> municipality) {
    const auto rows =
        municipality ? read_rows(database_, kOfTown, {municipality->value}) : read_rows(database_);
    if (!rows) return tl::unexpected(rows.error());
    std::vector<Document> documents;
    for (const Row &row : *rows)
        documents.push_back(row.document);
    return documents;
}

Expected<std::optional<std::string>> InvoiceBook::cancelled_by(const std::string &number) {
    const auto rows = read_rows(database_, "WHERE cancels = $1", {number});
    if (!rows) return tl::unexpected(rows.error());
    if (rows->empty()) return std::nullopt;
    return rows->front().number;
}

Expected<BookReport> InvoiceBook::verify() {
    const auto rows = read_rows(database_);
    if (!rows) return tl::unexpected(rows.error());
    BookReport report;
    ledger::Hash previous{};
    std::map<std::string, std::int64_t> sequences;
    for (const Row &row : *rows) {
        ++report.documents;
        const auto broken = [&](std::string what) {
            if (report.first_broken) return;
            report.first_broken = row.number;
            report.what = std::move(what);
        };
        if (row.position != report.documents || ++sequences[row.circle] != row.sequence) {
            broken("gap");
        }
        const bool chained = row.previous == previous &&
                             row.hash == hash_of(previous, row.position, row.text) &&
                             row.number == row.document.number;
        if (!chained) broken("hash");
        if (const auto total = broken_total(row.document)) broken(*total);
        previous = row.hash;
    }
    report.root = ledger::to_hex(previous);
    return report;
}

Expected<std::vector<Document>> standing_documents(InvoiceBook &book, MunicipalityId municipality) {
    auto all = book.list(municipality);
    if (!all) return tl::unexpected(all.error());
    std::set<std::string> taken_back;
    for (const Document &document : *all) {
        if (document.kind == DocumentKind::cancellation) taken_back.insert(document.refers_to);
    }
    std::erase_if(*all, [&](const Document &document) {
        return document.kind == DocumentKind::cancellation || taken_back.contains(document.number);
    });
    return all;
}

} // namespace fernamt::billing
