-- What an agent writes down about a call. Personal data by nature: kept apart from the call records,
-- erasable by age, never in the ledger.
CREATE TABLE call_note (
    call_id @i64 NOT NULL PRIMARY KEY,
    user_id @i64 NOT NULL,
    municipality @i64,
    text TEXT NOT NULL,
    version @i64 NOT NULL,
    changed_at @i64 NOT NULL
) @strict;
CREATE INDEX call_note_changed ON call_note (changed_at);
