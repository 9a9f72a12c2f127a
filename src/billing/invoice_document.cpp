// SPDX-License-Identifier: EUPL-1.2
#include "billing/invoice_document.h"

#include "billing/document_fields.h"
#include "billing/invoice_fields.h"
#include "ledger/json_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fernamt::billing {

namespace {

using agreements::Charge;
using agreements::ChargePart;
using agreements::PriceClause;

constexpr std::array kKinds{
    std::tuple{DocumentKind::invoice, std::string_view{"invoice"}, std::string_view{"Rechnung"}},
    std::tuple{DocumentKind::advance, std::string_view{"advance"},
               std::string_view{"Abschlagsrechnung"}},
    std::tuple{DocumentKind::settlement, std::string_view{"settlement"},
               std::string_view{"Jahresabrechnung"}},
    std::tuple{DocumentKind::credit_note, std::string_view{"credit_note"},
               std::string_view{"Gutschrift"}},
    std::tuple{DocumentKind::cancellation, std::string_view{"cancellation"},
               std::string_view{"Stornorechnung"}}};

std::string minutes(std::int64_t seconds) { // "1234,50", exact to the hundredth by half up
    const std::int64_t hundredths = mul_div(seconds, 100, 60, Rounding::half_up);
    return fmt::format("{},{:02d}", hundredths / 100, hundredths % 100);
}

std::string_view suffix(ChargePart part) {
    switch (part) {
    case ChargePart::use:
        return "";
    case ChargePart::base:
        return " (Grundbetrag)";
    case ChargePart::overage:
        return " (über die enthaltenen Minuten hinaus)";
    case ChargePart::reduction:
        return " (Minderung durch die Obergrenze)";
    case ChargePart::shortfall:
        return " (bis zum Mindestbetrag)";
    case ChargePart::credit:
        return " (Anrechnung)";
    }
    return "";
}

std::string calls_of(const Charge &charge) {
    return fmt::format("{} {}", charge.calls, charge.calls == 1 ? "Anruf" : "Anrufe");
}

std::string detail_of(const Charge &charge) {
    const bool per_inhabitant = charge.quantity > 0;
    if (per_inhabitant) {
        return fmt::format("{} Einwohner zu {}", charge.quantity, to_german(charge.price));
    }
    if (charge.part == ChargePart::use && charge.billed_seconds == 0) {
        if (charge.price == Price{}) return calls_of(charge);
        return fmt::format("{} zu {}", calls_of(charge), to_german(charge.price));
    }
    if (charge.part == ChargePart::use) {
        return fmt::format("{}, {} Minuten zu {}", calls_of(charge), minutes(charge.billed_seconds),
                           to_german(charge.price));
    }
    if (charge.part == ChargePart::overage) {
        return fmt::format("{} Minuten zu {}", minutes(charge.billed_seconds),
                           to_german(charge.price));
    }
    return {};
}

std::string borne(const PriceClause &clause, Money amount) {
    if (clause.payer == agreements::Payer::third_party) {
        return fmt::format("{}: {} trägt {}.", clause.name, to_german(amount), clause.payer_name);
    }
    return fmt::format("{}: {} sind durch die Umlage getragen.", clause.name, to_german(amount));
}

} // namespace

std::string_view to_string(DocumentKind kind) {
    for (const auto &[each, name, title] : kKinds) {
        if (each == kind) return name;
    }
    return "";
}

std::string_view german_title(DocumentKind kind) {
    for (const auto &[each, name, title] : kKinds) {
        if (each == kind) return title;
    }
    return "";
}

bool bills_months(DocumentKind kind) {
    return kind == DocumentKind::invoice || kind == DocumentKind::settlement;
}

Money effect_of(const Document &document, Money amount) {
    return document.kind == DocumentKind::credit_note ? Money{} - amount : amount;
}

void add_up(Document &document) {
    document.net = Money{};
    for (const DocumentLine &line : document.lines)
        document.net = document.net + line.amount;
    document.vat =
        Money{mul_div(document.net.cents, document.tax.rate_percent, 100, Rounding::half_up)};
    document.gross = document.net + document.vat;
    document.payable = document.gross - document.prepaid;
}

DocumentLine line_of(const PriceClause &clause, const Charge &charge) {
    return {.text = clause.name + std::string{suffix(charge.part)},
            .detail = detail_of(charge),
            .from = charge.from,
            .to = charge.to,
            .amount = charge.amount};
}

std::vector<DocumentLine> lines_of(const agreements::PriceList &prices,
                                   const agreements::MonthStatement &statement) {
    std::vector<DocumentLine> lines;
    for (const Charge &charge : statement.charges) {
        if (charge.payer != agreements::Payer::municipality) continue;
        if (charge.amount == Money{} && charge.calls == 0) continue;
        lines.push_back(line_of(prices.clauses[charge.clause], charge));
    }
    return lines;
}

std::vector<std::string> notes_of(const agreements::PriceList &prices,
                                  const agreements::MonthStatement &statement) {
    std::vector<std::string> notes;
    for (const Charge &charge : statement.charges) {
        if (charge.payer == agreements::Payer::municipality || charge.amount == Money{}) continue;
        notes.push_back(borne(prices.clauses[charge.clause], charge.amount));
    }
    return notes;
}

std::string to_json(const Document &document) {
    return write_document(document);
}
Expected<Document> document_from(std::string_view json) {
    return read_document<Document>(json);
}
std::string to_json(const Party &party) {
    return write_document(party);
}
Expected<Party> party_from(std::string_view json) {
    return read_document<Party>(json);
}

} // namespace fernamt::billing
