// SPDX-License-Identifier: EUPL-1.2
#include "billing/settlement.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace fernamt::billing {

namespace {

tl::unexpected<Problem> already_issued(const std::string &number) {
    return fail(ProblemKind::conflict, "invoice.already_issued", {{"number", number}});
}

bool is_of(const Document &document, DocumentKind kind, int year) {
    return document.kind == kind && document.period_from.year == year;
}

// Of the year and with this VAT; null if there is none.
const Row *settlement_of(const std::vector<Row> &rows, int year, const agreements::Tax &tax) {
    for (const Row *row : standing(rows)) {
        if (is_of(row->document, DocumentKind::settlement, year) &&
            same_rate(row->document.tax, tax)) {
            return row;
        }
    }
    return nullptr;
}

struct Part { // of a year, under one VAT
    agreements::Tax tax;
    std::vector<Month> months;
    std::vector<const Row *> advances;
};

Part &part_of(std::vector<Part> &parts, const agreements::Tax &tax) {
    const auto same =
        std::ranges::find_if(parts, [&](const Part &part) { return same_rate(part.tax, tax); });
    return same != parts.end() ? *same : parts.emplace_back(Part{tax, {}, {}});
}

// What is open of the year, in its order. Months without an agreement go with the first part, so
// that a call in them is found.
Expected<std::vector<Part>> open_parts(InvoicePlan &plan, int year, const std::vector<Row> &rows,
                                       Instant now) {
    std::set<std::string> billed;
    std::set<std::string> counted;
    for (const Row *row : standing(rows)) {
        if (!bills_months(row->document.kind)) continue;
        billed.insert(row->document.months.begin(), row->document.months.end());
        counted.insert(row->document.advances.begin(), row->document.advances.end());
    }
    std::vector<Part> parts;
    std::vector<Month> without;
    for (Month month{year, 1}; month.year == year; month = next(month)) {
        if (billed.contains(to_string(month)) || now < end_of(month)) continue;
        const auto known = plan.month_now(month);
        if (!known) return tl::unexpected(known.error());
        auto &months = known->tax ? part_of(parts, *known->tax).months : without;
        months.push_back(month);
    }
    for (const Row *row : standing(rows)) {
        if (!is_of(row->document, DocumentKind::advance, year)) continue;
        if (!counted.contains(row->number)) {
            part_of(parts, row->document.tax).advances.push_back(row);
        }
    }
    std::erase_if(parts, [&](const Part &part) { return settlement_of(rows, year, part.tax); });
    if (!parts.empty() && !parts.front().months.empty()) {
        auto &months = parts.front().months;
        months.insert(months.end(), without.begin(), without.end());
        std::ranges::sort(months);
    }
    return parts;
}

// The document that bills the last month of the year, for the message.
std::string number_in_the_way(const std::vector<Row> &rows, int year) {
    std::string number;
    for (const Row *row : standing(rows)) {
        if (bills_months(row->document.kind) && row->document.period_from.year == year) {
            number = row->number;
        }
    }
    return number;
}

// In a running year only what is agreed no longer can be settled.
Expected<void> check_over(storage::Database &database, MunicipalityId municipality, int year,
                          Instant now) {
    const LocalDate last{year, 12, 31};
    const LocalDate today = to_local(now).date;
    if (last < today) return {};
    const auto terms = terms_of(database, municipality, {today.year, today.month, 1}, last);
    if (!terms) return tl::unexpected(terms.error());
    if (terms->sources.empty() && today.year == year) return {};
    return fail(ProblemKind::conflict, "invoice.month_open",
                {{"from", to_string(LocalDate{year + 1, 1, 1})}, {"remedy", "wait_for_its_end"}});
}

Expected<std::vector<Issued>> draft_advances_alone(storage::Database &database, InvoicePlan &plan,
                                                   MunicipalityId municipality, int year,
                                                   const Part &part, Instant now) {
    auto document =
        draft_frame(database, municipality, {year, 1, 1}, {year, 12, 31}, part.tax, now);
    if (!document) return tl::unexpected(document.error());
    document->steps.emplace(); // bills nothing
    document->lines = {{.text = "Verrechnung der Abschläge",
                        .detail = "Alle Monate sind einzeln berechnet.",
                        .from = document->period_from,
                        .to = document->period_to,
                        .amount = {}}};
    if (auto booked = add_codes(database, *document); !booked) {
        return tl::unexpected(booked.error());
    }
    std::vector<Issued> issued{{std::move(*document), {}}};
    auto corrections = plan.draft_corrections();
    if (!corrections) return corrections;
    for (Issued &each : *corrections)
        issued.push_back(std::move(each));
    return issued;
}

} // namespace

tl::unexpected<Problem> settled(const std::string &number) {
    return fail(ProblemKind::conflict, "invoice.settled",
                {{"number", number}, {"remedy", "cancel_the_settlement_first"}});
}

Expected<Document> draft_advance(storage::Database &database, MunicipalityId municipality,
                                 const Month &month, Money net, const std::vector<Row> &rows,
                                 Instant now) {
    for (const Row *row : standing(rows)) {
        const bool same = row->document.kind == DocumentKind::advance &&
                          row->document.period_from == first_day(month);
        if (same) return already_issued(row->number);
    }
    auto plan = InvoicePlan::of(database, municipality, rows, now);
    if (!plan) return tl::unexpected(plan.error());
    const auto known = plan->month_now(month);
    if (!known) return tl::unexpected(known.error());
    if (!known->tax) return fail(ProblemKind::conflict, "invoice.no_agreement");
    if (const Row *row = settlement_of(rows, month.year, *known->tax)) return settled(row->number);
    auto document =
        draft_frame(database, municipality, first_day(month), last_day(month), *known->tax, now);
    if (!document) return document;
    document->kind = DocumentKind::advance;
    document->lines = {{.text = fmt::format("Abschlag {}", to_string(month)),
                        .detail = "",
                        .from = document->period_from,
                        .to = document->period_to,
                        .amount = net}};
    if (auto booked = add_codes(database, *document); !booked) {
        return tl::unexpected(booked.error());
    }
    add_up(*document);
    return document;
}

Expected<std::vector<Issued>> draft_settlement(storage::Database &database,
                                               MunicipalityId municipality, int year,
                                               const std::vector<Row> &rows, Instant now) {
    if (auto over = check_over(database, municipality, year, now); !over) {
        return tl::unexpected(over.error());
    }
    auto plan = InvoicePlan::of(database, municipality, rows, now);
    if (!plan) return tl::unexpected(plan.error());
    const auto parts = open_parts(*plan, year, rows, now);
    if (!parts) return tl::unexpected(parts.error());
    if (parts->empty()) {
        const std::string number = number_in_the_way(rows, year);
        if (!number.empty()) return already_issued(number);
        return fail(ProblemKind::conflict, "invoice.no_agreement");
    }
    const Part &part = parts->front();
    auto issued = part.months.empty()
                      ? draft_advances_alone(database, *plan, municipality, year, part, now)
                      : plan->draft(part.months, part.tax);
    if (!issued) return issued;
    Document &document = issued->front().document;
    document.kind = DocumentKind::settlement;
    for (const Row *advance : part.advances) {
        document.prepaid = document.prepaid + advance->document.gross;
        document.advances.push_back(advance->number);
    }
    if (parts->size() > 1) {
        document.notes.emplace_back("Monate und Abschläge mit einer anderen Umsatzsteuer werden "
                                    "für sich abgerechnet.");
    }
    add_up(document);
    return issued;
}

} // namespace fernamt::billing
