// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/html.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace fernamt::knowledge {

namespace {

constexpr std::array<std::string_view, 19> kAllowed{"p",  "br", "h1",     "h2", "h3", "h4",  "h5",
                                                    "h6", "b",  "strong", "i",  "em", "sup", "sub",
                                                    "ul", "ol", "li",     "a",  ""};
constexpr std::array<std::string_view, 9> kDroppedWithContent{
    "script", "style", "iframe", "object", "svg", "math", "template", "noscript", "title"};
constexpr std::array<std::string_view, 13> kBreaks{"p",  "br", "h1", "h2", "h3",  "h4", "h5",
                                                   "h6", "li", "ul", "ol", "div", "tr"};
constexpr std::size_t kDeepest = 64;

template <std::size_t N>
bool in(const std::array<std::string_view, N> &names, std::string_view name) {
    return !name.empty() && std::ranges::find(names, name) != names.end();
}

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == ':';
}
void append_utf8(std::string &out, std::uint32_t point) {
    if (point == 0 || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) point = 0xfffd;
    if (point < 0x80) {
        out += static_cast<char>(point);
    } else if (point < 0x800) {
        out += static_cast<char>(0xc0 | (point >> 6));
        out += static_cast<char>(0x80 | (point & 0x3f));
    } else if (point < 0x10000) {
        out += static_cast<char>(0xe0 | (point >> 12));
        out += static_cast<char>(0x80 | ((point >> 6) & 0x3f));
        out += static_cast<char>(0x80 | (point & 0x3f));
    } else {
        out += static_cast<char>(0xf0 | (point >> 18));
        out += static_cast<char>(0x80 | ((point >> 12) & 0x3f));
        out += static_cast<char>(0x80 | ((point >> 6) & 0x3f));
        out += static_cast<char>(0x80 | (point & 0x3f));
    }
}

struct Entity {
    std::string_view name;
    std::uint32_t point;
};
constexpr std::array<Entity, 25> kEntities{
    {{"amp", '&'},      {"lt", '<'},        {"gt", '>'},       {"quot", '"'},
     {"apos", '\''},    {"nbsp", 0xa0},     {"auml", 0xe4},    {"ouml", 0xf6},
     {"uuml", 0xfc},    {"Auml", 0xc4},     {"Ouml", 0xd6},    {"Uuml", 0xdc},
     {"szlig", 0xdf},   {"euro", 0x20ac},   {"sect", 0xa7},    {"ndash", 0x2013},
     {"mdash", 0x2014}, {"hellip", 0x2026}, {"bdquo", 0x201e}, {"ldquo", 0x201c},
     {"rdquo", 0x201d}, {"shy", 0xad},      {"bull", 0x2022},  {"middot", 0xb7},
     {"eacute", 0xe9}}};

// The character at "&...;" and the length of the reference.
std::optional<std::pair<std::uint32_t, std::size_t>> reference(std::string_view text) {
    const auto end = text.substr(0, 12).find(';');
    if (end == std::string_view::npos || end < 2) return std::nullopt;
    std::string_view name = text.substr(1, end - 1);
    if (name.front() != '#') {
        const auto found = std::ranges::find(kEntities, name, &Entity::name);
        if (found == kEntities.end()) return std::nullopt;
        return std::pair{found->point, end + 1};
    }
    name.remove_prefix(1);
    const bool hex = !name.empty() && (name.front() == 'x' || name.front() == 'X');
    if (hex) name.remove_prefix(1);
    std::uint32_t point = 0;
    const auto [last, error] =
        std::from_chars(name.data(), name.data() + name.size(), point, hex ? 16 : 10);
    if (error != std::errc{} || last != name.data() + name.size()) return std::nullopt;
    return std::pair{point, end + 1};
}

std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '&') {
            if (const auto found = reference(text.substr(at))) {
                append_utf8(out, found->first);
                at += found->second;
                continue;
            }
        }
        out += text[at++];
    }
    return out;
}

struct Tag {
    std::string name; // lower case; empty: a comment, a declaration, an instruction
    bool closing = false;
    std::string href; // decoded
};

// Reads attributes until '>'; only href is of interest.
std::string read_href(std::string_view inside) {
    while (!inside.empty()) {
        while (!inside.empty() && !is_name(inside.front()))
            inside.remove_prefix(1);
        std::size_t end = 0;
        while (end < inside.size() && is_name(inside[end]))
            ++end;
        const std::string name = lower_ascii(inside.substr(0, end));
        inside.remove_prefix(end);
        while (!inside.empty() && is_space(inside.front()))
            inside.remove_prefix(1);
        if (inside.empty() || inside.front() != '=') continue;
        inside.remove_prefix(1);
        while (!inside.empty() && is_space(inside.front()))
            inside.remove_prefix(1);
        std::string_view value;
        if (!inside.empty() && (inside.front() == '"' || inside.front() == '\'')) {
            const auto close = std::min(inside.find(inside.front(), 1), inside.size());
            value = inside.substr(1, close - 1);
            inside.remove_prefix(std::min(close + 1, inside.size()));
        } else {
            std::size_t length = 0;
            while (length < inside.size() && !is_space(inside[length]))
                ++length;
            value = inside.substr(0, length);
            inside.remove_prefix(length);
        }
        if (name == "href") return decoded(value);
    }
    return {};
}

