// SPDX-License-Identifier: EUPL-1.2
// What people read when something is refused: one title per problem code, in German and English.
// {name} stands for an argument of the problem. A test collects the codes of the whole source tree
// and fails if one has no text here.
#pragma once

#include "base/problem.h"
#include "web/language.h"

#include <span>
#include <string>
#include <string_view>

namespace fernamt::web {

struct ProblemText {
    std::string_view code;
    std::string_view german;
    std::string_view english;
};
[[nodiscard]] std::span<const ProblemText> problem_texts(); // sorted by code

// The text of the code, else the general one of its kind.
[[nodiscard]] std::string title_of(const Problem &problem, Language language);

} // namespace fernamt::web
