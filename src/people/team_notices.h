// SPDX-License-Identifier: EUPL-1.2
// Short notices that the lead sets for the desks: to everybody, to those who have a skill, or about
// one municipality (then the desk shows it with that town's calls). Each holds until a moment, or
// until it is taken back. Who wrote it is in the audit log only. Not a place for
// personal data; nothing here knows who has read it.
#pragma once

#include "people/rule_change.h"
#include "routing/skills.h"

#include <optional>
#include <string>
#include <vector>

namespace fernamt::people {

inline constexpr std::size_t kLongestNotice = 300; // characters
inline constexpr Duration kLongestNoticeTime = 31 * 24h;

struct TeamNotice {
    std::int64_t id = 0;
    std::string text;
    MunicipalityId municipality; // none: not about one
    routing::SkillId skill;      // none: whatever skills somebody has
    Instant created_at;
    Instant valid_until;
    friend bool operator==(const TeamNotice &, const TeamNotice &) = default;
};

// Those that hold at `now`, the newest first.
[[nodiscard]] Expected<std::vector<TeamNotice>> team_notices(storage::Connection &connection,
                                                             Instant now);
// "distribution.unknown" {field}: no such municipality or skill; "notice.audience": both;
// "notice.until": not after now, or more than a month. Old notices are cleared away here.
[[nodiscard]] Expected<TeamNotice> add(const Change &change, TeamNotice notice);
// not_found "distribution.not_found" unless it holds.
[[nodiscard]] Expected<void> withdraw_notice(const Change &change, std::int64_t id);

} // namespace fernamt::people
