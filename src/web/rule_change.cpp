// SPDX-License-Identifier: EUPL-1.2
#include "web/rule_change.h"

#include "base/log.h"
#include "people/rules.h"
#include "web/waiting.h"

namespace fernamt::web {

Expected<void> RuleChange::make(UserId by, const std::function<Expected<void>()> &store) {
    const std::scoped_lock lock(mutex_);
    if (auto stored = store(); !stored) return stored;
    auto effective = bring_into_effect(by);
    if (!effective) log::error("rules.not_in_effect", {{"problem", describe(effective.error())}});
    // Somebody may be deactivated or belong to another municipality now.
    hub_.recheck_listeners();
    hub_.publish({"configuration", "{}", {}});
    return effective;
}

Expected<void> RuleChange::bring_into_effect(UserId by) {
    auto rules = people::build_rules(database_);
    if (!rules) return tl::unexpected(rules.error());
    // A new greeting changes no rule; the ledger says rules.changed only when they have.
    auto current = exchange_.rules();
    if (!current) return tl::unexpected(current.error());
    rules->version = current->version;
    if (*rules == *current) return {};
    ++rules->version;
    return wait_for([&](auto done) { exchange_.change_rules(*rules, by, std::move(done)); });
}

} // namespace fernamt::web
