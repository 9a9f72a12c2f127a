-- SPDX-License-Identifier: EUPL-1.2
-- Whole agreements (billing/agreement_book.h) as canonical JSON, with every version they had.
CREATE TABLE agreement_record (
    id @i64 NOT NULL PRIMARY KEY,
    municipality @i64 NOT NULL,
    state TEXT NOT NULL,
    version @i64 NOT NULL,
    begins TEXT NOT NULL,
    ends TEXT,
    document @json NOT NULL
) @strict;
CREATE INDEX agreement_record_municipality ON agreement_record (municipality, begins);

CREATE TABLE agreement_version (
    agreement @i64 NOT NULL REFERENCES agreement_record (id),
    version @i64 NOT NULL,
    document @json NOT NULL,
    changed_at @i64 NOT NULL,
    changed_by @i64 NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (agreement, version)
) @strict;
