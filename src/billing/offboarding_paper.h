// SPDX-License-Identifier: EUPL-1.2
// The plan of what has to be done when an agreement ends (agreements/offboarding.h) as a letter to
// sign: each step with its day and room for who did it when, what is switched back, and the account
// as far as it has been issued (§ 6 Abs. 2 NKomZG demands rules for the consequences).
#pragma once

#include "agreements/agreement.h"
#include "billing/invoice_document.h"

#include <string>
#include <vector>

namespace fernamt::billing {

// `issued`: the documents of the municipality that stand, without those taken back.
// "agreement.no_end": no end is known yet.
[[nodiscard]] Expected<std::string> print_offboarding(const agreements::Agreement &agreement,
                                                      const std::string &town,
                                                      const std::string &centre,
                                                      const std::vector<Document> &issued,
                                                      const LocalDate &today);

} // namespace fernamt::billing
