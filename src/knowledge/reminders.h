// SPDX-License-Identifier: EUPL-1.2
// Reminders by e-mail for editors who want them: what is due and theirs to do, from the same list
// that their workplace shows. At most one a day: when something has become due since the last one,
// else after a week. Only service names and days, no names of people; the address is known here
// alone and goes with the wish. How a mail is sent is the caller's matter (mail.h).
#pragma once

#include "knowledge/mail.h"
#include "knowledge/tasks.h"

#include <functional>
#include <optional>
#include <string>

namespace fernamt::knowledge {

// No address: no reminders. "mail.address".
[[nodiscard]] Expected<void> wish_reminders(storage::Database &database, UserId user,
                                            const std::string &address);
// "" where none is wished.
[[nodiscard]] Expected<std::string> reminder_address(storage::Database &database, UserId user);

struct ReminderReport {
    int sent = 0;
    int nothing_due = 0;
    int failed = 0; // tried again next time
};
struct ReminderOptions {
    // As whom this user edits today; nothing: not at all any more (the wish is kept).
    std::function<std::optional<Editor>(UserId)> editor;
    std::function<Expected<void>(const Mail &)> send;
    std::string address; // of the installation's pages, for the link; may be empty
};
[[nodiscard]] Expected<ReminderReport>
send_reminders(storage::Database &database, const Clock &clock, const ReminderOptions &options);

} // namespace fernamt::knowledge
