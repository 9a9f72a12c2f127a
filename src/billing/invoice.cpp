// SPDX-License-Identifier: EUPL-1.2
#include "billing/invoice.h"

#include "billing/invoice_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace fernamt::billing {

namespace {

using agreements::CallAmount;
using agreements::PriceClause;

// How a clause counts the time of a call; a price per call counts none.
struct CountsTime {
    bool operator()(const agreements::MinutePrice &) const { return true; }
    bool operator()(const agreements::Package &) const { return true; }
    template <class Other>
    bool operator()(const Other &) const {
        return false;
    }
};

struct CountsWork {
    bool operator()(const agreements::MinutePrice &model) const {
        return model.counts_after_call_work;
    }
    bool operator()(const agreements::Package &model) const { return model.counts_after_call_work; }
    template <class Other>
    bool operator()(const Other &) const {
        return true;
    }
};

bool costs_nothing_here(const PriceClause &clause) {
    return clause.payer != agreements::Payer::municipality ||
           std::holds_alternative<agreements::NotCharged>(clause.model);
}

// The lines of the days as they grow, call by call.
class Days {
  public:
    // Rows of one call follow each other.
    void add(const CallAmount &row, const PriceClause &clause) {
        InvoiceLine &line = line_of(row.date);
        if (last_ != row.call) {
            ++line.calls;
            line.talk += row.talk;
            line.after_call_work += row.after_call_work;
            last_ = row.call;
        }
        if (std::visit(CountsTime{}, clause.model)) {
            line.counted += row.talk;
            if (std::visit(CountsWork{}, clause.model)) line.counted += row.after_call_work;
            if (row.billed_seconds && line.billed_seconds) {
                *line.billed_seconds += *row.billed_seconds;
            } else {
                line.billed_seconds.reset();
            }
        }
        if (costs_nothing_here(clause)) return;
        if (row.amount && line.amount) {
            line.amount = *line.amount + *row.amount;
        } else {
            line.amount.reset();
        }
    }
    [[nodiscard]] std::vector<InvoiceLine> lines() const {
        std::vector<InvoiceLine> lines;
        for (const auto &[date, line] : by_date_)
            lines.push_back(line);
        return lines;
    }

  private:
    InvoiceLine &line_of(const LocalDate &date) {
        const auto [there, added] = by_date_.try_emplace(date);
        if (added) {
            there->second.date = date;
            there->second.billed_seconds = 0;
            there->second.amount = Money{};
        }
        return there->second;
    }
    std::map<LocalDate, InvoiceLine> by_date_;
    CallId last_;
};

Expected<void> add_part(Invoice &invoice, Days &days, const PricedPart &priced) {
    const EvidencePart &part = priced.part;
    const auto columns = to_columns(part.calls, part.first, part.last);
    if (!columns) return tl::unexpected(columns.error());
    const auto known = agreements::know(part.prices, *columns, invoice.month);
    if (!known) return tl::unexpected(known.error());
    for (const CallAmount &row : known->calls)
        days.add(row, part.prices.clauses[row.clause]);
    for (const agreements::Charge &charge : known->statement.charges) {
        invoice.charges.push_back({priced.ids.at(charge.clause), priced.standard,
                                   part.prices.clauses[charge.clause], charge});
        const bool use = charge.part == agreements::ChargePart::use;
        if (use) invoice.billed_seconds += charge.billed_seconds;
    }
    invoice.calls += known->statement.calls;
    invoice.total = invoice.total + known->statement.total;
    return {};
}

Expected<void> count_excluded(Invoice &invoice, const MonthCalls &calls, bool partner_priced) {
    const auto columns = to_columns(calls.calls, first_day(invoice.month), last_day(invoice.month));
    if (!columns) return tl::unexpected(columns.error());
    std::map<std::string, std::int64_t> counts;
    for (const agreements::CallKind kind : columns->kind()) {
        if (!agreements::is_owed(kind) && !(agreements::is_billed(kind) && partner_priced)) {
            ++counts[std::string{to_string(kind)}];
        }
    }
    if (calls.ended_too_late > 0) {
        const auto kind = agreements::CallKind::ended_too_late;
        counts[std::string{to_string(kind)}] += calls.ended_too_late;
    }
    for (const auto &[reason, count] : counts)
        invoice.excluded.push_back({reason, count});
    return {};
}

} // namespace

