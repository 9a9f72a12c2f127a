// SPDX-License-Identifier: EUPL-1.2
// Invoices from the ledger: read the month's calls (invoice_source.h), rate them (rating.h), render
// (invoice_json.cpp, invoice_csv.cpp). Nothing here is stored: the same ledger and agreements give
// the same bytes, today and in eight years, on any machine, time zone and locale.
#pragma once

#include "base/problem.h"
#include "billing/agreement.h"
#include "billing/month.h"
#include "billing/rating.h"
#include "ledger/ledger.h"
#include "storage/database.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::billing {

enum class Format { json, csv };
[[nodiscard]] std::optional<Format> parse_format(std::string_view text);

// Canonical JSON: keys sorted, no blanks, integers only (cents, seconds, microseconds).
[[nodiscard]] std::string to_json(const Invoice &invoice);
// docs/reference/billing.md: semicolons, CRLF, RFC 4180 quoting, decimal comma, no BOM.
[[nodiscard]] std::string to_csv(const Invoice &invoice);

// The problems of rate(), and storage's.
[[nodiscard]] Expected<Invoice> make_invoice(storage::Database &database, ledger::Ledger &ledger,
                                             MunicipalityId municipality, const Month &month);

// The calls behind the line of `date`; an empty list if there is no such line.
[[nodiscard]] Expected<std::vector<RatedCall>> invoice_line_calls(storage::Database &database,
                                                                  ledger::Ledger &ledger,
                                                                  MunicipalityId municipality,
                                                                  const LocalDate &date);

struct InvoiceSummary {
    MunicipalityId municipality;
    Month month;
    std::int64_t calls = 0;
    Duration talk{};
    Duration after_call_work{};
    std::int64_t billed_seconds = 0;
    Money total;
    std::optional<Problem> problem; // why there is no invoice; all figures are 0 then
};
// One per municipality, in the given order; a municipality's problem does not hide the others.
[[nodiscard]] Expected<std::vector<InvoiceSummary>>
invoice_summaries(storage::Database &database, ledger::Ledger &ledger,
                  const std::vector<MunicipalityId> &municipalities, const Month &month);
// "123.45": minutes with two decimals, half up; for showing only, nothing is computed from it.
[[nodiscard]] std::string to_minutes(std::int64_t billed_seconds);

// What `fernamt invoice` prints and REST serves as CSV.
[[nodiscard]] Expected<std::string> reproduce(storage::Database &database, ledger::Ledger &ledger,
                                              MunicipalityId municipality, const Month &month,
                                              Format format);

} // namespace fernamt::billing
