// SPDX-License-Identifier: EUPL-1.2
#include "billing/invoice_rows.h"

#include "ledger/entry_hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace fernamt::billing {

namespace {

ledger::Hash to_hash(const storage::Blob &blob) {
    ledger::Hash hash{};
    std::copy_n(blob.begin(), std::min(blob.size(), hash.size()), hash.begin());
    return hash;
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

std::int64_t generation_of(const std::vector<Row> &rows, const Document &document) {
    return std::ranges::count_if(
        rows, [&](const Row &row) { return key_of(row.document) == key_of(document); });
}

} // namespace

ledger::Hash hash_of(const ledger::Hash &previous, std::int64_t position, std::string_view text) {
    ledger::NewEntry entry;
    entry.type = "invoice";
    entry.payload = text;
    return ledger::EntryHasher{}(previous, position, entry);
}

Expected<std::vector<Row>> select_rows(storage::Connection &connection, std::string_view where,
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

Expected<std::vector<Row>> read_rows(storage::Database &database, std::string_view where,
                                     const std::vector<storage::Value> &parameters) {
    Expected<std::vector<Row>> rows;
    const auto done = database.read([&](storage::Connection &connection) -> Expected<void> {
        rows = select_rows(connection, where, parameters);
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return rows;
}

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

Expected<void> store_row(storage::Connection &connection, Document &document,
                         const std::vector<Row> &rows, const Change &change) {
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
         to_string(document.period_to),
         fmt::format("{}/{}", key_of(document), generation_of(rows, document)),
         text_or_null(document.refers_to),
         cancels ? storage::Value{document.refers_to} : storage::Value{nullptr}, change.at.us,
         change.by.value, text, to_blob(last->hash), to_blob(hash_of(last->hash, position, text))});
    if (!inserted) return tl::unexpected(inserted.error());
    return change.also ? change.also(connection) : Expected<void>{};
}

} // namespace fernamt::billing
