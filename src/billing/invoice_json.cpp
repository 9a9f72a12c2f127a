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

std::string to_object(const Period &period) {
    const Agreement &agreement = period.agreement;
    return fmt::format(
        R"({{"after_call_work_us":{},"amount_cents":{},"billed_seconds":{},"calls":{},"clause":{},)"
        R"("counts_after_call_work":{},"from":{},"id":{},"level":{},"price_micro_euro":{},)"
        R"("rounding":{},"talk_us":{},"to":{},"unit":{},"valid_from":{},"valid_to":{}}})",
        period.after_call_work.count(), period.amount.cents, period.billed_seconds, period.calls,
        quoted(agreement.clause), agreement.counts_after_call_work, quoted(to_string(period.from)),
        agreement.id, quoted(to_string(agreement.level)), agreement.price_per_minute.micro_euro,
        quoted(to_string(agreement.rounding)), period.talk.count(), quoted(to_string(period.to)),
        quoted(to_string(agreement.unit)), quoted(to_string(agreement.valid_from)),
        agreement.valid_to ? quoted(to_string(*agreement.valid_to)) : "null");
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
        invoice.after_call_work.count(), to_array(invoice.periods), invoice.billed_seconds,
        invoice.calls, to_array(invoice.excluded), invoice.ledger.first, invoice.ledger.last,
        quoted(invoice.ledger.root), to_array(invoice.lines), quoted(to_string(invoice.month)),
        quoted(to_ars(invoice.municipality)), invoice.talk.count(), invoice.total.cents);
}

} // namespace fernamt::billing
