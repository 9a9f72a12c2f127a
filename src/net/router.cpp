// SPDX-License-Identifier: EUPL-1.2
// Which handler answers a path: literal segments win over {parameters}, segment by segment from the
// left; HEAD is answered wherever GET is.
#include "net/http.h"

#include <algorithm>
#include <stdexcept>

namespace fernamt::net {
namespace {

std::vector<std::string> split(std::string_view path) {
    std::vector<std::string> segments;
    std::size_t start = 1;
    while (start <= path.size()) {
        const std::size_t end = std::min(path.find('/', start), path.size());
        segments.emplace_back(path.substr(start, end - start));
        start = end + 1;
    }
    return segments;
}

bool is_parameter(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool fits(const std::vector<std::string> &pattern, const std::vector<std::string> &path) {
    return std::equal(pattern.begin(), pattern.end(), path.begin(), path.end(),
                      [](const std::string &wanted, const std::string &given) {
                          return is_parameter(wanted) ? !given.empty() : wanted == given;
                      });
}

bool more_specific(const std::vector<std::string> &a, const std::vector<std::string> &b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (is_parameter(a[i]) != is_parameter(b[i])) return is_parameter(b[i]);
    }
    return false;
}

void allow(std::vector<std::string> &allowed, const std::string &method) {
    if (std::find(allowed.begin(), allowed.end(), method) == allowed.end())
        allowed.push_back(method);
}

} // namespace

void Router::add(std::string method, std::string pattern, Handler handler) {
    if (pattern.empty() || pattern.front() != '/' || !handler)
        throw std::invalid_argument("a route needs a path and a handler: " + pattern);
    for (const Entry &entry : entries_) {
        if (entry.method == method && entry.pattern == pattern)
            throw std::invalid_argument("route defined twice: " + method + " " + pattern);
    }
    std::vector<std::string> segments = split(pattern);
    entries_.push_back(
        {std::move(method), std::move(pattern), std::move(segments), std::move(handler)});
}

std::vector<Router::Route> Router::routes() const {
    std::vector<Route> routes;
    for (const Entry &entry : entries_)
        routes.push_back({entry.method, entry.pattern});
    return routes;
}

Router::Match Router::match(std::string_view method, std::string_view path) const {
    Match match;
    if (path.empty() || path.front() != '/') return match;
    const std::vector<std::string> given = split(path);
    const std::string_view wanted = method;
    const Entry *best = nullptr;
    bool best_is_fallback = false;
    for (const Entry &entry : entries_) {
        if (!fits(entry.segments, given)) continue;
        allow(match.allowed, entry.method);
        if (entry.method == "GET") allow(match.allowed, "HEAD");
        const bool fallback = wanted == "HEAD" && entry.method == "GET";
        if (entry.method != wanted && !fallback) continue;
        const bool better =
            best == nullptr || more_specific(entry.segments, best->segments) ||
            (best_is_fallback && !fallback && !more_specific(best->segments, entry.segments));
        if (!better) continue;
        best = &entry;
        best_is_fallback = fallback;
    }
    if (best == nullptr) return match;
    match.handler = &best->handler;
    match.pattern = best->pattern;
    for (std::size_t i = 0; i < given.size(); ++i) {
        const std::string &segment = best->segments[i];
        if (is_parameter(segment))
            match.parameters.emplace(segment.substr(1, segment.size() - 2), given[i]);
    }
    return match;
}

} // namespace fernamt::net
