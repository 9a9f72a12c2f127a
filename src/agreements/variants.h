// SPDX-License-Identifier: EUPL-1.2
// All financing models on the same real calls side by side: what each town would pay under
// each, per inhabitant, and who gains and who pays more than under the first. Pure; the paper for
// the committee is printed elsewhere.
#pragma once

#include "agreements/rating.h"

#include <string>
#include <vector>

namespace fernamt::agreements {

struct Town {
    MunicipalityId municipality;
    std::int64_t inhabitants = 0;
    const Calls *calls = nullptr; // of the whole span that is compared
};

struct Variant {
    std::string name;
    // For one town; names, days and populations are its own.
    std::vector<PriceList> prices; // per town, in the order of the towns
};

struct TownResult {
    Money total;
    Money third_party;
    Money levy;
    Money difference; // total less that of the first variant: negative gains
    std::int64_t cents_per_1000_inhabitants = 0; // 0 without inhabitants
    friend bool operator==(const TownResult &, const TownResult &) = default;
};

struct VariantResult {
    std::string name;
    std::vector<TownResult> towns;
    Money total; // of all towns
    int gaining = 0;
    int paying_more = 0;
};

// Problems of rate(), with the arguments variant and municipality; "variant.invalid" (place) if the
// lists do not fit the towns.
[[nodiscard]] Expected<std::vector<VariantResult>> compare(const std::vector<Town> &towns,
                                                           const std::vector<Variant> &variants);

} // namespace fernamt::agreements
