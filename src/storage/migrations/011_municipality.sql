-- SPDX-License-Identifier: EUPL-1.2
-- The tenants (people/municipalities.h): what distribution and the desk need to know about them.
CREATE TABLE municipality (
    id @i64 NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    short_name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('municipality', 'district')),
    land TEXT NOT NULL,
    population @i64 NOT NULL CHECK (population >= 0),
    population_date TEXT NOT NULL,
    population_source TEXT NOT NULL,
    greeting TEXT NOT NULL,
    closed_on_public_holidays @i64 NOT NULL CHECK (closed_on_public_holidays IN (0, 1)),
    version @i64 NOT NULL
) @strict;

-- Local time in Europe/Berlin, [from, to) in seconds of the day; weekday 0 is Monday.
CREATE TABLE opening_period (
    municipality @i64 NOT NULL REFERENCES municipality (id),
    weekday @i64 NOT NULL CHECK (weekday BETWEEN 0 AND 6),
    from_second @i64 NOT NULL CHECK (from_second >= 0),
    to_second @i64 NOT NULL CHECK (to_second <= 86400 AND to_second > from_second),
    PRIMARY KEY (municipality, weekday, from_second)
) @strict;

CREATE TABLE municipality_number (
    e164 TEXT NOT NULL PRIMARY KEY,
    municipality @i64 NOT NULL REFERENCES municipality (id)
) @strict;
CREATE INDEX municipality_number_municipality ON municipality_number (municipality);

-- One row. rules_version grows with everything that distribution obeys.
CREATE TABLE office_settings (
    id @i64 NOT NULL PRIMARY KEY CHECK (id = 1),
    ring_timeout_us @i64 NOT NULL,
    wrap_up_us @i64 NOT NULL,
    wrap_up_extension_us @i64 NOT NULL,
    transfer_timeout_us @i64 NOT NULL,
    version @i64 NOT NULL,
    rules_version @i64 NOT NULL
) @strict;
INSERT INTO office_settings (id, ring_timeout_us, wrap_up_us, wrap_up_extension_us,
                             transfer_timeout_us, version, rules_version)
VALUES (1, 20000000, 30000000, 60000000, 25000000, 1, 1);
