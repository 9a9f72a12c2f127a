// SPDX-License-Identifier: EUPL-1.2
#include "base/phone_number.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>

namespace fernamt {

namespace {

constexpr std::size_t kMaxDigits = 15; // E.164, 6.1

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool all_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), is_digit);
}

// Short numbers of the Bundesnetzagentur: emergency, 115, the harmonised 116xyz, directory 118xy.
bool is_short_number(std::string_view digits) {
    if (digits == "110" || digits == "112" || digits == "115") return true;
    if (digits.size() == 6 && digits.substr(0, 3) == "116") return true;
    return digits.substr(0, 3) == "118" && (digits.size() == 5 || digits.size() == 6);
}

// 115 and 116xyz are reached from abroad, and by some trunks, as +49115.
bool is_short_number_behind_49(std::string_view national) {
    return is_short_number(national) && (national == "115" || national.substr(0, 3) == "116");
}

// ------------------------------------------------------------------------------ reading a number

// No-break blanks and hyphens as word processors set them.
constexpr std::string_view kWideSeparators[] = {"\u00a0", "\u2007", "\u2011", "\u2013", "\u202f"};

// Length of the separator at the start of the text; 0 if there is none.
std::size_t separator_length(std::string_view text) {
    if (std::string_view{" -/().\t"}.find(text.front()) != std::string_view::npos) return 1;
    for (const std::string_view wide : kWideSeparators) {
        if (text.substr(0, wide.size()) == wide) return wide.size();
    }
    return 0;
}

// Digits, with "+" in front if it was there; empty optional if anything else occurs.
std::optional<std::string> strip(std::string_view text) {
    std::string digits;
    while (!text.empty()) {
        if (is_digit(text.front()) || (text.front() == '+' && digits.empty())) {
            digits += text.front();
            text.remove_prefix(1);
        } else if (const std::size_t skip = separator_length(text); skip > 0) {
            text.remove_prefix(skip);
        } else {
            return std::nullopt;
        }
        if (digits.size() > kMaxDigits + 4) return std::nullopt; // "+490" or "00490" before it
    }
    return digits;
}

std::size_t area_code_length(std::string_view national);

// national: without the leading zero.
std::optional<PhoneNumber> german(std::string_view national) {
    // "+49 (0)511 ..." and "+49 0511 ...": the zero is for callers inside Germany.
    if (!national.empty() && national.front() == '0') national.remove_prefix(1);
    if (is_short_number_behind_49(national)) return PhoneNumber{std::string(national)};
    if (national.empty() || national.front() == '0') return std::nullopt;
    if (national.size() + 2 > kMaxDigits) return std::nullopt;
    if (national.size() < area_code_length(national) + 2) return std::nullopt; // no subscriber
    return PhoneNumber{"+49" + std::string(national)};
}

// digits: country code and number.
std::optional<PhoneNumber> international(std::string_view digits) {
    if (digits.substr(0, 2) == "49") return german(digits.substr(2));
    if (digits.size() < 3 || digits.size() > kMaxDigits || digits.front() == '0') {
        return std::nullopt;
    }
    return PhoneNumber{"+" + std::string(digits)};
}

// ------------------------------------------------------------------------------ showing a number

// Area codes have two to five digits (Bundesnetzagentur, list of area codes): two in the four
// largest cities, three in the places listed, else four; in the east (3...) five, unless listed.
// 32 is the range without a place, 700, 800 and the like belong to services.
constexpr std::string_view kTwoDigits[] = {"30", "32", "40", "69", "89"};

