// SPDX-License-Identifier: EUPL-1.2
// The three who appear in tests of what editors enter: of the centre, and of two towns.
#pragma once

#include "knowledge/text_editing.h"

#include <string>

namespace fernamt::knowledge::testing {

inline constexpr MunicipalityId kLangenhagen{32410010010};
inline constexpr MunicipalityId kWedemark{32410019019};
inline const Editor kCentreEditor{UserId{1}, std::nullopt};
inline const Editor kHereEditor{UserId{2}, kLangenhagen};
inline const Editor kThereEditor{UserId{3}, kWedemark};

// Empty: it was done.
std::string code_of(const auto &outcome) {
    return outcome ? "" : outcome.error().code;
}

} // namespace fernamt::knowledge::testing
