// SPDX-License-Identifier: EUPL-1.2
#include "telephony/diversion.h"

#include "base/text.h"
#include "telephony/dialled_headers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace fernamt::telephony {

namespace {

std::vector<std::string> entries_of(const std::vector<std::string> &values) {
    std::vector<std::string> entries;
    for (const auto &value : values) {
        for (const Address &address : split_addresses(value)) {
            if (!address.uri.empty()) entries.push_back("<" + address.uri + ">" + address.params);
        }
    }
    return entries;
}

PhoneNumber number_in(const std::string &entry) {
    const auto addresses = split_addresses(entry);
    if (addresses.empty()) return {};
    return parse_phone_number(uri_user(addresses.front().uri)).value_or(PhoneNumber{});
}

std::string param_in(const std::string &entry, std::string_view name) {
    const auto addresses = split_addresses(entry);
    return addresses.empty() ? std::string() : param_of(addresses.front().params, name);
}

std::string host_of(const std::string &uri) { // "sip:1@trunk:5060;transport=udp" -> "trunk:5060"
    const auto at = uri.find('@');
    const auto begin = at == std::string::npos ? std::min(uri.find(':') + 1, uri.size()) : at + 1;
    return uri.substr(begin, uri.find_first_of(";?>", begin) - begin);
}

// The address of whoever it is goes, its place in the history and the reason stay.
std::string unnamed(const std::string &entry) {
    const auto addresses = split_addresses(entry);
    return "<sip:anonymous@anonymous.invalid>" +
           (addresses.empty() ? std::string() : addresses.front().params);
}

// "<sip:1@a?Privacy=history>;index=1", "<sip:1@a>;privacy=full" (RFC 5806).
bool hides_itself(const std::string &entry) {
    const auto addresses = split_addresses(entry);
    if (addresses.empty()) return false;
    const std::string uri = lower_ascii(addresses.front().uri);
    const auto headers = uri.find('?');
    const bool by_history = headers != std::string::npos &&
                            uri.find("privacy=", headers) != std::string::npos &&
                            uri.find("privacy=none", headers) == std::string::npos;
    const std::string privacy = lower_ascii(param_of(addresses.front().params, "privacy"));
    return by_history || privacy == "full" || privacy == "uri";
}

struct Why {
    int cause = 302;                         // RFC 4458
    const char *diversion = "unconditional"; // RFC 5806
};

Why why(routing::Rule rule) {
    switch (rule) {
    case routing::Rule::overflow_closed:
    case routing::Rule::overflow_planned:
        return {302, "time-of-day"};
    case routing::Rule::overflow_queue_length:
        return {486, "user-busy"};
    case routing::Rule::overflow_longest_wait:
        return {408, "no-answer"};
    default:
        return {};
    }
}

} // namespace

Diverted diverted_of(const WayHere &way) {
    Diverted result{entries_of(way.history_info), entries_of(way.diversion), way.hides_history};
    auto &history = result.history; // oldest first
    if (history.size() > kMostDiversions) {
        const auto surplus = static_cast<std::ptrdiff_t>(history.size() - kMostDiversions);
        history.erase(history.begin() + 1, history.begin() + 1 + surplus);
    }
    auto &diversions = result.diversions; // newest first
    if (diversions.size() > kMostDiversions) {
        const auto surplus = static_cast<std::ptrdiff_t>(diversions.size() - kMostDiversions);
        diversions.erase(diversions.end() - 1 - surplus, diversions.end() - 1);
    }
    return result;
}

std::int64_t hops_of(const Diverted &diverted) {
    const auto by_history = static_cast<std::int64_t>(diverted.history.size()) - 1;
    std::int64_t by_diversion = 0;
    for (const auto &entry : diverted.diversions) {
        const std::string counter = param_in(entry, "counter");
        std::int64_t times = 1;
        std::from_chars(counter.data(), counter.data() + counter.size(), times);
        by_diversion += std::clamp<std::int64_t>(times, 1, 100);
    }
    return std::max<std::int64_t>({by_history, by_diversion, 0});
}

bool was_at(const Diverted &diverted, const PhoneNumber &number) {
    const auto names_it = [&](const std::string &entry) { return number_in(entry) == number; };
    return std::any_of(diverted.history.begin(), diverted.history.end(), names_it) ||
           std::any_of(diverted.diversions.begin(), diverted.diversions.end(), names_it);
}

std::vector<std::pair<std::string, std::string>> headers_for_forward(const Diverted &before,
                                                                     const PhoneNumber &dialled,
                                                                     const std::string &target_uri,
                                                                     routing::Rule rule) {
    const auto [cause, reason] = why(rule);
    const std::string ours = fmt::format("<sip:{}@{}", dialled.e164, host_of(target_uri));
    const auto shown = [&](std::vector<std::string> entries) {
        for (std::string &entry : entries)
            if (before.hidden || hides_itself(entry)) entry = unnamed(entry);
        return entries;
    };
    std::vector<std::string> history = shown(before.history);
    if (history.empty()) history.push_back(ours + ">;index=1");
    std::string last = param_in(history.back(), "index");
    if (last.empty()) last = "1"; // malformed, but it was somewhere
    const std::string target = target_uri.substr(0, target_uri.find_first_of(";?"));
    // The cause belongs into the URI (RFC 7044 10.2, RFC 4458), mp says which entry was mapped.
    history.push_back(fmt::format("<{};cause={}>;index={}.1;mp={}", target, cause, last, last));

    std::vector<std::pair<std::string, std::string>> headers;
    for (const auto &entry : history)
        headers.emplace_back("History-Info", entry);
    headers.emplace_back("Diversion", fmt::format("{}>;reason={};counter=1", ours, reason));
    for (const auto &entry : shown(before.diversions)) // newest first: ours stands above
        headers.emplace_back("Diversion", entry);
    if (before.hidden) headers.emplace_back("Privacy", "history");
    return headers;
}

} // namespace fernamt::telephony
