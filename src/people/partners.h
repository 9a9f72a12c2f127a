// SPDX-License-Identifier: EUPL-1.2
// The centres that help, and when calls go to them. A partner in use cannot be removed.
// Whether its calls reach us marked is a matter of the trunk, not of these tables.
#pragma once

#include "people/rule_change.h"
#include "routing/rules.h"

#include <string>
#include <vector>

namespace fernamt::people {

struct Partner {
    routing::Partner rules; // with the id
    std::string name;       // "Servicecenter Region Nord"
    std::int64_t version = 1;
    friend bool operator==(const Partner &, const Partner &) = default;
};

[[nodiscard]] Expected<std::vector<Partner>> partners(storage::Connection &connection); // by id
// conflict "distribution.name_taken" {field}.
[[nodiscard]] Expected<Partner> add(const Change &change, Partner partner);
[[nodiscard]] Expected<Partner> modify(const Change &change, Partner partner);
// conflict "distribution.in_use": an overflow goes to it.
[[nodiscard]] Expected<void> remove(const Change &change, routing::PartnerId id);

struct Overflow {
    std::int64_t id = 0;
    std::int64_t position = 0; // the first that applies decides
    routing::Overflow rules;   // what its reason does not use is empty
    std::int64_t version = 1;
    friend bool operator==(const Overflow &, const Overflow &) = default;
};

[[nodiscard]] Expected<std::vector<Overflow>>
overflows(storage::Connection &connection); // in order
// "distribution.unknown" {field}; "distribution.overflow_incomplete" {field}: what its reason needs
// (a number of calls, a wait, a period); "distribution.order" {field}.
[[nodiscard]] Expected<Overflow> add(const Change &change, Overflow overflow);
[[nodiscard]] Expected<Overflow> modify(const Change &change, Overflow overflow);
[[nodiscard]] Expected<void> remove_overflow(const Change &change, std::int64_t id);

} // namespace fernamt::people
