// SPDX-License-Identifier: EUPL-1.2
#include "agreements/distribution.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

namespace fernamt::agreements {

namespace {

__extension__ using Wide = __int128;

struct Remainder {
    std::size_t index = 0;
    Wide left = 0;
};

} // namespace

Expected<std::vector<Money>> distribute(Money amount, const std::vector<std::int64_t> &weights) {
    const bool negative =
        std::ranges::any_of(weights, [](std::int64_t weight) { return weight < 0; });
    Wide sum = 0;
    for (const std::int64_t weight : weights)
        sum += weight;
    if (negative || sum == 0) {
        return fail(ProblemKind::invalid_input, "agreement.key_empty",
                    {{"place", "key"}, {"remedy", "give_weights_above_zero"}});
    }
    const std::int64_t sign = amount.cents < 0 ? -1 : 1;
    const Wide whole = Wide{amount.cents} * sign;
    std::vector<Money> parts;
    std::vector<Remainder> remainders;
    Wide given = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const Wide product = whole * weights[i];
        parts.push_back({static_cast<std::int64_t>(product / sum) * sign});
        remainders.push_back({i, product % sum});
        given += product / sum;
    }
    std::ranges::stable_sort(remainders, std::greater{}, &Remainder::left);
    for (std::size_t i = 0; given < whole; ++i, ++given)
        parts[remainders[i].index].cents += sign;
    return parts;
}

} // namespace fernamt::agreements
