// SPDX-License-Identifier: EUPL-1.2
#include "web/problem.h"

#include "web/problem_texts.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <string>

namespace fernamt::web {

namespace {

struct Row {
    ProblemKind kind;
    int status;
};

constexpr std::array kStatuses = {
    Row{ProblemKind::invalid_input, 422}, Row{ProblemKind::unauthenticated, 401},
    Row{ProblemKind::forbidden, 403},     Row{ProblemKind::not_found, 404},
    Row{ProblemKind::conflict, 409},      Row{ProblemKind::stale, 412},
    Row{ProblemKind::too_large, 413},     Row{ProblemKind::too_many, 429},
    Row{ProblemKind::unavailable, 503},   Row{ProblemKind::internal, 500},
};

// Each kind stands at its own place, so a new kind without a status does not compile.
constexpr bool in_order() {
    for (std::size_t at = 0; at < kStatuses.size(); ++at) {
        if (static_cast<std::size_t>(kStatuses[at].kind) != at) return false;
    }
    return true;
}
static_assert(kStatuses.size() == kProblemKinds);
static_assert(in_order());

} // namespace

int http_status(ProblemKind kind) {
    return kStatuses.at(static_cast<std::size_t>(kind)).status;
}

net::Response to_response(const Problem &problem, Language language) {
    boost::json::object arguments;
    for (const auto &[name, value] : problem.arguments)
        arguments[name] = value;
    const int status = http_status(problem.kind);
    const boost::json::object body{{"type", "about:blank"},
                                   {"status", status},
                                   {"code", problem.code},
                                   {"title", title_of(problem, language)},
                                   {"arguments", arguments}};
    net::Response response;
    response.status = status;
    response.headers = {{"Content-Type", "application/problem+json"},
                        {"Content-Language", std::string(to_string(language))},
                        {"Cache-Control", "no-store"}};
    for (const auto &[name, value] : problem.arguments) {
        if (name == "retry_after_seconds") response.headers.emplace_back("Retry-After", value);
    }
    response.body = boost::json::serialize(body);
    return response;
}

} // namespace fernamt::web
