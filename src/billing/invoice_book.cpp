// SPDX-License-Identifier: EUPL-1.2
#include "billing/invoice_book.h"

#include "billing/invoice_draft.h"
#include "ledger/entry_hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

namespace fernamt::billing {

namespace {

constexpr int kCorrectionMonths = 12; // how far back late facts are looked for

// One stored row.
struct Row {
    std::int64_t position = 0;
    std::string number;
    std::string circle;
    std::int64_t sequence = 0;
    std::string cancels;
    Document document;
    std::string text; // the document as it is stored
    ledger::Hash previous{};
    ledger::Hash hash{};
};

ledger::Hash to_hash(const storage::Blob &blob) {
    ledger::Hash hash{};
    std::copy_n(blob.begin(), std::min(blob.size(), hash.size()), hash.begin());
    return hash;
}

ledger::Hash hash_of(const ledger::Hash &previous, std::int64_t position, std::string_view text) {
    ledger::NewEntry entry;
    entry.type = "invoice";
    entry.payload = text;
    return ledger::EntryHasher{}(previous, position, entry);
}

Expected<std::vector<Row>> select(storage::Connection &connection, std::string_view where,
                                  const std::vector<storage::Value> &parameters) {
    std::vector<Row> rows;
    Expected<void> read;
    const auto done = connection.each(
        fmt::format("SELECT position, number, circle, sequence, cancels, document, previous, hash "
                    "FROM invoice {} ORDER BY position",
                    where),
        parameters, [&](const storage::Row &row) {
            auto document = document_from(row.text(5));
            if (!document) {
                read = tl::unexpected(document.error());
                return false;
            }
            rows.push_back({row.integer(0), row.text(1), row.text(2), row.integer(3), row.text(4),
                            std::move(*document), row.text(5), to_hash(row.blob(6)),
                            to_hash(row.blob(7))});
            return true;
        });
    if (!done) return tl::unexpected(done.error());
    if (!read) return tl::unexpected(read.error());
    return rows;
}

Expected<std::vector<Row>> read_rows(storage::Database &database, std::string_view where = "",
                                     const std::vector<storage::Value> &parameters = {}) {
    Expected<std::vector<Row>> rows;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        rows = select(connection, where, parameters);
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return rows;
}

// Those that no other one cancels.
std::vector<const Row *> standing(const std::vector<Row> &rows) {
    std::set<std::string_view> cancelled;
    for (const Row &row : rows)
        cancelled.insert(row.cancels);
    std::vector<const Row *> left;
    for (const Row &row : rows) {
        const bool stands = row.cancels.empty() && !cancelled.contains(row.number);
        if (stands) left.push_back(&row);
    }
    return left;
}

bool bills_months(const Document &document) {
    return document.kind == DocumentKind::invoice || document.kind == DocumentKind::settlement;
}

std::string circle_of(const Document &document) {
    switch (document.kind) {
    case DocumentKind::invoice:
    case DocumentKind::advance:
    case DocumentKind::settlement:
        return fmt::format("R{}", document.issued_on.year);
    case DocumentKind::credit_note:
        return fmt::format("G{}", document.issued_on.year);
    case DocumentKind::cancellation:
        return fmt::format("S{}", document.issued_on.year);
    }
    return "";
}

// What may stand only once: the same thing for the same period, until it is cancelled.
std::string key_of(const Document &document) {
    return fmt::format("{}/{}/{}/{}", to_string(document.kind), to_ars(document.municipality),
                       to_string(document.period_from), document.refers_to);
}

Expected<std::int64_t> next_in(storage::Connection &connection, const std::string &circle) {
    const auto grown =
        connection.run("INSERT INTO number_circle (circle, last) VALUES ($1, 1) "
                       "ON CONFLICT (circle) DO UPDATE SET last = number_circle.last + 1",
                       {circle});
    if (!grown) return tl::unexpected(grown.error());
    std::int64_t last = 0;
    const auto read = connection.each("SELECT last FROM number_circle WHERE circle = $1", {circle},
                                      [&](const storage::Row &row) {
                                          last = row.integer(0);
                                          return true;
                                      });
    if (!read) return tl::unexpected(read.error());
    return last;
}

struct Last {
    std::int64_t position = 0;
    ledger::Hash hash{};
};

Expected<Last> last_of(storage::Connection &connection) {
    Last last;
    const auto done =
        connection.each("SELECT position, hash FROM invoice ORDER BY position DESC LIMIT 1", {},
                        [&](const storage::Row &row) {
                            last = {row.integer(0), to_hash(row.blob(1))};
                            return true;
                        });
    if (!done) return tl::unexpected(done.error());
    return last;
}

storage::Blob to_blob(const ledger::Hash &hash) {
    return {hash.begin(), hash.end()};
}

storage::Value text_or_null(const std::string &text) {
    if (text.empty()) return nullptr;
    return text;
}

// Gives the document its number and stores it, in the caller's transaction.
Expected<void> store(storage::Connection &connection, Document &document, std::int64_t generation,
                     const Change &change) {
    const std::string circle = circle_of(document);
    const auto sequence = next_in(connection, circle);
    if (!sequence) return tl::unexpected(sequence.error());
    const auto last = last_of(connection);
    if (!last) return tl::unexpected(last.error());
    document.number = fmt::format("{}-{:06d}", circle, *sequence);
    const std::string text = to_json(document);
    const std::int64_t position = last->position + 1;
    const bool cancels = document.kind == DocumentKind::cancellation;
    const auto inserted = connection.run(
        "INSERT INTO invoice (position, number, circle, sequence, kind, municipality, period_from, "
        "period_to, issue_key, refers_to, cancels, issued_at, issued_by, document, previous, hash) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        {position, document.number, circle, *sequence, std::string{to_string(document.kind)},
         document.municipality.value, to_string(document.period_from),
         to_string(document.period_to), fmt::format("{}/{}", key_of(document), generation),
         text_or_null(document.refers_to),
         cancels ? storage::Value{document.refers_to} : storage::Value{nullptr}, change.at.us,
         change.by.value, text, to_blob(last->hash), to_blob(hash_of(last->hash, position, text))});
    if (!inserted) return tl::unexpected(inserted.error());
    return change.also ? change.also(connection) : Expected<void>{};
}

tl::unexpected<Problem> already_issued(const std::string &number) {
    return fail(ProblemKind::conflict, "invoice.already_issued", {{"number", number}});
}

// The standing document that bills one of these months, or is the same advance.
const Row *in_the_way(const std::vector<Row> &rows, const Document &document) {
    for (const Row *row : standing(rows)) {
        const Document &other = row->document;
        if (document.kind == DocumentKind::advance) {
            if (other.kind == document.kind && other.period_from == document.period_from)
                return row;
            continue;
        }
        if (!bills_months(document) || !bills_months(other)) continue;
        const bool shared = std::ranges::any_of(document.months, [&](const std::string &month) {
            return std::ranges::find(other.months, month) != other.months.end();
        });
        if (shared) return row;
    }
    return nullptr;
}

std::int64_t generation_of(const std::vector<Row> &rows, const Document &document) {
    return std::ranges::count_if(
        rows, [&](const Row &row) { return key_of(row.document) == key_of(document); });
}

// What earlier documents say about the facts a new one stands on.
void look_back(Draft &draft, const std::vector<Row> &rows) {
    const Month &first = draft.months.front();
    std::set<Month> corrected;
    for (const Row *row : standing(rows)) {
        if (!bills_months(row->document)) continue;
        draft.corrected_up_to = std::max(draft.corrected_up_to, row->document.known_seq);
        for (const std::string &text : row->document.months) {
            const auto month = parse_month(text);
            if (!month || *month >= first) continue;
            const int back = (first.year - month->year) * 12 + first.month - month->month;
            if (back <= kCorrectionMonths) corrected.insert(*month);
        }
    }
    draft.correct.assign(corrected.begin(), corrected.end());
    // Issued anew: on the facts of the one that was cancelled.
    for (const Row &row : rows) {
        const bool same = bills_months(row.document) && row.document.months.size() == 1 &&
                          draft.months.size() == 1 &&
                          row.document.months.front() == to_string(first);
        if (!same) continue;
        draft.up_to = row.document.known_seq;
        draft.corrected_up_to = row.document.corrected_up_to;
        draft.correct.clear();
        for (const std::string &text : row.document.corrected)
            draft.correct.push_back(parse_month(text).value_or(first));
    }
}

constexpr std::string_view kOfTown = "WHERE municipality = $1";

Expected<void> check_over(const Month &month, Instant now) {
    if (now >= end_of(month)) return {};
    return fail(ProblemKind::conflict, "invoice.month_open",
                {{"from", to_string(first_day(next(month)))}, {"remedy", "wait_for_its_end"}});
}

Expected<Issued> draft_month(storage::Database &database, MunicipalityId municipality,
                             const Month &month, Instant now) {
    const auto rows = read_rows(database, kOfTown, {municipality.value});
    if (!rows) return tl::unexpected(rows.error());
    Draft draft{.municipality = municipality, .months = {month}, .now = now, .up_to = {}};
    look_back(draft, *rows);
    return draft_invoice(database, draft);
}

// Checks again and stores: somebody else may have issued meanwhile.
Expected<Issued> store_new(storage::Database &database, Issued issued, const Change &change) {
    const auto done = database.write([&](storage::Connection &connection) -> Expected<void> {
        const auto rows = select(connection, kOfTown, {issued.document.municipality.value});
        if (!rows) return tl::unexpected(rows.error());
        if (const Row *other = in_the_way(*rows, issued.document)) {
            return already_issued(other->number);
        }
        return store(connection, issued.document, generation_of(*rows, issued.document), change);
    });
    if (!done) return tl::unexpected(done.error());
    return issued;
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
    for (DocumentLine &line : document.lines)
        line.amount = Money{} - line.amount;
    document.notes.clear();
    document.evidence_root.clear();
    add_up(document);
    // VAT is rounded half away from zero, so the cancelled document's is taken back to the cent.
    return document;
}

Money credited(const std::vector<Row> &rows, const std::string &number) {
    Money sum;
    for (const Row *row : standing(rows)) {
        const bool credit = row->document.kind == DocumentKind::credit_note;
        if (credit && row->document.refers_to == number) sum = sum + row->document.net;
    }
    return sum;
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
        const auto rows = select(connection, "", {});
        if (!rows) return tl::unexpected(rows.error());
        const auto row = standing_row(*rows, number);
        if (!row) return tl::unexpected(row.error());
        auto document = make(*rows, **row);
        if (!document) return tl::unexpected(document.error());
        issued.document = std::move(*document);
        return store(connection, issued.document, generation_of(*rows, issued.document), change);
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
    return draft_month(database_, municipality, month, now);
}

Expected<Issued> InvoiceBook::issue(MunicipalityId municipality, const Month &month,
                                    const Change &change) {
    if (auto over = check_over(month, change.at); !over) return tl::unexpected(over.error());
    auto issued = draft_month(database_, municipality, month, change.at);
    if (!issued) return issued;
    return store_new(database_, std::move(*issued), change);
}

Expected<Issued> InvoiceBook::issue_advance(MunicipalityId municipality, const Month &month,
                                            Money net, const Change &change) {
    auto document = draft_frame(database_, municipality, month, month, change.at);
    if (!document) return tl::unexpected(document.error());
    document->kind = DocumentKind::advance;
    document->lines = {{.text = fmt::format("Abschlag {}", to_string(month)),
                        .detail = "",
                        .from = document->period_from,
                        .to = document->period_to,
                        .amount = net}};
    add_up(*document);
    return store_new(database_, Issued{std::move(*document), {}}, change);
}

Expected<Issued> InvoiceBook::settle(MunicipalityId municipality, int year, const Change &change) {
    if (auto over = check_over({year, 12}, change.at); !over) return tl::unexpected(over.error());
    const auto rows = read_rows(database_, kOfTown, {municipality.value});
    if (!rows) return tl::unexpected(rows.error());
    Draft draft{.municipality = municipality, .months = {}, .now = change.at, .up_to = {}};
    std::set<std::string> billed;
    Money prepaid;
    std::vector<std::string> advances;
    std::string settled;
    for (const Row *row : standing(*rows)) {
        const Document &document = row->document;
        billed.insert(document.months.begin(), document.months.end());
        if (document.kind == DocumentKind::settlement && document.period_from.year == year) {
            settled = row->number;
        }
        if (document.kind != DocumentKind::advance || document.period_from.year != year) continue;
        prepaid = prepaid + document.gross;
        advances.push_back(row->number);
    }
    for (int month = 1; month <= 12; ++month) {
        if (!billed.contains(to_string(Month{year, month}))) draft.months.push_back({year, month});
    }
    if (!settled.empty()) return already_issued(settled);
    if (draft.months.empty()) return already_issued(standing(*rows).front()->number);
    look_back(draft, *rows);
    auto issued = draft_invoice(database_, draft);
    if (!issued) return issued;
    issued->document.kind = DocumentKind::settlement;
    issued->document.prepaid = prepaid;
    issued->document.advances = std::move(advances);
    add_up(issued->document);
    return store_new(database_, std::move(*issued), change);
}

Expected<Issued> InvoiceBook::cancel(const std::string &number, const Change &change) {
    return store_for(database_, number, change,
                     [&](const std::vector<Row> &, const Row &row) -> Expected<Document> {
                         if (row.document.kind == DocumentKind::cancellation) {
                             return fail(ProblemKind::conflict, "invoice.cancelled",
                                         {{"number", number}});
                         }
                         return cancellation_of(row.document, change);
                     });
}

Expected<Issued> InvoiceBook::credit(const std::string &number, const std::string &text, Money net,
                                     const Change &change) {
    return store_for(
        database_, number, change,
        [&](const std::vector<Row> &rows, const Row &row) -> Expected<Document> {
            const Money open = row.document.net - credited(rows, number);
            if (net <= Money{} || net > open || !bills_months(row.document)) {
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
    if (!bills_months(document)) return Evidence{};
    Draft draft{.municipality = document.municipality,
                .months = {},
                .now = to_instant(document.issued_on, 0),
                .up_to = document.known_seq};
    for (const std::string &text : document.months)
        draft.months.push_back(parse_month(text).value_or(month_of(document.period_from)));
    for (const std::string &text : document.corrected)
        draft.correct.push_back(parse_month(text).value_or(month_of(document.period_from)));
    draft.corrected_up_to = document.corrected_up_to;
    auto again = draft_invoice(database_, draft);
    if (!again) return tl::unexpected(again.error());
    if (again->document.evidence_root != document.evidence_root) {
        return fail(ProblemKind::internal, "invoice.evidence_differs",
                    {{"number", document.number}});
    }
    return std::move(again->evidence);
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
