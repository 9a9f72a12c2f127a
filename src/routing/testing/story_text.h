// SPDX-License-Identifier: EUPL-1.2
// The words of a story's lines: splitting, patterns, times and days. Only for the stories' runner.
#pragma once

#include "base/calendar.h"
#include "base/text.h"
#include "routing/event.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fernamt::routing::testing {

using Words = std::vector<std::string>;

// ---------------------------------------------------------------------------------------- reading

inline Words split(std::string_view text, char separator) {
    Words parts;
    std::istringstream stream{std::string(text)};
    for (std::string part; std::getline(stream, part, separator);) {
        if (const auto kept = trimmed(part); !kept.empty()) parts.emplace_back(kept);
    }
    return parts;
}

inline std::string one_blank_each(std::string_view text) { // layout does not matter
    return fmt::format("{}", fmt::join(split(text, ' '), " "));
}

// Words of the pattern match themselves; "?" takes one word, "..." takes the rest.
inline std::optional<Words> match(const Words &words, std::string_view pattern) {
    Words taken;
    std::size_t at = 0;
    for (const std::string &wanted : split(pattern, ' ')) {
        if (wanted == "...") {
            if (at == words.size()) return std::nullopt;
            std::string rest = words[at];
            for (++at; at < words.size(); ++at)
                rest += " " + words[at];
            taken.push_back(rest);
        } else if (at == words.size()) {
            return std::nullopt;
        } else if (wanted == "?") {
            taken.push_back(words[at++]);
        } else if (words[at++] != wanted) {
            return std::nullopt;
        }
    }
    if (at != words.size()) return std::nullopt;
    return taken;
}

inline int seconds_of_day(std::string_view text) { // "08:00" or "08:00:30"
    const Words parts = split(text, ':');
    if (parts.size() < 2) throw std::runtime_error("no time of day: " + std::string(text));
    const int second = parts.size() > 2 ? std::stoi(parts[2]) : 0;
    return std::stoi(parts[0]) * 3600 + std::stoi(parts[1]) * 60 + second;
}

inline Weekday to_weekday(std::string_view name) {
    constexpr std::string_view kNames[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    const auto found = std::find(std::begin(kNames), std::end(kNames), name);
    if (found == std::end(kNames)) throw std::runtime_error("no weekday: " + std::string(name));
    return static_cast<Weekday>(found - std::begin(kNames));
}

template <class Enum>
Enum to_enum(std::string_view name, std::initializer_list<std::pair<std::string_view, Enum>> all) {
    for (const auto &[known, value] : all) {
        if (known == name) return value;
    }
    throw std::runtime_error("unknown word: " + std::string(name));
}

inline HangUpCause to_cause(std::string_view name) {
    return to_enum<HangUpCause>(name, {{"(media_lost)", HangUpCause::media_lost},
                                       {"(signalling)", HangUpCause::signalling},
                                       {"(restart)", HangUpCause::restart},
                                       {"(replaced)", HangUpCause::replaced}});
}

} // namespace fernamt::routing::testing
