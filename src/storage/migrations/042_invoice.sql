-- SPDX-License-Identifier: EUPL-1.2
-- Issued documents (billing/invoice_book.h). Rows are only ever added; triggers refuse the rest.
CREATE TABLE invoice_party (
    municipality @i64 NOT NULL PRIMARY KEY,
    document @json NOT NULL
) @strict;

-- Numbers without gaps: last grows in the transaction that stores the document.
CREATE TABLE number_circle (
    circle TEXT NOT NULL PRIMARY KEY,
    last @i64 NOT NULL
) @strict;

CREATE TABLE invoice (
    position @i64 NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    circle TEXT NOT NULL,
    sequence @i64 NOT NULL,
    kind TEXT NOT NULL,
    municipality @i64 NOT NULL,
    period_from TEXT NOT NULL,
    period_to TEXT NOT NULL,
    issue_key TEXT NOT NULL UNIQUE,
    refers_to TEXT,
    cancels TEXT UNIQUE,
    issued_at @i64 NOT NULL,
    issued_by @i64 NOT NULL,
    document @json NOT NULL,
    previous @blob NOT NULL,
    hash @blob NOT NULL,
    UNIQUE (circle, sequence)
) @strict;
CREATE INDEX invoice_municipality ON invoice (municipality, period_from);
