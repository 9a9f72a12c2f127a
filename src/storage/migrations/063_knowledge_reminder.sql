-- SPDX-License-Identifier: EUPL-1.2
-- Editors who want to be reminded by e-mail (knowledge/reminders.h). The address is their own choice and
-- goes with the row; last_on is the day of the last mail, '' before the first.
CREATE TABLE knowledge_reminder (
    user_id @i64 NOT NULL PRIMARY KEY,
    address TEXT NOT NULL,
    last_on TEXT NOT NULL
) @strict;
