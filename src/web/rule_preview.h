// SPDX-License-Identifier: EUPL-1.2
// What a change of the rules would have done to the calls of the last day (issue B, part 12): the
// answer to any rule-changing request with ?preview=true. Nothing is stored, nothing changes.
#pragma once

#include "web/api.h"
#include "web/gate.h"
#include "web/rule_change.h"

namespace fernamt::web {

[[nodiscard]] bool is_preview(const net::Request &request);
[[nodiscard]] Expected<Reply> preview_reply(const ApiParts &parts, const Incoming &incoming,
                                            const RuleChange::Preview &preview);

} // namespace fernamt::web
