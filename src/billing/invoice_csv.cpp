// SPDX-License-Identifier: EUPL-1.2
// CSV for spreadsheets of German administrations: semicolons and decimal commas, because those read
// "12.34" as a date; CRLF and quoting by RFC 4180; the same number of fields in every record. A
// field that a spreadsheet would take for a formula (=, +, -, @, tab, carriage return in front)
// gets an apostrophe in front; only the remark comes from people.
#include "base/csv.h"
#include "billing/invoice.h"
#include "billing/invoice_document.h"

#include <fmt/format.h>

#include <array>

namespace fernamt::billing {

namespace {

enum Column {
    kRecord,
    kMunicipality,
    kMonth,
    kFrom,
    kTo,
    kCalls,
    kTalk,
    kAfterCallWork,
    kBilled,
    kPrice,
    kUnit,
    kLevel,
    kRounding,
    kAmount,
    kNote,
    kColumns,
};

constexpr std::array<std::string_view, kColumns> kHeader{
    "Satz",
    "Regionalschluessel",
    "Monat",
    "von",
    "bis",
    "Anrufe",
    "Gespraech in Sekunden",
    "Nachbereitung in Sekunden",
    "abgerechnet in Sekunden",
    "Preis je Minute in Euro",
    "Takt",
    "Ebene",
    "Rundung",
    "Betrag in Euro",
    "Bemerkung",
};

using Record = std::array<std::string, kColumns>;

void append(std::string &out, const Record &record) {
    for (int i = 0; i < kColumns; ++i) {
        if (i > 0) out += ';';
        out += csv_field(record[static_cast<std::size_t>(i)], i == kNote ? "=+-@\t\r" : "");
    }
    out += "\r\n";
}

std::string with_comma(std::string decimal) {
    if (const auto point = decimal.find('.'); point != std::string::npos) decimal[point] = ',';
    return decimal;
}

std::string euro(Money money) {
    return with_comma(to_decimal(money));
}

std::string seconds(Duration duration) { // exact, without trailing zeros
    std::string text = fmt::format("{}", duration.count() / 1'000'000);
    std::string fraction = fmt::format("{:06d}", duration.count() % 1'000'000);
    while (!fraction.empty() && fraction.back() == '0')
        fraction.pop_back();
    return fraction.empty() ? text : text + "," + fraction;
}

Record begin_record(const Invoice &invoice, std::string_view kind) {
    Record record;
    record[kRecord] = kind;
    record[kMunicipality] = to_ars(invoice.municipality);
    record[kMonth] = to_string(invoice.month);
    return record;
}

Record line_record(const Invoice &invoice, const InvoiceLine &line) {
    Record record = begin_record(invoice, "Tag");
    record[kFrom] = record[kTo] = to_string(line.date);
    record[kCalls] = fmt::format("{}", line.calls);
    record[kTalk] = seconds(line.talk);
    record[kAfterCallWork] = seconds(line.after_call_work);
    if (line.billed_seconds) record[kBilled] = fmt::format("{}", *line.billed_seconds);
    if (line.amount) record[kAmount] = euro(*line.amount);
    return record;
}

std::string takt(agreements::Unit unit) {
    return fmt::format("{}/{}", agreements::seconds_in(unit), agreements::seconds_in(unit));
}

// The settings of a clause that counts time.
struct Settings {
    Record &record;
    void operator()(const agreements::MinutePrice &model) const {
        record[kUnit] = takt(model.unit);
        record[kLevel] = model.level == agreements::Level::per_call ? "je Anruf" : "auf die Summe";
        record[kRounding] = to_string(model.rounding);
    }
    void operator()(const agreements::Package &model) const {
        record[kUnit] = takt(model.unit);
        record[kLevel] = "auf die Summe";
        record[kRounding] = to_string(model.rounding);
    }
    template <class Other>
    void operator()(const Other &) const {}
};

Record charge_record(const Invoice &invoice, const InvoiceCharge &each) {
    const agreements::Charge &charge = each.charge;
    Record record = begin_record(invoice, "Vereinbarung");
    record[kFrom] = to_string(charge.from);
    record[kTo] = to_string(charge.to);
    if (charge.part == agreements::ChargePart::use) {
        record[kCalls] = fmt::format("{}", charge.calls);
        record[kTalk] = seconds(charge.talk);
        record[kAfterCallWork] = seconds(charge.after_call_work);
        record[kBilled] = fmt::format("{}", charge.billed_seconds);
        std::visit(Settings{record}, each.clause.model);
    }
    if (each.standard || charge.price > Price{}) {
        record[kPrice] = with_comma(to_decimal(charge.price));
    }
    record[kAmount] = euro(charge.amount);
    const DocumentLine line = line_of(each.clause, charge);
    record[kNote] = each.standard ? each.clause.words : line.text;
    if (!each.standard && charge.payer != agreements::Payer::municipality) {
        record[kNote] += each.clause.payer_name.empty() ? ", durch die Umlage getragen"
                                                        : ", trägt " + each.clause.payer_name;
    }
    return record;
}

Record excluded_record(const Invoice &invoice, const Excluded &excluded) {
    Record record = begin_record(invoice, "nicht abgerechnet");
    record[kCalls] = fmt::format("{}", excluded.calls);
    record[kNote] = excluded.reason;
    return record;
}

Record total_record(const Invoice &invoice) {
    Record record = begin_record(invoice, "Summe");
    record[kFrom] = to_string(first_day(invoice.month));
    record[kTo] = to_string(last_day(invoice.month));
    record[kCalls] = fmt::format("{}", invoice.calls);
    record[kTalk] = seconds(invoice.talk);
    record[kAfterCallWork] = seconds(invoice.after_call_work);
    record[kBilled] = fmt::format("{}", invoice.billed_seconds);
    record[kAmount] = euro(invoice.total);
    record[kNote] = fmt::format("Ledger {} bis {}, {}", invoice.ledger.first, invoice.ledger.last,
                                invoice.ledger.root);
    return record;
}

} // namespace

std::string to_csv(const Invoice &invoice) {
    std::string out;
    Record header;
    for (std::size_t i = 0; i < kColumns; ++i)
        header[i] = kHeader[i];
    append(out, header);
    for (const InvoiceLine &line : invoice.lines)
        append(out, line_record(invoice, line));
    for (const InvoiceCharge &charge : invoice.charges)
        append(out, charge_record(invoice, charge));
    for (const Excluded &excluded : invoice.excluded) {
        append(out, excluded_record(invoice, excluded));
    }
    append(out, total_record(invoice));
    return out;
}

} // namespace fernamt::billing
