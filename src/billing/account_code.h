// SPDX-License-Identifier: EUPL-1.2
// How the paying municipality books what it pays: product and cost centre of its budget, as its
// agreement names them for each year (section 5). A document keeps the codes of its days from its
// issue on; one of before they were kept has none and stays as it was, byte for byte.
#pragma once

#include "base/calendar.h"
#include "base/problem.h"
#include "storage/database.h"

#include <string>
#include <vector>

namespace fernamt::billing {

struct Document;
struct DocumentLine;

struct AccountCode {
    LocalDate from; // of the service, not of the invoice
    LocalDate to;   // included
    std::string product;
    std::string cost_centre;
    friend bool operator==(const AccountCode &, const AccountCode &) = default;
};

// "01.17.01/4711", "01.17.01", "/4711": EN 16931 BT-19 and BT-133 are one text.
[[nodiscard]] std::string reference_of(const AccountCode &code);
[[nodiscard]] std::string german_words(const AccountCode &code); // "Produkt 01.17.01, ..."

// The one code of all days of service from `from` to `to`; null: none, or several.
[[nodiscard]] const AccountCode *code_of(const std::vector<AccountCode> &codes,
                                         const LocalDate &from, const LocalDate &to);
// Of the document as a whole (BT-19), and of a line where it is another one (BT-133).
[[nodiscard]] const AccountCode *code_of(const Document &document);
[[nodiscard]] const AccountCode *other_code_of(const Document &document, const DocumentLine &line);

// Sorted by day; what follows without a gap and says the same is one.
[[nodiscard]] std::vector<AccountCode> joined(std::vector<AccountCode> codes);
// Gives the document the codes of its period and of its lines, by the agreements of today.
[[nodiscard]] Expected<void> add_codes(storage::Database &database, Document &document);

} // namespace fernamt::billing
