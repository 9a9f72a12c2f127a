// SPDX-License-Identifier: EUPL-1.2
// A Problem is an expected failure as a value: a kind (closed set, mapped to HTTP in one table), a
// stable code ("agreement.price_gap") and arguments. Its text is made at the edge, in the reader's
// language. Never put personal data into arguments: they reach clients and logs.
#pragma once

#include <tl/expected.hpp>

#include <string>
#include <utility>
#include <vector>

namespace fernamt {

enum class ProblemKind {
    invalid_input,   // the request itself is wrong; arguments name the place and the remedy
    unauthenticated, // nobody is signed in
    forbidden,       // signed in, but not allowed
    not_found,
    conflict, // the state of the thing forbids it now
    stale,    // If-Match did not match: somebody else changed it meanwhile
    too_large,
    too_many,    // slowed down; argument retry_after_seconds
    unavailable, // a part we depend on is gone (database, media)
    internal,    // a defect of ours
};
inline constexpr int kProblemKinds = 10;

struct Problem {
    ProblemKind kind = ProblemKind::internal;
    std::string code;
    std::vector<std::pair<std::string, std::string>> arguments;

    friend bool operator==(const Problem &, const Problem &) = default;
};

// One line for operators' logs: "agreement.price_gap from=2026-01-01 to=2026-02-01".
[[nodiscard]] std::string describe(const Problem &problem);

template <class T>
using Expected = tl::expected<T, Problem>;

[[nodiscard]] inline tl::unexpected<Problem>
fail(ProblemKind kind, std::string code,
     std::vector<std::pair<std::string, std::string>> arguments = {}) {
    return tl::unexpected<Problem>(Problem{kind, std::move(code), std::move(arguments)});
}

} // namespace fernamt
