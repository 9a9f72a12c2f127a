// SPDX-License-Identifier: EUPL-1.2
// Canonical JSON: keys in order of their bytes, no blanks, integers only. Written by hand, because
// the bytes are the promise.
#include "billing/invoice.h"

#include <fmt/format.h>

namespace fernamt::billing {

namespace {

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            out += fmt::format("\\u{:04x}", byte);
        } else {
            out += c;
        }
    }
    return out + "\"";
}

std::string joined(const std::vector<std::string> &items) {
    return fmt::format("[{}]", fmt::join(items, ","));
}

template <class Value>
std::string or_null(const std::optional<Value> &value) {
    return value ? fmt::format("{}", *value) : "null";
}

std::string valid_to(const agreements::PriceClause &clause) {
    return clause.to ? quoted(to_string(*clause.to)) : "null";
}

// A standard price: the shape that every invoice had before there were whole agreements.
std::string standard_object(const InvoiceCharge &each, const agreements::MinutePrice &model) {
    const agreements::PriceClause &clause = each.clause;
    const agreements::Charge &charge = each.charge;
    return fmt::format(
        R"({{"after_call_work_us":{},"amount_cents":{},"billed_seconds":{},"calls":{},"clause":{},)"
        R"("counts_after_call_work":{},"from":{},"id":{},"level":{},"price_micro_euro":{},)"
        R"("rounding":{},"talk_us":{},"to":{},"unit":{},"valid_from":{},"valid_to":{}}})",
        charge.after_call_work.count(), charge.amount.cents, charge.billed_seconds, charge.calls,
        quoted(clause.words), model.counts_after_call_work, quoted(to_string(charge.from)), each.id,
        quoted(to_string(model.level)), charge.price.micro_euro, quoted(to_string(model.rounding)),
        charge.talk.count(), quoted(to_string(charge.to)), quoted(to_string(model.unit)),
        quoted(to_string(clause.from)), valid_to(clause));
}

std::string to_object(const InvoiceCharge &each) {
    const agreements::PriceClause &clause = each.clause;
    const auto *minutes = std::get_if<agreements::MinutePrice>(&clause.model);
    if (each.standard && minutes != nullptr) return standard_object(each, *minutes);
    const agreements::Charge &charge = each.charge;
    return fmt::format(
        R"({{"after_call_work_us":{},"amount_cents":{},"billed_seconds":{},"calls":{},"clause":{},)"
        R"("from":{},"id":{},"name":{},"part":{},"payer":{},"price_micro_euro":{},"quantity":{},)"
        R"("talk_us":{},"to":{},"valid_from":{},"valid_to":{}}})",
        charge.after_call_work.count(), charge.amount.cents, charge.billed_seconds, charge.calls,
        quoted(clause.words), quoted(to_string(charge.from)), each.id, quoted(clause.name),
        quoted(to_string(charge.part)), quoted(to_string(charge.payer)), charge.price.micro_euro,
        charge.quantity, charge.talk.count(), quoted(to_string(charge.to)),
        quoted(to_string(clause.from)), valid_to(clause));
}

std::string to_object(const InvoiceLine &line) {
    std::optional<std::int64_t> cents;
    if (line.amount) cents = line.amount->cents;
    return fmt::format(
        R"({{"after_call_work_us":{},"amount_cents":{},"billed_seconds":{},"calls":{},"date":{},)"
        R"("talk_us":{}}})",
        line.after_call_work.count(), or_null(cents), or_null(line.billed_seconds), line.calls,
        quoted(to_string(line.date)), line.talk.count());
}

std::string to_object(const Excluded &excluded) {
    return fmt::format(R"({{"calls":{},"reason":{}}})", excluded.calls, quoted(excluded.reason));
}

template <class Item>
std::string to_array(const std::vector<Item> &items) {
    std::vector<std::string> objects;
    for (const Item &item : items)
        objects.push_back(to_object(item));
    return joined(objects);
}

} // namespace

std::string to_json(const Invoice &invoice) {
    return fmt::format(
        R"({{"after_call_work_us":{},"agreements":{},"billed_seconds":{},"calls":{},"excluded":{},)"
        R"("format":"fernamt-invoice-1","ledger":{{"first":{},"last":{},"root":{}}},"lines":{},)"
        R"("month":{},"municipality":{},"talk_us":{},"total_cents":{}}})"
        "\n",
        invoice.after_call_work.count(), to_array(invoice.charges), invoice.billed_seconds,
        invoice.calls, to_array(invoice.excluded), invoice.ledger.first, invoice.ledger.last,
        quoted(invoice.ledger.root), to_array(invoice.lines), quoted(to_string(invoice.month)),
        quoted(to_ars(invoice.municipality)), invoice.talk.count(), invoice.total.cents);
}

} // namespace fernamt::billing
