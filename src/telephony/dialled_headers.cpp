// SPDX-License-Identifier: EUPL-1.2
#include "telephony/dialled_headers.h"

#include "base/text.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>

namespace fernamt::telephony {

namespace {

// Where the item that starts at 0 ends: the next comma outside quotes and angle brackets.
std::size_t end_of_item(std::string_view text) {
    bool in_quotes = false;
    bool in_brackets = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_quotes) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                in_quotes = false;
            continue;
        }
        if (c == '"') in_quotes = true;
        if (c == '<') in_brackets = true;
        if (c == '>') in_brackets = false;
        if (c == ',' && !in_brackets) return i;
    }
    return text.size();
}

std::size_t find_bracket(std::string_view text) { // "<" outside quotes
    bool in_quotes = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && in_quotes) {
            ++i;
            continue;
        }
        if (text[i] == '"') in_quotes = !in_quotes;
        if (text[i] == '<' && !in_quotes) return i;
    }
    return std::string_view::npos;
}

std::optional<Address> parse_address(std::string_view text) {
    text = trimmed(text);
    if (text.empty()) return std::nullopt;
    const std::size_t open = find_bracket(text);
    if (open == std::string_view::npos) { // addr-spec: parameters belong to the header
        const std::size_t semicolon = text.find(';');
        Address address;
        address.uri = std::string(trimmed(text.substr(0, semicolon)));
        if (semicolon != std::string_view::npos)
            address.params = std::string(text.substr(semicolon));
        return address;
    }
    const std::size_t close = text.find('>', open);
    if (close == std::string_view::npos) return std::nullopt;
    return Address{std::string(trimmed(text.substr(0, open))),
                   std::string(trimmed(text.substr(open + 1, close - open - 1))),
                   std::string(trimmed(text.substr(close + 1)))};
}

std::string percent_decoded(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned value = 0;
        if (text[i] == '%' && i + 2 < text.size()) {
            const auto parsed =
                std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16);
            if (parsed.ec == std::errc{} && parsed.ptr == text.data() + i + 3) {
                if (value >= 0x20 && value != 0x7f) result += static_cast<char>(value);
                i += 2;
                continue;
            }
        }
        result += text[i];
    }
    return result;
}

// The index of RFC 7044 10.2 as numbers: "1.10.2" is after "1.9".
std::vector<int> history_index(const Address &entry) {
    std::vector<int> result;
    const std::string text = param_of(entry.params, "index");
    const char *at = text.data();
    const char *end = at + text.size();
    while (at < end) {
        int number = 0;
        const auto parsed = std::from_chars(at, end, number);
        if (parsed.ec != std::errc{}) break;
        result.push_back(number);
        at = parsed.ptr + 1;
    }
    return result;
}

std::vector<Address> all_addresses(const std::vector<std::string> &values) {
    std::vector<Address> result;
    for (const auto &value : values)
        for (auto &address : split_addresses(value))
            result.push_back(std::move(address));
    return result;
}

std::string first_history_user(const std::vector<std::string> &values) {
    auto entries = all_addresses(values);
    if (entries.empty()) return {};
    const bool indexed = std::all_of(entries.begin(), entries.end(),
                                     [](const auto &e) { return !history_index(e).empty(); });
    if (indexed)
        std::stable_sort(entries.begin(), entries.end(), [](const auto &a, const auto &b) {
            return history_index(a) < history_index(b);
        });
    return uri_user(entries.front().uri);
}

} // namespace

std::vector<Address> split_addresses(std::string_view value) {
    std::vector<Address> result;
    while (!value.empty()) {
        const std::size_t end = end_of_item(value);
        if (auto address = parse_address(value.substr(0, end)))
            result.push_back(std::move(*address));
        value.remove_prefix(std::min(end + 1, value.size()));
    }
    return result;
}

std::string uri_user(std::string_view uri) {
    uri = trimmed(uri);
    const std::size_t colon = uri.find(':');
    if (colon == std::string_view::npos) return {};
    const std::string_view scheme = uri.substr(0, colon);
    std::string_view rest = uri.substr(colon + 1);
    const bool tel = same_ignoring_case(scheme, "tel");
    if (!tel && !same_ignoring_case(scheme, "sip") && !same_ignoring_case(scheme, "sips"))
        return {};
    if (!tel) {
        const std::size_t at = rest.find('@');
        if (at == std::string_view::npos) return {};
        rest = rest.substr(0, at);
        rest = rest.substr(0, rest.find(':')); // a password has no business here
    }
    return percent_decoded(rest.substr(0, rest.find_first_of(";?")));
}

