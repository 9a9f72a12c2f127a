// SPDX-License-Identifier: EUPL-1.2
// Crisis plans, kept ready for the one action that begins them: what they switch, the
// approved wording per language, and one-time codes for people who help without an account. Whether
// a plan runs is the switchboard's state (routing::State::crises), not stored here.
#pragma once

#include "people/rule_change.h"
#include "people/users.h"
#include "routing/event.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::people {

struct CrisisPlan {
    routing::CrisisPlan rules;                  // with the id
    std::string name;                           // "Hochwasser Leine"
    std::map<std::string, std::string> wording; // language ("de", "en", "uk" ...) -> approved text
    std::int64_t version = 1;
    friend bool operator==(const CrisisPlan &, const CrisisPlan &) = default;
};

[[nodiscard]] Expected<std::vector<CrisisPlan>>
crisis_plans(storage::Connection &connection); // by id
[[nodiscard]] Expected<CrisisPlan> find_crisis_plan(storage::Connection &connection,
                                                    routing::CrisisId id);
// Problems: "distribution.name_taken" {field}, "distribution.unknown" {field},
// "distribution.crisis_of_nothing" {field: municipality}: neither a municipality nor a queue; those
// of check_skills and check_relaxations (skills.h).
[[nodiscard]] Expected<CrisisPlan> add(const Change &change, CrisisPlan plan);
[[nodiscard]] Expected<CrisisPlan> modify(const Change &change, CrisisPlan plan);
[[nodiscard]] Expected<void> remove(const Change &change, routing::CrisisId id);
// The action itself is audited here; it is carried out by the exchange.
[[nodiscard]] Expected<void> note_crisis(const Change &change, std::string_view action,
                                         routing::CrisisId id);

// Each good for one person and for two days; shown once, never stored.
[[nodiscard]] Expected<std::vector<std::string>> make_codes(const Change &change,
                                                            routing::CrisisId id, int count);
// Uses the code up; unauthenticated "session.code_invalid" for every reason it may fail.
struct Helper {
    User user;
    routing::CrisisId crisis;
};
[[nodiscard]] Expected<Helper> use_code(const Change &change, std::string_view code,
                                        const std::string &hash_of_no_password);
// They could not join after all: the code is good again.
[[nodiscard]] Expected<void> return_code(const Change &change, std::string_view code,
                                         const Helper &helper);
// Their places and sessions end with the crisis. Unused codes, too.
[[nodiscard]] Expected<void> dismiss_helpers(const Change &change, routing::CrisisId id);

} // namespace fernamt::people
