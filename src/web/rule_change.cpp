// SPDX-License-Identifier: EUPL-1.2
#include "web/rule_change.h"

#include "base/log.h"
#include "people/changes.h"
#include "people/rule_history.h"
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

Expected<void> RuleChange::make(UserId by, const Write &write) {
    return make(by, [&]() -> Expected<void> {
        auto written = database_.write([&](storage::Connection &connection) -> Expected<void> {
            const people::Change change{connection, clock_.now(), by};
            const auto before = people::RuleRows::read(connection);
            if (!before) return tl::unexpected(before.error());
            if (auto done = write(change); !done) return done;
            return people::remember(change, *before);
        });
        if (written) people::people_changed(database_);
        return written;
    });
}

Expected<void> RuleChange::undo(UserId by, std::int64_t id) {
    return make(by, [&]() -> Expected<void> {
        auto undone = database_.write([&](storage::Connection &connection) {
            return people::undo({connection, clock_.now(), by}, id);
        });
        if (undone) people::people_changed(database_);
        return undone;
    });
}

Expected<RuleChange::Preview> RuleChange::preview(UserId by, const Write &write) {
    const std::scoped_lock lock(mutex_);
    auto current = exchange_.rules();
    if (!current) return tl::unexpected(current.error());
    Expected<routing::Rules> after;
    const auto tried = roll_back([&](storage::Connection &connection) -> Expected<void> {
        if (auto written = write({connection, clock_.now(), by}); !written) return written;
        after = people::build_rules(connection);
        if (!after) return tl::unexpected(after.error());
        return {};
    });
    if (!tried) return tl::unexpected(tried.error());
    after->version = current->version;
    return Preview{std::move(*current), std::move(*after)};
}

Expected<void>
RuleChange::try_out(const std::function<Expected<void>(storage::Connection &)> &trial) {
    const std::scoped_lock lock(mutex_);
    return roll_back(trial);
}

Expected<void>
RuleChange::roll_back(const std::function<Expected<void>(storage::Connection &)> &trial) {
    bool done = false;
    const auto rolled_back =
        database_.write([&](storage::Connection &connection) -> Expected<void> {
            done = false;
            if (auto tried = trial(connection); !tried) return tried;
            done = true;
            return fail(ProblemKind::conflict, "distribution.only_previewed");
        });
    if (!done) return tl::unexpected(rolled_back.error());
    return {};
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
