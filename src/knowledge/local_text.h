// SPDX-License-Identifier: EUPL-1.2
// What the service centre and its municipalities write themselves, beside and above what is
// delivered: a short telephone text of one or two sentences, own sections of one municipality or
// common to all, with an expiry, internal notes, and the date of the last check. Deliveries never
// touch them. Only what holds now: how a text gets here is text_editing.h. Internal texts are for
// the municipality's own staff and for the service centre, which answers in its name (0016).
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
    MunicipalityId municipality; // kCommonText: instead of what is delivered, wherever none is own
    SectionKey section = SectionKey::contact;
    bool internal = false;               // for who answers, not for callers; never common
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

// "knowledge.not_found" {service} unless there is this one.
[[nodiscard]] Expected<void> check_service(storage::Connection &connection, ServiceId service);

// Problems: "knowledge.not_found" for an unknown service, "knowledge.text_invalid" (field),
// "knowledge.text_too_long" (field, most: characters), "knowledge.text_too_many_lines" (most).
[[nodiscard]] Expected<void> check(const LocalText &text);
[[nodiscard]] Expected<void> check(const TelephoneText &text);
[[nodiscard]] Expected<void> put_local_text(storage::Connection &connection, Instant now,
                                            const LocalText &text);
[[nodiscard]] Expected<void> put_telephone_text(storage::Connection &connection, Instant now,
                                                const TelephoneText &text);
[[nodiscard]] Expected<void> put_local_text(storage::Database &database, const Clock &clock,
                                            const LocalText &text);
[[nodiscard]] Expected<void> put_telephone_text(storage::Database &database, const Clock &clock,
                                                const TelephoneText &text);

} // namespace fernamt::knowledge
