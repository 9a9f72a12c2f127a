// SPDX-License-Identifier: EUPL-1.2
// The stored documents as rows: reading, which of them stand, the numbers without gaps, the chain
// of hashes, and storing one more in the caller's transaction. What may be issued is decided in
// invoice_book.cpp. Internal to it.
#pragma once

#include "billing/change.h"
#include "billing/invoice_document.h"
#include "ledger/ledger.h"
#include "storage/database.h"

#include <string>
#include <string_view>
#include <vector>

namespace fernamt::billing {

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

inline constexpr std::string_view kOfTown = "WHERE municipality = $1";

// In the order of issue.
[[nodiscard]] Expected<std::vector<Row>> select_rows(storage::Connection &connection,
                                                     std::string_view where,
                                                     const std::vector<storage::Value> &parameters);
[[nodiscard]] Expected<std::vector<Row>>
read_rows(storage::Database &database, std::string_view where = "",
          const std::vector<storage::Value> &parameters = {});

// Those that no other one cancels, without cancellations.
[[nodiscard]] std::vector<const Row *> standing(const std::vector<Row> &rows);

[[nodiscard]] ledger::Hash hash_of(const ledger::Hash &previous, std::int64_t position,
                                   std::string_view text);

// Gives the document its number and stores it. `rows`: those of its municipality.
[[nodiscard]] Expected<void> store_row(storage::Connection &connection, Document &document,
                                       const std::vector<Row> &rows, const Change &change);

} // namespace fernamt::billing
