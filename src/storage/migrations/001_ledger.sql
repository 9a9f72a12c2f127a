-- SPDX-License-Identifier: EUPL-1.2
-- The ledger (src/ledger/ledger.h). Rows are only ever added; triggers refuse everything else.
CREATE TABLE ledger_entry (
    seq @id,
    at @i64 NOT NULL,
    type TEXT NOT NULL,
    payload @json NOT NULL,
    call_id @i64,
    municipality @i64,
    previous @blob NOT NULL,
    hash @blob NOT NULL
) @strict;
CREATE INDEX ledger_entry_by_type ON ledger_entry (type, municipality, at);
CREATE INDEX ledger_entry_by_call ON ledger_entry (call_id) WHERE call_id IS NOT NULL;

-- A cache for a fast start: state after entry seq, made by a program of this format.
CREATE TABLE ledger_snapshot (
    seq @id,
    state @json NOT NULL
) @strict;

-- Personal values behind the commitments in payloads. Erasing a row leaves the chain valid.
CREATE TABLE ledger_sealed (
    commitment TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    at @i64 NOT NULL,
    salt @blob NOT NULL,
    value TEXT NOT NULL
) @strict;
CREATE INDEX ledger_sealed_by_kind ON ledger_sealed (kind, at);
