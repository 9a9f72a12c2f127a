-- SPDX-License-Identifier: EUPL-1.2
-- A crisis's report says who still waited when it ended, and is read whole: with the conversations
-- that ended after it, which are found by their crisis (reporting/reports.h).
ALTER TABLE crisis_report ADD COLUMN waiting @i64 NOT NULL DEFAULT 0;
CREATE INDEX call_record_crisis ON call_record (crisis, answered_at) WHERE crisis IS NOT NULL;
