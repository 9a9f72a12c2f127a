// SPDX-License-Identifier: EUPL-1.2
// Who keeps which texts true: the review interval, the responsible editor, and for
// common text the municipality that checks it for all; and that somebody has read a text and it was
// true. The common text and what a municipality keeps locally (offices, hours, own texts) are
// checked apart. Reviews that fall due are computed, never stored.
#pragma once

#include "knowledge/text_editing.h"

namespace fernamt::knowledge {

inline constexpr int kLongestReviewDays = 3650;

struct Care {
    ServiceId service;
    MunicipalityId municipality = kCommonText;
    UserId editor;           // none: any editor who may write it
    MunicipalityId reviewer; // of common text: who checks it for all; none: the centre
    int review_days = kUsualReviewDays;
    std::optional<LocalDate> checked_on; // none: never here
};

struct DueReview {
    Care care;
    std::string name; // of the service
    LocalDate due_on;
};

// Problems: those of may_write(), "knowledge.not_found", "knowledge.text_invalid" (review_days,
// reviewer), "knowledge.common_text_centre_only" for a reviewer that is not named by the centre.
[[nodiscard]] Expected<Care> care_of(storage::Database &database, const Editor &editor,
                                     ServiceId service, MunicipalityId municipality);
// Everything but checked_on.
[[nodiscard]] Expected<void> set_care(storage::Database &database, const Clock &clock,
                                      const Editor &editor, const Care &care);
[[nodiscard]] Expected<void> mark_checked(storage::Database &database, const Clock &clock,
                                          const Editor &editor, ServiceId service,
                                          MunicipalityId municipality);
// What falls due until then and is this editor's to check, the oldest first: of the TOP list, and
// whatever has an interval of its own. What was never checked locally is due at once.
[[nodiscard]] Expected<std::vector<DueReview>> due_reviews(storage::Connection &connection,
                                                           const Editor &editor,
                                                           const LocalDate &today,
                                                           const LocalDate &until);

} // namespace fernamt::knowledge
