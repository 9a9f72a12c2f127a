// SPDX-License-Identifier: EUPL-1.2
#include "billing/agreement_book.h"
#include "billing/agreement_fields.h"
#include "billing/document_fields.h"
#include "ledger/json_fields.h"

namespace fernamt::billing {

namespace {

template <class T>
std::string write(const T &value) {
    DocumentWriter writer;
    fields(writer, value);
    return ledger::canonical(writer.take());
}

template <class T>
Expected<T> read(std::string_view document) {
    const auto object = ledger::parse_object(document);
    if (!object) return tl::unexpected(object.error());
    T value;
    DocumentReader reader(*object);
    fields(reader, value);
    if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
    return value;
}

} // namespace

std::string to_document(const agreements::Agreement &agreement) {
    return write(agreement);
}
Expected<agreements::Agreement> agreement_from(std::string_view document) {
    return read<agreements::Agreement>(document);
}
std::string to_document(const agreements::PriceList &prices) {
    return write(prices);
}
Expected<agreements::PriceList> price_list_from(std::string_view document) {
    return read<agreements::PriceList>(document);
}

} // namespace fernamt::billing