std::optional<Format> parse_format(std::string_view text) {
    if (text == "json") return Format::json;
    if (text == "csv") return Format::csv;
    return std::nullopt;
}

Expected<Invoice> invoice_of(MunicipalityId municipality, const Month &month,
                             const MonthCalls &month_calls, const std::vector<PricedPart> &parts) {
    if (auto covered = check_covered(month_calls.calls, {month}, parts); !covered) {
        return tl::unexpected(covered.error());
    }
    Invoice invoice;
    invoice.municipality = municipality;
    invoice.month = month;
    invoice.ledger = month_calls.ledger;
    const bool partner_priced = std::ranges::any_of(parts, [](const PricedPart &each) {
        return agreements::prices_kind(each.part.prices, agreements::CallKind::from_partner);
    });
    if (auto counted = count_excluded(invoice, month_calls, partner_priced); !counted) {
        return tl::unexpected(counted.error());
    }
    Days days;
    for (const PricedPart &part : parts) {
        if (auto added = add_part(invoice, days, part); !added) {
            return tl::unexpected(added.error());
        }
    }
    invoice.lines = days.lines();
    for (const InvoiceLine &line : invoice.lines) {
        invoice.talk += line.talk;
        invoice.after_call_work += line.after_call_work;
    }
    return invoice;
}

Expected<std::vector<RatedCall>> calls_of(const LocalDate &date,
                                          const std::vector<PricedPart> &parts) {
    std::vector<RatedCall> rated;
    for (const PricedPart &each : parts) {
        const EvidencePart &part = each.part;
        const auto columns = to_columns(part.calls, part.first, part.last);
        if (!columns) return tl::unexpected(columns.error());
        const auto amounts = agreements::call_amounts(part.prices, *columns, month_of(date));
        if (!amounts) return tl::unexpected(amounts.error());
        std::map<CallId, Instant> offered;
        for (const CallFact &fact : part.calls)
            offered[fact.call] = fact.offered_at;
        for (const CallAmount &row : *amounts) {
            if (row.date != date) continue;
            const PriceClause &clause = part.prices.clauses[row.clause];
            rated.push_back({row.call, offered[row.call], row.kind, row.talk, row.after_call_work,
                             clause.name, std::visit(CountsWork{}, clause.model),
                             row.billed_seconds, row.amount});
        }
    }
    std::ranges::stable_sort(
        rated, {}, [](const RatedCall &call) { return std::pair{call.offered_at, call.call}; });
    return rated;
}

Expected<Invoice> make_invoice(storage::Database &database, MunicipalityId municipality,
                               const Month &month) {
    const LocalDate first = first_day(month);
    const LocalDate last = last_day(month);
    const auto terms = terms_of(database, municipality, first, last);
    if (!terms) return tl::unexpected(terms.error());
    const auto calls = read_calls(database, municipality, first, last);
    if (!calls) return tl::unexpected(calls.error());
    LedgerRange range = calls->ledger;
    const auto parts = priced_parts(database, *terms, municipality, {month}, std::nullopt, range);
    if (!parts) return tl::unexpected(parts.error());
    auto invoice = invoice_of(municipality, month, *calls, *parts);
    if (invoice) invoice->ledger = range;
    return invoice;
}

Expected<std::vector<RatedCall>> invoice_line_calls(storage::Database &database,
                                                    MunicipalityId municipality,
                                                    const LocalDate &date) {
    const auto terms = terms_of(database, municipality, date, date);
    if (!terms) return tl::unexpected(terms.error());
    LedgerRange range;
    const auto parts =
        priced_parts(database, *terms, municipality, {month_of(date)}, std::nullopt, range);
    if (!parts) return tl::unexpected(parts.error());
    return calls_of(date, *parts);
}

std::string to_minutes(std::int64_t billed_seconds) {
    const std::int64_t hundredths = mul_div(billed_seconds, 100, 60, Rounding::half_up);
    return fmt::format("{}.{:02d}", hundredths / 100, hundredths % 100);
}

Expected<std::string> reproduce(storage::Database &database, MunicipalityId municipality,
                                const Month &month, Format format) {
    const auto invoice = make_invoice(database, municipality, month);
    if (!invoice) return tl::unexpected(invoice.error());
    return format == Format::json ? to_json(*invoice) : to_csv(*invoice);
}

} // namespace fernamt::billing