struct Prefix {
    std::string_view head;
    std::string_view last_digits; // each of them completes an area code
};
constexpr Prefix kThreeDigits[] = {
    // clang-format off
    {"20", "12389"}, {"21", "124"}, {"22", "18"}, {"23", "14"}, {"24", "1"}, {"25", "1"},
    {"26", "1"}, {"27", "1"}, {"28", "1"}, {"29", "1"},
    {"33", "15"}, {"34", "015"}, {"35", "15"}, {"36", "15"}, {"37", "15"}, {"38", "15"}, {"39", "15"},
    {"42", "1"}, {"43", "1"}, {"44", "1"}, {"45", "1"}, {"46", "1"}, {"47", "1"}, {"48", "1"}, {"49", "1"},
    {"51", "1"}, {"52", "1"}, {"53", "1"}, {"54", "1"}, {"55", "1"}, {"56", "1"}, {"57", "1"}, {"58", "1"},
    {"59", "1"},
    {"61", "1"}, {"62", "1"}, {"63", "1"}, {"64", "1"}, {"65", "1"}, {"66", "1"}, {"67", "1"}, {"68", "1"},
    {"71", "1"}, {"72", "1"}, {"73", "1"}, {"74", "1"}, {"75", "1"}, {"76", "1"}, {"77", "1"}, {"78", "1"},
    {"79", "1"},
    {"81", "1"}, {"82", "1"}, {"83", "1"}, {"84", "1"}, {"85", "1"}, {"86", "1"}, {"87", "1"}, {"88", "1"},
    {"90", "6"}, {"91", "1"}, {"92", "1"}, {"93", "1"}, {"94", "1"}, {"95", "1"}, {"96", "1"}, {"97", "1"},
    {"98", "1"}, {"99", "1"},
    // mobile networks; votes, shared cost; services
    {"15", "0123456789"}, {"16", "0123456789"}, {"17", "0123456789"}, {"13", "7"}, {"18", "0"},
    {"70", "0"}, {"80", "0"}, {"90", "0"},
    // clang-format on
};
constexpr Prefix kFourDigitsInTheEast[] = {
    // clang-format off
    {"330", "123467"}, {"332", "12789"}, {"333", "124578"}, {"334", "1246"}, {"336", "1246"},
    {"337", "125789"}, {"338", "1256"}, {"339", "145"},
    {"342", "135"}, {"343", "1357"}, {"344", "13578"}, {"346", "1246"}, {"347", "1356"}, {"349", "1346"},
    {"350", "14"}, {"352", "123589"}, {"353", "1357"}, {"354", "1246"}, {"356", "1234"}, {"357", "13468"},
    {"358", "13568"}, {"359", "1246"},
    {"360", "1356"}, {"362", "123489"}, {"363", "12456"}, {"364", "1347"}, {"366", "13"}, {"367", "12579"},
    {"368", "12356"}, {"369", "135"},
    {"372", "1234567"}, {"373", "1357"}, {"374", "145"}, {"376", "12345"}, {"377", "1234"},
    {"382", "1"}, {"383", "1468"}, {"384", "1347"}, {"386", "01356789"}, {"387", "1467"}, {"388", "136"},
    {"390", "12479"}, {"392", "1358"}, {"393", "1357"}, {"394", "134679"}, {"396", "123456789"},
    {"397", "136"}, {"398", "147"}, {"399", "1468"},
    // clang-format on
};

template <std::size_t N>
bool listed(const Prefix (&table)[N], std::string_view national) {
    return std::any_of(std::begin(table), std::end(table), [national](const Prefix &row) {
        return national.size() > row.head.size() && national.starts_with(row.head) &&
               row.last_digits.find(national[row.head.size()]) != std::string_view::npos;
    });
}

// national: without the leading zero.
std::size_t area_code_length(std::string_view national) {
    for (const std::string_view code : kTwoDigits) {
        if (national.starts_with(code)) return 2;
    }
    if (listed(kThreeDigits, national)) return 3;
    const bool east = national.starts_with('3');
    return east && !listed(kFourDigitsInTheEast, national) ? 5 : 4;
}

// Country codes have one to three digits (ITU-T E.164, list of assigned country codes).
std::size_t country_code_length(std::string_view digits) {
    if (digits.front() == '1' || digits.front() == '7') return 1;
    constexpr Prefix kTwo[] = {{"2", "07"},       {"3", "0123469"}, {"4", "013456789"},
                               {"5", "12345678"}, {"6", "0123456"}, {"8", "1246"},
                               {"9", "0123458"}};
    return listed(kTwo, digits) ? 2 : 3;
}

// "0180 6 ...", "0900 5 ...", "0137 7 ...": the digit of the price stands alone (DIN 5008).
bool has_price_digit(std::string_view area_code) {
    return area_code == "180" || area_code == "900" || area_code == "137";
}

std::string show_german(std::string_view national) {
    const std::size_t length = std::min(area_code_length(national), national.size());
    const std::string_view area_code = national.substr(0, length);
    std::string_view rest = national.substr(length);
    std::string text = "0" + std::string(area_code);
    if (has_price_digit(area_code) && rest.size() > 1) {
        text += {' ', rest.front()};
        rest.remove_prefix(1);
    }
    if (!rest.empty()) text += " " + std::string(rest);
    return text;
}

} // namespace

std::optional<PhoneNumber> parse_phone_number(std::string_view text, std::string_view area_code) {
    const std::optional<std::string> stripped = strip(text);
    if (!stripped || stripped->empty()) return std::nullopt;
    const std::string_view digits = *stripped;
    if (digits.front() == '+') return international(digits.substr(1));
    if (is_short_number(digits)) return PhoneNumber{*stripped};
    if (digits.starts_with("00")) return international(digits.substr(2));
    if (digits.front() == '0') return german(digits);
    if (!area_code.empty() && area_code.front() == '0') area_code.remove_prefix(1);
    if (area_code.empty() || !all_digits(area_code)) return std::nullopt;
    return german(std::string(area_code) + std::string(digits));
}

std::string to_din5008(const PhoneNumber &number) {
    const std::string_view digits = number.e164;
    if (digits.size() < 4 || digits.front() != '+') return number.e164;
    if (digits.starts_with("+49")) return show_german(digits.substr(3));
    const std::size_t length = 1 + country_code_length(digits.substr(1));
    return std::string(digits.substr(0, length)) + " " + std::string(digits.substr(length));
}

} // namespace fernamt
