-- SPDX-License-Identifier: EUPL-1.2
-- What signed agreements demand of the service (people/agreed_service.h): promises and periods for
-- deletion by day (both included, '' = open), and every time that agreements changed numbers, hours
-- and term, with what stood there before. Rows of agreed_effect are only ever added.
CREATE TABLE agreed_promise (
    municipality @i64 NOT NULL REFERENCES municipality (id),
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    answered_percent @i64 NOT NULL,
    within_seconds @i64 NOT NULL,
    first_contact_percent @i64 NOT NULL,
    reply_hours @i64 NOT NULL,
    reply_in_service_hours @i64 NOT NULL CHECK (reply_in_service_hours IN (0, 1)),
    PRIMARY KEY (municipality, first_day)
) @strict;

CREATE TABLE agreed_retention (
    municipality @i64 NOT NULL REFERENCES municipality (id),
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    caller_days @i64 NOT NULL,
    case_days @i64 NOT NULL,
    call_record_days @i64 NOT NULL,
    PRIMARY KEY (municipality, first_day)
) @strict;

-- agreement 0: somebody set everything back. base: what stood there before any agreement took effect.
CREATE TABLE agreed_effect (
    id @i64 NOT NULL PRIMARY KEY,
    municipality @i64 NOT NULL REFERENCES municipality (id),
    agreement @i64 NOT NULL,
    at @i64 NOT NULL,
    by_user @i64 NOT NULL,
    base @json NOT NULL,
    before @json NOT NULL,
    after @json NOT NULL
) @strict;
CREATE INDEX agreed_effect_municipality ON agreed_effect (municipality, id);