// The tag that begins at text[0] == '<', and its length; nothing if it is no tag.
std::optional<std::pair<Tag, std::size_t>> read_tag(std::string_view text) {
    if (text.starts_with("<!--")) {
        const auto end = text.find("-->", 4);
        return std::pair{Tag{}, end == std::string_view::npos ? text.size() : end + 3};
    }
    if (text.size() < 2) return std::nullopt;
    if (text[1] == '!' || text[1] == '?') {
        const auto end = text.find('>');
        return std::pair{Tag{}, end == std::string_view::npos ? text.size() : end + 1};
    }
    Tag tag;
    std::size_t at = 1;
    if (text[at] == '/') {
        tag.closing = true;
        ++at;
    }
    const std::size_t from = at;
    while (at < text.size() && is_name(text[at]))
        ++at;
    if (at == from) return std::nullopt;
    tag.name = lower_ascii(text.substr(from, at - from));
    const std::size_t inside = at;
    char quote = 0;
    while (at < text.size() && (quote != 0 || text[at] != '>')) {
        if (quote != 0) {
            if (text[at] == quote) quote = 0;
        } else if (text[at] == '"' || text[at] == '\'') {
            quote = text[at];
        }
        ++at;
    }
    if (tag.name == "a" && !tag.closing) tag.href = read_href(text.substr(inside, at - inside));
    return std::pair{tag, std::min(at + 1, text.size())};
}

// Behind the end tag of the element that must not be shown.
std::size_t after_element(std::string_view text, std::size_t at, std::string_view name) {
    const std::string end = "</" + std::string(name);
    for (; at < text.size(); ++at) {
        if (text[at] != '<' || lower_ascii(text.substr(at, end.size())) != end) continue;
        return std::min(text.find('>', at), text.size() - 1) + 1;
    }
    return text.size();
}

// Calls on_text for text and on_tag for tags; what is dropped with its content is not seen.
template <class OnText, class OnTag>
void scan(std::string_view html, const OnText &on_text, const OnTag &on_tag) {
    std::size_t at = 0;
    while (at < html.size()) {
        if (html[at] == '<') {
            if (const auto tag = read_tag(html.substr(at))) {
                at += tag->second;
                if (!tag->first.closing && in(kDroppedWithContent, tag->first.name)) {
                    at = after_element(html, at, tag->first.name);
                } else if (!tag->first.name.empty()) {
                    on_tag(tag->first);
                }
                continue;
            }
            on_text(html.substr(at, 1));
            ++at;
            continue;
        }
        const auto end = std::min(html.find('<', at), html.size());
        on_text(html.substr(at, end - at));
        at = end;
    }
}

} // namespace

std::string escape_html(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

bool is_safe_address(std::string_view uri) {
    std::string plain; // browsers ignore blanks and control characters within the scheme
    for (const char c : uri.substr(0, 64)) {
        if (static_cast<unsigned char>(c) > ' ') plain += c;
    }
    plain = lower_ascii(plain);
    for (const std::string_view scheme : {"https://", "http://", "mailto:", "tel:"}) {
        if (plain.starts_with(scheme)) return true;
    }
    return false;
}

std::string clean_html(std::string_view html) {
    std::string out;
    out.reserve(html.size());
    std::vector<std::string> open;
    const auto on_text = [&](std::string_view text) { out += escape_html(decoded(text)); };
    const auto on_tag = [&](const Tag &tag) {
        if (!in(kAllowed, tag.name)) {
            if (in(kBreaks, tag.name) && !tag.closing && !out.empty()) out += "<br>";
            return;
        }
        if (tag.name == "br") {
            out += "<br>";
            return;
        }
        if (!tag.closing) {
            if (open.size() >= kDeepest) return;
            if (tag.name == "a") {
                if (!is_safe_address(tag.href)) return; // the text stays
                out += "<a href=\"" + escape_html(tag.href) + "\">";
            } else {
                out += "<" + tag.name + ">";
            }
            open.push_back(tag.name);
            return;
        }
        if (std::ranges::find(open, tag.name) == open.end()) return;
        while (open.back() != tag.name) { // close what was left open inside
            out += "</" + open.back() + ">";
            open.pop_back();
        }
        out += "</" + tag.name + ">";
        open.pop_back();
    };
    scan(html, on_text, on_tag);
    for (; !open.empty(); open.pop_back())
        out += "</" + open.back() + ">";
    return out;
}

std::vector<std::string> plain_lines(std::string_view html) {
    std::vector<std::string> lines;
    std::string line;
    const auto finish = [&] {
        const std::string_view text = trimmed(line, " \t\n\r\f");
        if (!text.empty()) lines.emplace_back(text);
        line.clear();
    };
    scan(
        html,
        [&](std::string_view text) {
            for (const char c : decoded(text)) {
                const char one = is_space(c) ? ' ' : c;
                if (one == ' ' && (line.empty() || line.back() == ' ')) continue;
                line += one;
            }
        },
        [&](const Tag &tag) {
            if (in(kBreaks, tag.name)) finish();
        });
    finish();
    // A line of no-break spaces alone is empty to a reader.
    std::erase_if(lines, [](const std::string &each) {
        std::string_view rest = each;
        while (rest.starts_with("\xC2\xA0") || rest.starts_with(' '))
            rest.remove_prefix(rest.front() == ' ' ? 1 : 2);
        return rest.empty();
    });
    return lines;
}

std::string plain_text(std::string_view html) {
    std::string text;
    for (const std::string &line : plain_lines(html)) {
        if (!text.empty()) text += '\n';
        text += line;
    }
    return text;
}

} // namespace fernamt::knowledge
