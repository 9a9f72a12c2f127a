// SPDX-License-Identifier: EUPL-1.2
#include "web/gate.h"

#include "base/log.h"
#include "web/problem.h"
#include "web/request_values.h"
#include "web/rule_preview.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace fernamt::web {

namespace {

bool changes_state(std::string_view method) {
    return method != "GET" && method != "HEAD";
}

// A page of another origin can send neither this header (no CORS) nor the cookie (SameSite=Strict).
Expected<void> check_forgery(const net::Request &request) {
    if (!changes_state(request.method) || header_of(request, "x-fernamt") == "1") return {};
    return fail(ProblemKind::forbidden, "request.forgery_header_missing");
}

Expected<void> check_trials(Trials trials, const net::Request &request) {
    if (trials == Trials::known || !changes_state(request.method)) return {};
    if (request.query.contains("preview")) return invalid_value("preview", "not_known_here");
    if (trials == Trials::refused && request.query.contains("from"))
        return invalid_value("from", "not_known_here");
    return {};
}

net::Response to_http(const Reply &reply) {
    net::Response response;
    response.status = reply.status;
    response.headers = reply.headers;
    if (!reply.body.empty()) response.headers.emplace_back("Content-Type", reply.content_type);
    // Answers are about now and about this user: nobody may keep them, unless the handler knows
    // better, as those of the public pages do.
    const bool kept = std::ranges::any_of(
        reply.headers, [](const auto &header) { return header.first == "Cache-Control"; });
    if (!kept) response.headers.emplace_back("Cache-Control", "no-store");
    response.body = reply.body;
    return response;
}

Problem defect(const RouteRule &rule, const net::Request &request, std::string_view what) {
    log::error("web.defect", {{"route", rule.pattern},
                              {"method", rule.method},
                              {"request", request.request_id},
                              {"what", what}});
    return {ProblemKind::internal, "internal.defect", {{"request", request.request_id}}};
}

void log_problem(const RouteRule &rule, const net::Request &request, const Problem &problem) {
    const int status = http_status(problem.kind);
    if (status < 500) return;
    log::error("web.problem", {{"route", rule.pattern},
                               {"method", rule.method},
                               {"request", request.request_id},
                               {"problem", describe(problem)}});
}

} // namespace

Gate::Gate(FindCaller find_caller, const Clock &clock, HttpTimes &times)
    : find_caller_(std::move(find_caller)), clock_(clock), times_(times) {}

void Gate::add(net::Router &router, std::string_view method, std::string_view pattern,
               RouteHandler handler, Trials trials) {
    const RouteRule *rule = find_rule(method, pattern);
    if (rule == nullptr) {
        throw std::logic_error(fmt::format("no access rule for {} {}", method, pattern));
    }
    router.add(std::string(method), std::string(pattern),
               [this, route = Route{*rule, std::move(handler), trials}](
                   const net::Request &request) { return answer(route, request); });
}

std::string session_token(const net::Request &request) {
    const auto cookie = request.cookies.find(kSessionCookie);
    return cookie == request.cookies.end() ? std::string() : cookie->second;
}

Expected<people::Principal> Gate::caller_of(const net::Request &request) const {
    const std::string token = session_token(request);
    if (token.empty()) return fail(ProblemKind::unauthenticated, "session.none");
    return find_caller_(token);
}

net::Response Gate::answer(const Route &route, const net::Request &request) {
    const RouteRule &rule = route.rule;
    const Instant begin = clock_.now();
    const Language language = preferred_language(header_of(request, "accept-language"));
    Expected<Reply> reply;
    try {
        reply = pass(route, request, language);
    } catch (const std::exception &error) {
        reply = tl::unexpected(defect(rule, request, error.what()));
    }
    if (!reply) log_problem(rule, request, reply.error());
    times_.observe(rule.pattern, clock_.now() - begin);
    return reply ? to_http(*reply) : to_response(reply.error(), language);
}

Expected<Reply> Gate::pass(const Route &route, const net::Request &request, Language language) {
    const RouteRule &rule = route.rule;
    if (auto forgery = check_forgery(request); !forgery) return tl::unexpected(forgery.error());
    if (auto known = check_trials(route.trials, request); !known)
        return tl::unexpected(known.error());

    Incoming incoming{request, {}, language, clock_.now()};
    if (rule.access != Access::open) {
        auto caller = caller_of(request);
        if (!caller) return tl::unexpected(caller.error());
        incoming.caller = *caller;
        auto access = check_access(rule, *caller, request);
        if (!access) return tl::unexpected(access.error());
    }

    // A preview creates nothing, so its answer must not stand for the creation that may follow.
    const bool creates = rule.creates && !is_preview(request);
    const std::string key = creates ? header_of(request, "idempotency-key") : std::string();
    if (key.empty()) return route.handler(incoming);
    if (!Idempotency::is_key(key)) {
        return fail(ProblemKind::invalid_input, "request.idempotency_key_invalid");
    }
    // The path is part of it: one key used for two municipalities means two creations.
    const std::string place =
        fmt::format("{} {} {} {}", incoming.caller.user.value, rule.method, request.path, key);
    auto earlier = idempotency_.begin(place, request.body, incoming.now);
    if (!earlier) return tl::unexpected(earlier.error());
    if (*earlier) return **earlier;
    Expected<Reply> reply;
    try {
        reply = route.handler(incoming);
    } catch (...) {
        idempotency_.forget(place);
        throw;
    }
    if (reply) {
        idempotency_.finish(place, *reply);
    } else {
        idempotency_.forget(place);
    }
    return reply;
}

} // namespace fernamt::web
