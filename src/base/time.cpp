// SPDX-License-Identifier: EUPL-1.2
#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <utility>

namespace fernamt {

namespace {

bool read_digits(std::string_view text, std::size_t at, std::size_t count, int &out) {
    if (at + count > text.size()) return false;
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (text[i] < '0' || text[i] > '9') return false;
        value = value * 10 + (text[i] - '0');
    }
    out = value;
    return true;
}

} // namespace

std::string to_iso8601(Instant at) {
    const auto micros = std::chrono::microseconds{at.us};
    const auto days = std::chrono::floor<std::chrono::days>(micros);
    const std::chrono::year_month_day ymd{std::chrono::sys_days{days}};
    const std::int64_t rest = (micros - days).count();
    return fmt::format("{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}.{:06d}Z", int{ymd.year()},
                       unsigned{ymd.month()}, unsigned{ymd.day()}, rest / 3'600'000'000,
                       rest / 60'000'000 % 60, rest / 1'000'000 % 60, rest % 1'000'000);
}

std::optional<Instant> parse_iso8601(std::string_view text) {
    int year{}, month{}, day{}, hour{}, minute{}, second{};
    if (text.size() < 20 || !read_digits(text, 0, 4, year) || text[4] != '-' ||
        !read_digits(text, 5, 2, month) || text[7] != '-' || !read_digits(text, 8, 2, day) ||
        text[10] != 'T' || !read_digits(text, 11, 2, hour) || text[13] != ':' ||
        !read_digits(text, 14, 2, minute) || text[16] != ':' || !read_digits(text, 17, 2, second)) {
        return std::nullopt;
    }
    const std::chrono::year_month_day ymd{std::chrono::year{year},
                                          std::chrono::month{static_cast<unsigned>(month)},
                                          std::chrono::day{static_cast<unsigned>(day)}};
    if (!ymd.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    std::size_t at = 19;
    std::int64_t fraction = 0;
    if (text[at] == '.') {
        std::int64_t unit = 100'000;
        for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) {
            if (unit == 0) return std::nullopt;
            fraction += (text[at] - '0') * unit;
        }
    }
    int offset_minutes = 0;
    if (at + 1 == text.size() && text[at] == 'Z') {
        offset_minutes = 0;
    } else if (at + 6 == text.size() && (text[at] == '+' || text[at] == '-') &&
               text[at + 3] == ':') {
        int oh{}, om{};
        if (!read_digits(text, at + 1, 2, oh) || !read_digits(text, at + 4, 2, om) || oh > 14 ||
            om > 59) {
            return std::nullopt;
        }
        offset_minutes = (text[at] == '-' ? -1 : 1) * (oh * 60 + om);
    } else {
        return std::nullopt;
    }
    const auto days = std::chrono::sys_days{ymd}.time_since_epoch().count();
    const std::int64_t seconds =
        std::int64_t{days} * 86'400 + hour * 3600 + minute * 60 + second - offset_minutes * 60;
    return Instant{seconds * 1'000'000 + fraction};
}

Instant NeverBackwards::read(Instant wall, Duration uptime) {
    const Duration before = std::exchange(uptime_, uptime);
    if (!slowed_ && wall < latest_) slowed_ = {latest_, before};
    const Instant least = slowed_ ? slowed_->from + (uptime - slowed_->since) / 2 : latest_;
    if (wall >= least) slowed_.reset();
    return latest_ = std::max({latest_, least, wall});
}

void NeverBackwards::not_before(Instant at, Duration uptime) {
    if (at <= latest_) return;
    latest_ = at;
    uptime_ = uptime;
    slowed_ = {at, uptime};
}

namespace {

struct Followed {
    std::mutex mutex;
    NeverBackwards clock;
};

Followed &followed() {
    static Followed one;
    return one;
}

template <class TheirClock>
Duration since_epoch() {
    return std::chrono::duration_cast<Duration>(TheirClock::now().time_since_epoch());
}

struct Reading {
    Instant wall;
    Instant now;
};

Reading read() {
    const std::lock_guard lock(followed().mutex);
    const Instant wall = Instant{} + since_epoch<std::chrono::system_clock>();
    return {wall, followed().clock.read(wall, since_epoch<std::chrono::steady_clock>())};
}

} // namespace

Instant SystemClock::now() const {
    return read().now;
}

Duration SystemClock::ahead() const {
    const Reading reading = read();
    return reading.now - reading.wall;
}

void SystemClock::not_before(Instant at) {
    const std::lock_guard lock(followed().mutex);
    followed().clock.not_before(at, since_epoch<std::chrono::steady_clock>());
}

} // namespace fernamt
