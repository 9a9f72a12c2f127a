-- SPDX-License-Identifier: EUPL-1.2
-- What else the end of a call says: scope (115 apart), queue, crisis, partners, correction of the
-- municipality, transfers, callback. The records are derived: emptied here, and derived again.
ALTER TABLE call_record ADD COLUMN scope TEXT;
ALTER TABLE call_record ADD COLUMN queue @i64;
ALTER TABLE call_record ADD COLUMN crisis @i64;
ALTER TABLE call_record ADD COLUMN from_partner @i64;
ALTER TABLE call_record ADD COLUMN to_partner @i64;
ALTER TABLE call_record ADD COLUMN dialled @i64;
ALTER TABLE call_record ADD COLUMN transfers @i64 NOT NULL DEFAULT 0;
ALTER TABLE call_record ADD COLUMN callback_at @i64;
ALTER TABLE call_record ADD COLUMN callback_attempts @i64 NOT NULL DEFAULT 0;
DELETE FROM call_record;
UPDATE call_projection SET seq = 0, calls = 0;

-- What a crisis was, in sums: one row per time that a plan ran.
CREATE TABLE crisis_report (
    seq @i64 NOT NULL PRIMARY KEY,
    crisis @i64 NOT NULL,
    began_at @i64 NOT NULL,
    ended_at @i64 NOT NULL,
    offered @i64 NOT NULL,
    answered @i64 NOT NULL,
    abandoned @i64 NOT NULL,
    helpers @i64 NOT NULL,
    talk_us @i64 NOT NULL,
    after_call_work_us @i64 NOT NULL,
    waited_us @i64 NOT NULL,
    longest_wait_us @i64 NOT NULL
) @strict;
CREATE INDEX crisis_report_crisis ON crisis_report (crisis, began_at);
