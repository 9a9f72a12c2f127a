// SPDX-License-Identifier: EUPL-1.2
// What a municipality's month costs by now, day by day, from the ledger: read its calls and prices
// (priced_calls.h), rate them (agreements/rating.h), render (invoice_json.cpp, invoice_csv.cpp).
// Nothing here is stored: the same ledger and agreements give the same bytes, today and in eight
// years, on any machine, time zone and locale. invoice_book.h issues documents.
#pragma once

#include "agreements/rating.h"
#include "base/problem.h"
#include "billing/call_fact.h"
#include "billing/month.h"
#include "billing/priced_calls.h"
#include "storage/database.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::billing {

struct InvoiceLine { // one day
    LocalDate date;
    std::int64_t calls = 0;
    Duration talk{};
    Duration after_call_work{};
    Duration counted{}; // what of both the clauses count, unrounded
    // Whole seconds after the cadence, and what the municipality pays; empty where a clause rounds
    // the sum of the month only.
    std::optional<std::int64_t> billed_seconds;
    std::optional<Money> amount;
    friend bool operator==(const InvoiceLine &, const InvoiceLine &) = default;
};

struct InvoiceCharge { // what one clause comes to
    std::int64_t id = 0;
    bool standard = false; // a standard price, whose row `id` is; else of the agreement `id`
    agreements::PriceClause clause;
    agreements::Charge charge;
    friend bool operator==(const InvoiceCharge &, const InvoiceCharge &) = default;
};

struct Excluded {       // calls that are not billed, by the rule that excludes them
    std::string reason; // "abandoned", "closed", ..., "implausible_duration", "ended_too_late"
    std::int64_t calls = 0;
    friend bool operator==(const Excluded &, const Excluded &) = default;
};

struct Invoice {
    MunicipalityId municipality;
    Month month;
    std::vector<InvoiceCharge> charges; // by agreement, then in the order of its clauses
    std::vector<InvoiceLine> lines;     // by date; days with at least one billed call
    std::vector<Excluded> excluded;     // by reason
    std::int64_t calls = 0;
    Duration talk{};
    Duration after_call_work{};
    std::int64_t billed_seconds = 0;
    Money total; // what the municipality pays
    LedgerRange ledger;
    friend bool operator==(const Invoice &, const Invoice &) = default;
};

// Pure. `month_calls` are those of the month; each call stands once in them and in a part
// (invoice_source.h sees to that). Problems:
//  agreement.price_gap      [kind,] from, to: days with billed calls that no agreement covers
//  agreement.price_overlap  from, to
//  billing.negative_duration  call: the ledger contradicts itself
[[nodiscard]] Expected<Invoice> invoice_of(MunicipalityId municipality, const Month &month,
                                           const MonthCalls &month_calls,
                                           const std::vector<PricedPart> &parts);

struct RatedCall { // the evidence of a line, per clause: no person, no caller
    CallId call;
    Instant offered_at;
    agreements::CallKind kind = agreements::CallKind::own_number;
    Duration talk{};
    Duration after_call_work{};
    std::string clause; // PriceClause::name
    bool counts_after_call_work = true;
    std::optional<std::int64_t> billed_seconds; // empty where only the sum is rounded
    std::optional<Money> amount;
    friend bool operator==(const RatedCall &, const RatedCall &) = default;
};
// The billed calls of one day, by offered_at, then id, then clause.
[[nodiscard]] Expected<std::vector<RatedCall>> calls_of(const LocalDate &date,
                                                        const std::vector<PricedPart> &parts);

// ---- from the database -------------------------------------------------------------------------

[[nodiscard]] Expected<Invoice> make_invoice(storage::Database &database,
                                             MunicipalityId municipality, const Month &month);
// The calls behind the line of `date`; an empty list if there is no such line.
[[nodiscard]] Expected<std::vector<RatedCall>>
invoice_line_calls(storage::Database &database, MunicipalityId municipality, const LocalDate &date);

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
// One per municipality, in the given order; a municipality's problem does not hide the others. From
// the working set (call_set.h) where it is up to date, else from the ledger: the same figures.
[[nodiscard]] Expected<std::vector<InvoiceSummary>>
invoice_summaries(storage::Database &database, const std::vector<MunicipalityId> &municipalities,
                  const Month &month);

// ---- rendered ----------------------------------------------------------------------------------

enum class Format { json, csv };
[[nodiscard]] std::optional<Format> parse_format(std::string_view text);
// Canonical JSON: keys sorted, no blanks, integers only (cents, seconds, microseconds).
[[nodiscard]] std::string to_json(const Invoice &invoice);
// docs/reference/billing.md: semicolons, CRLF, RFC 4180 quoting, decimal comma, no BOM.
[[nodiscard]] std::string to_csv(const Invoice &invoice);
// "123.45": minutes with two decimals, half up; for showing only, nothing is computed from it.
[[nodiscard]] std::string to_minutes(std::int64_t billed_seconds);
// What `fernamt invoice` prints and REST serves as CSV.
[[nodiscard]] Expected<std::string> reproduce(storage::Database &database,
                                              MunicipalityId municipality, const Month &month,
                                              Format format);

} // namespace fernamt::billing
