// SPDX-License-Identifier: EUPL-1.2
#include "billing/invoice.h"

#include "billing/invoice_source.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::billing {

namespace {

InvoiceSummary summarise(MunicipalityId municipality, const Month &month,
                         const Expected<Invoice> &invoice) {
    InvoiceSummary summary{
        .municipality = municipality, .month = month, .total = {}, .problem = std::nullopt};
    if (!invoice) {
        summary.problem = invoice.error();
        return summary;
    }
    summary.calls = invoice->calls;
    summary.talk = invoice->talk;
    summary.after_call_work = invoice->after_call_work;
    summary.billed_seconds = invoice->billed_seconds;
    summary.total = invoice->total;
    return summary;
}

// A lost database concerns the whole list; what is wrong with one agreement does not.
bool concerns_all(const Problem &problem) {
    return problem.kind == ProblemKind::unavailable;
}

} // namespace

std::optional<Format> parse_format(std::string_view text) {
    if (text == "json") return Format::json;
    if (text == "csv") return Format::csv;
    return std::nullopt;
}

Expected<Invoice> make_invoice(storage::Database &database, ledger::Ledger &,
                               MunicipalityId municipality, const Month &month) {
    const auto agreements = agreements_of(database, municipality);
    if (!agreements) return tl::unexpected(agreements.error());
    const auto source = read_month(database, municipality, month);
    if (!source) return tl::unexpected(source.error());
    auto invoice = rate(municipality, month, source->calls, *agreements);
    if (!invoice) return invoice;
    invoice->ledger = source->ledger;
    if (source->ended_too_late > 0) {
        invoice->excluded.push_back({"ended_too_late", source->ended_too_late});
        std::ranges::sort(invoice->excluded, {}, &Excluded::reason);
    }
    return invoice;
}

Expected<std::vector<RatedCall>> invoice_line_calls(storage::Database &database, ledger::Ledger &,
                                                    MunicipalityId municipality,
                                                    const LocalDate &date) {
    const auto agreements = agreements_of(database, municipality);
    if (!agreements) return tl::unexpected(agreements.error());
    const auto source = read_month(database, municipality, month_of(date));
    if (!source) return tl::unexpected(source.error());
    return rate_day(date, source->calls, *agreements);
}

Expected<std::vector<InvoiceSummary>>
invoice_summaries(storage::Database &database, ledger::Ledger &ledger,
                  const std::vector<MunicipalityId> &municipalities, const Month &month) {
    std::vector<InvoiceSummary> summaries;
    for (const MunicipalityId municipality : municipalities) {
        const auto invoice = make_invoice(database, ledger, municipality, month);
        if (!invoice && concerns_all(invoice.error())) return tl::unexpected(invoice.error());
        summaries.push_back(summarise(municipality, month, invoice));
    }
    return summaries;
}

std::string to_minutes(std::int64_t billed_seconds) {
    const std::int64_t hundredths = mul_div(billed_seconds, 100, 60, Rounding::half_up);
    return fmt::format("{}.{:02d}", hundredths / 100, hundredths % 100);
}

Expected<std::string> reproduce(storage::Database &database, ledger::Ledger &ledger,
                                MunicipalityId municipality, const Month &month, Format format) {
    const auto invoice = make_invoice(database, ledger, municipality, month);
    if (!invoice) return tl::unexpected(invoice.error());
    return format == Format::json ? to_json(*invoice) : to_csv(*invoice);
}

} // namespace fernamt::billing
