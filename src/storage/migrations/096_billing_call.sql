-- SPDX-License-Identifier: EUPL-1.2
-- The working set of rating (billing/call_set.h): what billing knows of each ended call, derived
-- from the ledger; may be emptied and derived again at any time. No person, no number.
CREATE TABLE billing_call (
    call_id @i64 NOT NULL PRIMARY KEY,
    municipality @i64, -- where it was last assigned; NULL until it ended
    offered_at @i64,
    kind TEXT,         -- agreements::CallKind as last said; NULL until it ended
    own_kind TEXT,     -- as the call itself tells
    talk_us @i64 NOT NULL,
    work_us @i64 NOT NULL,
    price_class @i64 NOT NULL
) @strict;
-- Covers what rating reads: a municipality's days are read from the index alone, in one piece.
CREATE INDEX billing_call_rated ON billing_call
    (municipality, offered_at, kind, talk_us, work_us, price_class, call_id);

-- One row: how far the ledger has been taken.
CREATE TABLE billing_call_position (
    id @i64 NOT NULL PRIMARY KEY CHECK (id = 1),
    seq @i64 NOT NULL
) @strict;
INSERT INTO billing_call_position (id, seq) VALUES (1, 0);
