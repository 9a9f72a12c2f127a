// SPDX-License-Identifier: EUPL-1.2
#include "billing/agreement_book.h"
#include "billing/agreement_fields.h"
#include "billing/document_fields.h"
#include "ledger/json_fields.h"

namespace fernamt::billing {

std::string to_document(const agreements::Agreement &agreement) {
    return write_document(agreement);
}
Expected<agreements::Agreement> agreement_from(std::string_view document) {
    return read_document<agreements::Agreement>(document);
}
std::string to_document(const agreements::PriceList &prices) {
    return write_document(prices);
}
Expected<agreements::PriceList> price_list_from(std::string_view document) {
    return read_document<agreements::PriceList>(document);
}

} // namespace fernamt::billing
