-- SPDX-License-Identifier: EUPL-1.2
-- Questions of a paying municipality about a document, a line or a call (billing/dispute_book.h),
-- with what both sides said. Comments are only ever added.
CREATE TABLE dispute (
    id @i64 NOT NULL PRIMARY KEY,
    number TEXT NOT NULL REFERENCES invoice (number),
    municipality @i64 NOT NULL,
    line @i64,
    call_id @i64,
    state TEXT NOT NULL,
    credit_note TEXT,
    opened_at @i64 NOT NULL
) @strict;
CREATE INDEX dispute_municipality ON dispute (municipality, opened_at);
CREATE INDEX dispute_number ON dispute (number);

CREATE TABLE dispute_comment (
    dispute @i64 NOT NULL REFERENCES dispute (id),
    position @i64 NOT NULL,
    at @i64 NOT NULL,
    by_user @i64 NOT NULL,
    side TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (dispute, position)
) @strict;
