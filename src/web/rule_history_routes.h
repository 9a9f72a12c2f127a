// SPDX-License-Identifier: EUPL-1.2
// The history of what distribution obeys and taking the last change back, and what is planned and
// withdrawing that (issue B, part 12). With ?preview=true the answer is what it would have changed
// for the last day's calls.
#pragma once

#include "web/api.h"
#include "web/gate.h"
#include "web/rule_change.h"
#include "web/rule_plans.h"
#include "web/towns.h"

namespace fernamt::web {

void add_rule_history_routes(net::Router &router, Gate &gate, const ApiParts &parts,
                             RuleChange &rules, Towns &towns);
void add_rule_plan_routes(net::Router &router, Gate &gate, const ApiParts &parts, RulePlans &plans);

} // namespace fernamt::web
