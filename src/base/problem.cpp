// SPDX-License-Identifier: EUPL-1.2
#include "base/problem.h"

namespace fernamt {

std::string describe(const Problem &problem) {
    std::string text = problem.code;
    for (const auto &[name, value] : problem.arguments)
        text += " " + name + "=" + value;
    return text;
}

} // namespace fernamt
