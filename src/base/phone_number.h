// SPDX-License-Identifier: EUPL-1.2
// Telephone numbers. Stored and compared as E.164 ("+495111230"), shown by DIN 5008
// ("0511 123-0" where the extension is known, else "0511 1230"). The short number 115 is a number
// of its own and stays "115".
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace fernamt {

struct PhoneNumber {
    std::string e164; // "+" and 3..15 digits, or a short number such as "115"
    friend auto operator<=>(const PhoneNumber &, const PhoneNumber &) = default;
};

// Accepts "0511 123-0", "+49 511 1230", "0049...", "(0511) 123/0", "115", "49511..." only with
// "+" or "00" before it. A number without a leading zero and without area_code is refused unless it
// is a short number; with area_code ("511") it is completed. Empty if it is no number.
[[nodiscard]] std::optional<PhoneNumber> parse_phone_number(std::string_view text,
                                                            std::string_view area_code = {});
// DIN 5008: area code, blank, number. Knows the lengths of German area codes (Bundesnetzagentur).
[[nodiscard]] std::string to_din5008(const PhoneNumber &number);

} // namespace fernamt