std::string uri_host(std::string_view uri) {
    uri = trimmed(uri);
    const std::size_t colon = uri.find(':');
    if (colon == std::string_view::npos) return {};
    std::string_view rest = uri.substr(colon + 1);
    rest = rest.substr(0, rest.find_first_of("?>"));
    if (const std::size_t at = rest.find('@'); at != std::string_view::npos)
        rest = rest.substr(at + 1);
    if (!rest.empty() && rest.front() == '[') {
        const std::size_t close = rest.find(']');
        return close == std::string_view::npos ? std::string()
                                               : std::string(rest.substr(0, close + 1));
    }
    return std::string(rest.substr(0, rest.find_first_of(":;")));
}

std::string param_of(std::string_view params, std::string_view name) {
    while (!params.empty()) {
        const std::size_t semicolon = params.find(';');
        std::string_view item = trimmed(params.substr(0, semicolon));
        params.remove_prefix(semicolon == std::string_view::npos ? params.size() : semicolon + 1);
        const std::size_t equals = item.find('=');
        if (!same_ignoring_case(trimmed(item.substr(0, equals)), name)) continue;
        return equals == std::string_view::npos ? std::string()
                                                : std::string(trimmed(item.substr(equals + 1)));
    }
    return {};
}

std::vector<routing::DialledCandidate> dialled_candidates(const DialledHeaders &headers) {
    using routing::DialledSource;
    std::vector<routing::DialledCandidate> result;
    const auto add = [&](DialledSource source, std::string user) {
        if (!user.empty()) result.push_back({source, std::move(user)});
    };
    add(DialledSource::request_uri, uri_user(headers.request_uri));
    if (const auto called = all_addresses(headers.called_party); !called.empty())
        add(DialledSource::called_party_id, uri_user(called.front().uri));
    add(DialledSource::history_info, first_history_user(headers.history_info));
    // RFC 5806 4: a new diversion is put on top, so the first one set stands last.
    if (const auto diversions = all_addresses(headers.diversion); !diversions.empty())
        add(DialledSource::diversion, uri_user(diversions.back().uri));
    if (const auto to = split_addresses(headers.to); !to.empty())
        add(DialledSource::to, uri_user(to.front().uri));
    return result;
}

namespace {

std::string asserted_user(const CallerHeaders &headers) {
    if (!headers.trusted) return {};
    for (const auto &identity : all_addresses(headers.asserted))
        if (auto user = uri_user(identity.uri); !user.empty()) return user;
    return {};
}

bool asks_for(std::string_view privacy, std::initializer_list<std::string_view> wishes) {
    while (!privacy.empty()) {
        const std::size_t end = privacy.find_first_of(";,");
        const auto value = trimmed(privacy.substr(0, end));
        if (std::any_of(wishes.begin(), wishes.end(),
                        [&](std::string_view wish) { return same_ignoring_case(value, wish); }))
            return true;
        privacy.remove_prefix(end == std::string_view::npos ? privacy.size() : end + 1);
    }
    return false;
}

} // namespace

std::string caller_of(const CallerHeaders &headers) {
    const auto from = split_addresses(headers.from);
    const std::string from_user = from.empty() ? std::string() : uri_user(from.front().uri);
    const std::string from_host = from.empty() ? std::string() : uri_host(from.front().uri);
    // RFC 3323 4.2, RFC 3325 9.3; none means shown
    if (asks_for(headers.privacy, {"id", "user", "header"})) return {};
    if (same_ignoring_case(from_host, "anonymous.invalid") ||
        same_ignoring_case(from_user, "anonymous"))
        return {};
    const std::string asserted = asserted_user(headers);
    return asserted.empty() ? from_user : asserted;
}

bool hides_history(const CallerHeaders &headers) {
    return asks_for(headers.privacy, {"history", "header", "session"});
}

bool is_asserted(const CallerHeaders &headers) {
    return !asserted_user(headers).empty() && !caller_of(headers).empty();
}

} // namespace fernamt::telephony
