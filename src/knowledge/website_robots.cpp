// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/website_robots.h"

#include "base/text.h"

#include <algorithm>
#include <charconv>

namespace fernamt::knowledge {

namespace {

constexpr std::size_t kMostRead = std::size_t{500} * 1024;
constexpr int kLongestDelay = 60;

struct Line {
    std::string name; // lower case
    std::string_view value;
};

Line parse_line(std::string_view line) {
    line = line.substr(0, line.find('#'));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return {};
    return {lower_ascii(trimmed(line.substr(0, colon))), trimmed(line.substr(colon + 1))};
}

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
int value_of(char c) {
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

// Octets are compared as they are meant: "%7e" is "~", what is not ASCII is escaped (2.2.2).
std::string normalised(std::string_view path) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out;
    for (std::size_t i = 0; i < path.size(); ++i) {
        auto octet = static_cast<unsigned char>(path[i]);
        const bool escape =
            path[i] == '%' && i + 2 < path.size() && is_hex(path[i + 1]) && is_hex(path[i + 2]);
        if (escape) {
            octet = static_cast<unsigned char>(value_of(path[i + 1]) * 16 + value_of(path[i + 2]));
            i += 2;
        }
        const bool unreserved = (octet >= '0' && octet <= '9') || (octet >= 'a' && octet <= 'z') ||
                                (octet >= 'A' && octet <= 'Z') || octet == '-' || octet == '.' ||
                                octet == '_' || octet == '~';
        if (unreserved || (!escape && octet > ' ' && octet < 0x7f)) {
            out += static_cast<char>(octet);
        } else {
            out += '%';
            out += kDigits[octet >> 4];
            out += kDigits[octet & 15];
        }
    }
    return out;
}

// Backtracks over the last "*" only: linear in practice, never exponential.
bool matches(std::string_view pattern, std::string_view path) {
    const bool to_the_end = pattern.ends_with('$');
    if (to_the_end) pattern.remove_suffix(1);
    std::size_t p = 0;
    std::size_t at = 0;
    std::size_t star = std::string_view::npos;
    std::size_t star_at = 0;
    while (at < path.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = ++p;
            star_at = at;
        } else if (p < pattern.size() && pattern[p] == path[at]) {
            ++p;
            ++at;
        } else if (p == pattern.size() && !to_the_end) {
            return true;
        } else if (star != std::string_view::npos) {
            p = star;
            at = ++star_at;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p == pattern.size();
}

} // namespace

Robots Robots::nothing() {
    Robots made("", "");
    made.rules_.push_back({"/", false});
    return made;
}

Robots::Robots(std::string_view text, std::string_view agent) {
    text = text.substr(0, kMostRead);
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    struct Group {
        std::vector<Rule> rules;
        int delay = 0;
        bool found = false;
    } own, any;
    bool ours = false;
    bool all = false;
    bool in_names = false; // user-agent lines that follow each other make one group
    const std::string wanted = lower_ascii(agent);
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of("\r\n"), text.size());
        const Line line = parse_line(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.name == "user-agent") {
            if (!in_names) ours = all = false;
            in_names = true;
            // "Fernamt/1.0" names the product token before the slash.
            const std::string name = lower_ascii(line.value.substr(0, line.value.find('/')));
            if (name == "*") all = any.found = true;
            if (!wanted.empty() && name == wanted) ours = own.found = true;
            continue;
        }
        if (line.name == "sitemap") { // belongs to no group
            if (!line.value.empty()) sitemaps_.emplace_back(line.value);
            continue;
        }
        const bool rule = line.name == "allow" || line.name == "disallow";
        int delay = 0;
        if (line.name == "crawl-delay") {
            std::from_chars(line.value.data(), line.value.data() + line.value.size(), delay);
        }
        if (!rule && line.name != "crawl-delay") continue;
        in_names = false;
        for (Group *group : {ours ? &own : nullptr, all ? &any : nullptr}) {
            if (!group) continue;
            group->delay = std::max(group->delay, std::clamp(delay, 0, kLongestDelay));
            if (rule && !line.value.empty()) {
                group->rules.push_back({normalised(line.value), line.name == "allow"});
            }
        }
    }
    Group &chosen = own.found ? own : any;
    rules_ = std::move(chosen.rules);
    delay_ = chosen.delay;
}

bool Robots::allows(std::string_view given) const {
    if (given == "/robots.txt") return true;
    const std::string path = normalised(given);
    std::size_t longest = 0;
    bool allowed = true;
    for (const Rule &rule : rules_) {
        if (rule.path.size() < longest || !matches(rule.path, path)) continue;
        if (rule.path.size() == longest && allowed) continue;
        longest = rule.path.size();
        allowed = rule.allow;
    }
    return allowed;
}

} // namespace fernamt::knowledge
