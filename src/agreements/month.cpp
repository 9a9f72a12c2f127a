// SPDX-License-Identifier: EUPL-1.2
#include "agreements/month.h"

#include <fmt/format.h>

namespace fernamt::agreements {

std::string to_string(const Month &month) {
    return fmt::format("{:04d}-{:02d}", month.year, month.month);
}

std::optional<Month> parse_month(std::string_view text) {
    if (text.size() != 7 || text[4] != '-') return std::nullopt;
    int digits[6];
    int count = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (at == 4) continue;
        if (text[at] < '0' || text[at] > '9') return std::nullopt;
        digits[count++] = text[at] - '0';
    }
    const Month month{digits[0] * 1000 + digits[1] * 100 + digits[2] * 10 + digits[3],
                      digits[4] * 10 + digits[5]};
    if (month.year < 2000 || month.year > 2199 || month.month < 1 || month.month > 12) {
        return std::nullopt;
    }
    return month;
}

LocalDate first_day(const Month &month) {
    return {month.year, month.month, 1};
}

LocalDate last_day(const Month &month) {
    return add_days(first_day(next(month)), -1);
}

Month next(const Month &month) {
    if (month.month == 12) return {month.year + 1, 1};
    return {month.year, month.month + 1};
}

Month month_of(const LocalDate &date) {
    return {date.year, date.month};
}

Instant begin_of(const Month &month) {
    return to_instant(first_day(month), 0);
}

Instant end_of(const Month &month) {
    return begin_of(next(month));
}

} // namespace fernamt::agreements
