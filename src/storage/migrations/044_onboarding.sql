-- SPDX-License-Identifier: EUPL-1.2
-- Joining municipalities (billing/onboarding_book.h): questionnaire and checklist as canonical JSON,
-- with every version they had.
CREATE TABLE onboarding (
    municipality @i64 NOT NULL PRIMARY KEY,
    version @i64 NOT NULL,
    go_live TEXT NOT NULL,
    document @json NOT NULL
) @strict;

CREATE TABLE onboarding_version (
    municipality @i64 NOT NULL REFERENCES onboarding (municipality),
    version @i64 NOT NULL,
    changed_at @i64 NOT NULL,
    changed_by @i64 NOT NULL,
    document @json NOT NULL,
    PRIMARY KEY (municipality, version)
) @strict;
