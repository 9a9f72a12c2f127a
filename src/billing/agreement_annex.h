// SPDX-License-Identifier: EUPL-1.2
// An agreement's fields as the text of its annex: the six sections with their words and their dated
// values (numbers, promises, hours, periods for deletion, prices, VAT, budgets, term). A draft says
// so on every page. Printed from the fields alone, so that what was resolved is what is billed.
#pragma once

#include "agreements/agreement.h"

#include <string>

namespace fernamt::billing {

[[nodiscard]] Expected<std::string> print_annex(const agreements::Agreement &agreement,
                                                const std::string &town, const std::string &centre,
                                                const LocalDate &today);

} // namespace fernamt::billing
