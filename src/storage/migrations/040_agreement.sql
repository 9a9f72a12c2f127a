-- SPDX-License-Identifier: EUPL-1.2
-- What a municipality pays: the standard model of its agreement (billing/agreement.h). A row is never
-- changed once it is in force, except that an open end may be given its last day.
CREATE TABLE agreement (
    id @i64 NOT NULL PRIMARY KEY,
    municipality @i64 NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    price_micro_euro @i64 NOT NULL CHECK (price_micro_euro >= 0),
    counts_after_call_work @i64 NOT NULL CHECK (counts_after_call_work IN (0, 1)),
    unit TEXT NOT NULL,
    level TEXT NOT NULL,
    rounding TEXT NOT NULL,
    clause TEXT NOT NULL
) @strict;
CREATE INDEX agreement_municipality ON agreement (municipality, valid_from);
