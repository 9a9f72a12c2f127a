// SPDX-License-Identifier: EUPL-1.2
#include "app/exit_codes.h"

#include "web/problem_texts.h"

#include <fmt/format.h>

#include <cstdio>

namespace fernamt::app {

int report(const Problem &problem) {
    fmt::print(stderr, "fernamt: {}\n  {}\n", problem.code,
               web::title_of(problem, web::Language::english));
    for (const auto &[name, value] : problem.arguments) {
        fmt::print(stderr, "  {}: {}\n", name, value);
    }
    if (problem.code.starts_with("config.")) return kConfig;
    switch (problem.kind) {
    case ProblemKind::invalid_input:
        return kDataError;
    case ProblemKind::not_found:
        return kNoInput;
    case ProblemKind::conflict:
        // A delivery that is worked on is free later; what was undone or is over stays so.
        if (problem.code == "knowledge.delivery_busy") return kUnavailable;
        return problem.code.starts_with("knowledge.") ? kDataError : kUnavailable;
    case ProblemKind::internal:
        return kSoftware;
    default:
        return kUnavailable;
    }
}

} // namespace fernamt::app
