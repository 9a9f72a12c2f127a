-- Derived from the ledger by reporting/projector.h; may be emptied and derived again at any time.
-- No column for the caller and none for the agent: key figures never concern a person (R-66).
CREATE TABLE call_record (
    call_id @i64 NOT NULL PRIMARY KEY,
    municipality @i64,
    number TEXT,
    offered_at @i64 NOT NULL,
    answered_at @i64,
    ended_at @i64,
    end_reason TEXT,
    announced TEXT,
    talk_us @i64 NOT NULL,
    transferred_us @i64 NOT NULL,
    after_call_work_us @i64 NOT NULL,
    first_seq @i64 NOT NULL,
    last_seq @i64 NOT NULL
) @strict;
CREATE INDEX call_record_offered ON call_record (offered_at);
CREATE INDEX call_record_municipality ON call_record (municipality, offered_at);

-- One row: how far the ledger has been taken, and how many calls that were.
CREATE TABLE call_projection (
    id @i64 NOT NULL PRIMARY KEY CHECK (id = 1),
    seq @i64 NOT NULL,
    calls @i64 NOT NULL
) @strict;
INSERT INTO call_projection (id, seq, calls) VALUES (1, 0, 0);
