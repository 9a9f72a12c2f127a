-- SPDX-License-Identifier: EUPL-1.2
-- How far a call came (reporting/call_record.h) has a column of its own: `announced` told of announcements
-- only. NULL: no decision about it has been read yet. The records are derived: emptied here, and
-- derived again.
ALTER TABLE call_record ADD COLUMN reached TEXT;
ALTER TABLE call_record DROP COLUMN announced;
DELETE FROM call_record;
DELETE FROM crisis_report;
UPDATE call_projection SET seq = 0, calls = 0;
