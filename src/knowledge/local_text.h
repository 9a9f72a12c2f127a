// SPDX-License-Identifier: EUPL-1.2
// What the service centre and its municipalities write themselves, beside and above what is
// delivered: a short telephone text of one or two sentences, own sections of one municipality with
// an expiry, internal notes, drafts, and the date of the last check. Deliveries never touch them.
// Nobody but the municipality's own staff is ever given its internal texts or its drafts.
#pragma once

#include "base/problem.h"
#include "base/time.h"
#include "knowledge/service.h"
#include "storage/database.h"

#include <optional>
#include <string>
#include <vector>

namespace fernamt::knowledge {

inline constexpr MunicipalityId kCommonText{0}; // for all municipalities

struct LocalText {
    ServiceId service;
    MunicipalityId municipality; // never kCommonText: what is common is delivered
    SectionKey section = SectionKey::contact;
    bool internal = false; // for the municipality's own staff
    bool draft = false;
    std::vector<std::string> lines;      // none: the text goes
    std::optional<LocalDate> expires_on; // the last day on which it is shown
    friend bool operator==(const LocalText &, const LocalText &) = default;
};

struct TelephoneText {
    ServiceId service;
    MunicipalityId municipality = kCommonText;
    std::string text; // at most kLongestTelephoneText characters; empty: the text goes
    std::optional<LocalDate> expires_on;
};
inline constexpr std::size_t kLongestTelephoneText = 400; // half a minute read aloud

// Problems: "knowledge.not_found" for an unknown service, "knowledge.text_invalid" (field).
[[nodiscard]] Expected<void> put_local_text(storage::Database &database, const Clock &clock,
                                            const LocalText &text);
[[nodiscard]] Expected<void> put_telephone_text(storage::Database &database, const Clock &clock,
                                                const TelephoneText &text);
// The draft takes the place of the released text.
[[nodiscard]] Expected<void> release_draft(storage::Database &database, const Clock &clock,
                                           const LocalText &draft);
// Somebody has read it and it is true.
[[nodiscard]] Expected<void> mark_checked(storage::Database &database, const Clock &clock,
                                          ServiceId service, MunicipalityId municipality,
                                          const LocalDate &today, int review_days);

// What a reader may see of a municipality's own texts: staff of that municipality everything,
// everybody else what is released and public.
[[nodiscard]] Expected<std::vector<LocalText>> local_texts(storage::Database &database,
                                                           ServiceId service,
                                                           MunicipalityId municipality,
                                                           std::optional<MunicipalityId> reader);

} // namespace fernamt::knowledge
