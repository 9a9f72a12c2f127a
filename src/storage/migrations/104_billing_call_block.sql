-- SPDX-License-Identifier: EUPL-1.2
-- The working set of rating (billing/call_set.h) as blocks: a municipality's day that is over is one
-- row of packed columns (billing/call_block.h), so that a month of the whole house is a few hundred
-- rows to read. Calls of days that are not over, or to be corrected, stand as rows. A call is in one
-- of the two. Derived from the ledger, and derived again from its first entry when this is applied.
DROP TABLE billing_call;
CREATE TABLE billing_call (
    call_id @i64 NOT NULL PRIMARY KEY,
    municipality @i64, -- where it was last assigned, 0: nowhere; NULL until it ended
    offered_at @i64,
    kind TEXT,         -- agreements::CallKind as last said; NULL until it ended
    own_kind TEXT,     -- as the call itself tells
    talk_us @i64 NOT NULL,
    work_us @i64 NOT NULL,
    price_class @i64 NOT NULL
) @strict;
CREATE INDEX billing_call_of_day ON billing_call (municipality, offered_at);
CREATE INDEX billing_call_oldest ON billing_call (offered_at);

CREATE TABLE billing_call_block (
    municipality @i64 NOT NULL, -- 0: of none
    day @i64 NOT NULL,          -- when the local day of the offers begins
    first_call @i64 NOT NULL,
    last_call @i64 NOT NULL,
    calls @blob NOT NULL,
    PRIMARY KEY (municipality, day)
) @strict;
CREATE INDEX billing_call_block_of_call ON billing_call_block (last_call, first_call);

UPDATE billing_call_position SET seq = 0;
