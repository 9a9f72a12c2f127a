// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/opening_hours.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace fernamt::knowledge {

namespace {

struct Token {
    enum class Kind { day, time, to, also, closed, noise, any_day, unknown };
    Kind kind = Kind::unknown;
    int value = 0;     // weekday 0..6 or minute of the day
    bool bare = false; // a time without minutes, "8"; a day that may be another word, "so"
};

struct DayName {
    std::string_view text; // lower case
    int weekday;
};
constexpr std::array<DayName, 23> kDays{
    {{"montag", 0},      {"montags", 0},  {"mo", 0},        {"dienstag", 1},  {"dienstags", 1},
     {"di", 1},          {"mittwoch", 2}, {"mittwochs", 2}, {"mi", 2},        {"donnerstag", 3},
     {"donnerstags", 3}, {"do", 3},       {"freitag", 4},   {"freitags", 4},  {"fr", 4},
     {"samstag", 5},     {"samstags", 5}, {"sa", 5},        {"sonnabend", 5}, {"sonnabends", 5},
     {"sonntag", 6},     {"sonntags", 6}, {"so", 6}}};

// With them the days that a line names are not the only ones it is about.
constexpr std::array<std::string_view, 21> kAnyDay{
    "täglich", "werktags", "werktage", "wochentags", "außer",     "ausser",     "sonst",
    "übrigen", "allen",    "alle",     "anderen",    "tage",      "feiertagen", "ferien",
    "woche",   "sonn",     "feiertag", "feiertags",  "feiertage", "wochenende", "wochenenden"};

bool is_letter(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

Token word_token(std::string_view word) {
    for (const DayName &day : kDays) {
        if (day.text == word)
            return {.kind = Token::Kind::day, .value = day.weekday, .bare = word == "so"};
    }
    if (word == "bis") return {.kind = Token::Kind::to};
    if (word == "und" || word == "sowie") return {.kind = Token::Kind::also};
    if (word == "geschlossen") return {.kind = Token::Kind::closed};
    if (word == "uhr" || word == "von" || word == "h") return {.kind = Token::Kind::noise};
    if (std::ranges::find(kAnyDay, word) != kAnyDay.end()) return {.kind = Token::Kind::any_day};
    return {};
}

// "8", "08:00", "8.30"; removes it from text.
Token time_token(std::string_view &text) {
    const auto number = [&]() {
        int value = 0;
        std::size_t digits = 0;
        while (digits < text.size() && is_digit(text[digits]) && digits < 4)
            value = value * 10 + (text[digits++] - '0');
        text.remove_prefix(digits);
        return std::pair{value, digits};
    };
    const auto [hour, hour_digits] = number();
    int minute = 0;
    bool bare = true;
    if (text.size() >= 3 && (text[0] == ':' || text[0] == '.') && is_digit(text[1]) &&
        is_digit(text[2])) {
        text.remove_prefix(1);
        const auto [read, digits] = number();
        if (digits != 2) return {};
        minute = read;
        bare = false;
    }
    if (hour_digits > 2 || hour > 24 || minute > 59 || hour * 60 + minute > 1440) return {};
    return {.kind = Token::Kind::time, .value = hour * 60 + minute, .bare = bare};
}

bool take(std::string_view &text, std::string_view start) {
    if (!text.starts_with(start)) return false;
    text.remove_prefix(start.size());
    return true;
}

// Dashes and blanks beyond ASCII as ASCII, so that what is left beyond it are letters.
std::string simplified(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view rest = text.substr(at);
        if (rest.starts_with("\xC2\xA0")) {
            out += ' ';
            at += 2;
        } else if (rest.starts_with("\xE2\x80\x93") || rest.starts_with("\xE2\x80\x94")) {
            out += '-';
            at += 3;
        } else {
            out += text[at++];
        }
    }
    return out;
}

std::vector<Token> tokens_of(std::string_view line) {
    std::vector<Token> tokens;
    while (!line.empty()) {
        const unsigned char c = static_cast<unsigned char>(line.front());
        if (c <= ' ' || c == ':' || c == '.' || c == ';') {
            line.remove_prefix(1);
        } else if (take(line, "-")) {
            tokens.push_back({.kind = Token::Kind::to});
        } else if (take(line, ",") || take(line, "+") || take(line, "/") || take(line, "&")) {
            tokens.push_back({.kind = Token::Kind::also});
        } else if (is_digit(line.front())) {
            tokens.push_back(time_token(line));
        } else if (is_letter(c)) {
            std::size_t end = 0;
            while (end < line.size() && is_letter(static_cast<unsigned char>(line[end])))
                ++end;
            tokens.push_back(word_token(lower_ascii(line.substr(0, end))));
            line.remove_prefix(end);
        } else {
            tokens.push_back({});
            line.remove_prefix(1);
        }
        if (tokens.size() > 200) return {Token{}}; // nobody's opening hours
    }
    std::erase_if(tokens, [](const Token &token) { return token.kind == Token::Kind::noise; });
    return tokens;
}

class Line {
  public:
    explicit Line(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

    // Days, then times or "geschlossen", as often as the line has them.
    [[nodiscard]] std::optional<std::vector<OpeningInterval>> read() {
        std::vector<OpeningInterval> found;
        while (at_ < tokens_.size()) {
            const auto days = read_days();
            if (days.empty() || !read_times(days, found)) return std::nullopt;
        }
        return found;
    }

  private:
    using Kind = Token::Kind;
    [[nodiscard]] bool is(Kind kind, std::size_t ahead = 0) const {
        return at_ + ahead < tokens_.size() && tokens_[at_ + ahead].kind == kind;
    }

    std::vector<int> read_days() {
        std::vector<int> days;
        while (is(Kind::also))
            ++at_;
        while (is(Kind::day)) {
            const int first = tokens_[at_++].value;
            int last = first;
            if (is(Kind::to) && is(Kind::day, 1)) {
                last = tokens_[at_ + 1].value;
                at_ += 2;
            }
            if (last < first) return {};
            for (int day = first; day <= last; ++day)
                days.push_back(day);
            if (is(Kind::also) && is(Kind::day, 1)) ++at_;
        }
        return days;
    }

    bool read_times(const std::vector<int> &days, std::vector<OpeningInterval> &found) {
        if (is(Kind::closed)) {
            ++at_;
            return true;
        }
        bool any = false;
        while (is(Kind::time) && is(Kind::to, 1) && is(Kind::time, 2)) {
            const int from = tokens_[at_].value;
            const int to = tokens_[at_ + 2].value;
            if (to <= from) return false;
            at_ += 3;
            any = true;
            for (const int day : days)
                found.push_back({static_cast<Weekday>(day), from, to});
            if (is(Kind::also) && is(Kind::time, 1)) ++at_;
        }
        return any;
    }

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
};

// What a line is about that was not understood.
std::bitset<7> days_in(const std::vector<Token> &tokens) {
    using Kind = Token::Kind;
    std::bitset<7> days;
    const auto is = [&](std::size_t at, Kind kind) {
        return at < tokens.size() && tokens[at].kind == kind;
    };
    const auto among_days = [&](std::size_t at) { // "Sa, So", "Sa und So"; not "So erreichen Sie"
        return is(at, Kind::day) || is(at, Kind::also) || is(at, Kind::to);
    };
    const auto is_day = [&](std::size_t at) {
        if (!is(at, Kind::day)) return false;
        return !tokens[at].bare || among_days(at + 1) || (at > 0 && among_days(at - 1));
    };
    for (std::size_t at = 0; at < tokens.size(); ++at) {
        if (tokens[at].kind == Kind::any_day) return std::bitset<7>{}.set();
        if (!is_day(at)) continue;
        const int first = tokens[at].value;
        const bool range = at + 2 < tokens.size() && tokens[at + 1].kind == Kind::to &&
                           tokens[at + 2].kind == Kind::day;
        const int last = range ? tokens[at + 2].value : first;
        for (int day = first; day != last; day = (day + 1) % 7)
            days.set(static_cast<std::size_t>(day));
        days.set(static_cast<std::size_t>(last));
    }
    return days.none() ? days.set() : days;
}

} // namespace

OpeningHours parse_opening_hours(std::string_view original) {
    const std::string simple = simplified(original);
    std::string_view text = simple;
    OpeningHours hours;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        auto tokens = tokens_of(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (tokens.empty()) continue;
        const auto found = Line(tokens).read();
        if (!found) {
            hours.unclear |= days_in(tokens);
            continue;
        }
        hours.intervals.insert(hours.intervals.end(), found->begin(), found->end());
    }
    std::ranges::sort(hours.intervals);
    const auto twice = std::ranges::unique(hours.intervals);
    hours.intervals.erase(twice.begin(), twice.end());
    return hours;
}

} // namespace fernamt::knowledge
