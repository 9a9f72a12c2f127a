// SPDX-License-Identifier: EUPL-1.2
// Changes of what distribution obeys that wait for their instant (issue B, part 12), as they are
// stored: the request as it was sent, so that it is made then exactly as it would be made now. What
// it means and when it is made is web/rule_plans.h's. Rows go when the change took effect or was
// withdrawn; one that was refused at its instant stays until somebody has read why.
#pragma once

#include "people/roles.h"
#include "people/rule_history.h"

#include <optional>
#include <string>
#include <vector>

namespace fernamt::people {

struct PlannedChange {
    std::int64_t id = 0;
    Instant at;
    std::string method;
    std::string path;
    std::string body;
    // The version of the thing that it starts from. It follows other plans that come before it, and
    // nothing else: what somebody changes by hand in between is never overwritten unseen.
    std::optional<std::int64_t> version;
    std::vector<ChangedThing> things; // what it will change; a new thing has no id yet
    Instant planned_on;
    UserId by;
    Role office = Role::lead; // what is shown instead of a person
    std::optional<Instant> refused_at;
    std::optional<Problem> problem; // why
};

// In the order in which they will be made: those that wait, and those that were refused.
[[nodiscard]] Expected<std::vector<PlannedChange>> planned_changes(storage::Connection &connection);
// Gives it its id. No audit: a trial does this too.
[[nodiscard]] Expected<std::int64_t> insert_plan(const Change &change, const PlannedChange &plan);
// Took effect, was withdrawn, or why it was refused has been read; `action` is audited.
// "distribution.not_found".
[[nodiscard]] Expected<void> close_plan(const Change &change, std::int64_t id,
                                        std::string_view action);
[[nodiscard]] Expected<void> refuse_plan(const Change &change, std::int64_t id,
                                         const Problem &problem);
// A plan has changed the thing at `path`: those that wait for it start from its next version.
[[nodiscard]] Expected<void> move_on(storage::Connection &connection, const std::string &path);

} // namespace fernamt::people
