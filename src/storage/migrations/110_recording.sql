-- SPDX-License-Identifier: EUPL-1.2
-- What callers hear, in versions (people/recordings.h). The sound itself is a file of the state
-- directory, named by the SHA-256 of its bytes.
CREATE TABLE recording (
    id @i64 NOT NULL PRIMARY KEY,
    -- Whose: a municipality's, or a crisis plan's. A removed one may come back, and with it this.
    municipality @i64,
    crisis @i64,
    kind TEXT NOT NULL,
    heard_from @i64 NOT NULL,
    -- '': from then on what came with the program is heard
    file TEXT NOT NULL,
    length_us @i64 NOT NULL CHECK (length_us >= 0),
    made_at @i64 NOT NULL,
    by_account @i64 NOT NULL,
    office TEXT NOT NULL,
    -- the version whose sound this one brought back
    restores @i64,
    withdrawn_at @i64,
    -- NULL: what this row says does not stand in the ledger yet
    ledger_seq @i64,
    CHECK ((municipality IS NULL) <> (crisis IS NULL))
) @strict;
CREATE INDEX recording_municipality ON recording (municipality, kind);
CREATE INDEX recording_crisis ON recording (crisis);
