// SPDX-License-Identifier: EUPL-1.2
// The month's statement for one partner centre as a letter (letter.h): both directions with calls,
// time, price and amount, the balance in words, what it is not. The same figures as the table of
// partner_account.h; no person, no number dialled.
#pragma once

#include "billing/invoice_document.h"
#include "billing/partner_account.h"

#include <string>

namespace fernamt::billing {

[[nodiscard]] Expected<std::string> partner_pdf(const Month &month, const PartnerLine &line,
                                                const Party &centre, const LocalDate &today);

} // namespace fernamt::billing
