// SPDX-License-Identifier: EUPL-1.2
#include "web/language.h"

#include "base/text.h"

#include <algorithm>
#include <cctype>

namespace fernamt::web {

namespace {

// "de", "de-DE" and "DE" mean German; "*" is nobody's preference.
bool is_language(std::string_view range, std::string_view wanted) {
    if (range.size() < wanted.size()) return false;
    const bool same = std::equal(wanted.begin(), wanted.end(), range.begin(), [](char a, char b) {
        return a == std::tolower(static_cast<unsigned char>(b));
    });
    return same && (range.size() == wanted.size() || range[wanted.size()] == '-');
}

// "q=0.8" -> 800; malformed weights count as 0, a missing one as 1000.
int weight_of(std::string_view parameters) {
    parameters = trimmed(parameters, kBlanksOfALine);
    if (parameters.empty()) return 1000;
    if (!parameters.starts_with("q=") && !parameters.starts_with("Q=")) return 0;
    parameters.remove_prefix(2);
    if (parameters.empty() || (parameters.front() != '0' && parameters.front() != '1')) return 0;
    int weight = (parameters.front() - '0') * 1000;
    if (parameters.size() < 2 || parameters[1] != '.') return weight;
    int place = 100;
    for (const char c : parameters.substr(2, 3)) {
        if (c < '0' || c > '9') return 0;
        weight += (c - '0') * place;
        place /= 10;
    }
    return std::min(weight, 1000);
}

} // namespace

std::string_view to_string(Language language) {
    return language == Language::german ? "de" : "en";
}

Language preferred_language(std::string_view accept_language) {
    int german = 0;
    int english = 0;
    while (!accept_language.empty()) {
        const std::size_t comma = std::min(accept_language.find(','), accept_language.size());
        const std::string_view part = trimmed(accept_language.substr(0, comma), kBlanksOfALine);
        accept_language.remove_prefix(std::min(comma + 1, accept_language.size()));

        const std::size_t semicolon = std::min(part.find(';'), part.size());
        const std::string_view range = trimmed(part.substr(0, semicolon), kBlanksOfALine);
        const int weight = weight_of(part.substr(std::min(semicolon + 1, part.size())));
        if (is_language(range, "de")) german = std::max(german, weight);
        if (is_language(range, "en")) english = std::max(english, weight);
    }
    // Lists are usually given in the order of preference, but only the weights count.
    return english > german ? Language::english : Language::german;
}

} // namespace fernamt::web
