-- SPDX-License-Identifier: EUPL-1.2
-- A line is a number that a municipality has for a time: what it is for, its queue, its own hours,
-- the town hall's own operator who rings first (people/lines.h). Follows municipality_number.
CREATE TABLE line (
    id @i64 NOT NULL PRIMARY KEY,
    municipality @i64 NOT NULL REFERENCES municipality (id),
    e164 TEXT NOT NULL,
    scope TEXT NOT NULL,
    queue @i64 REFERENCES call_queue (id),
    price_class @i64 NOT NULL CHECK (price_class >= 0),
    own_hours @i64 NOT NULL CHECK (own_hours IN (0, 1)),
    closed_on_public_holidays @i64 NOT NULL CHECK (closed_on_public_holidays IN (0, 1)),
    valid_from @i64,
    valid_until @i64,
    office TEXT,
    office_ring_us @i64 NOT NULL,
    version @i64 NOT NULL
) @strict;
CREATE INDEX line_municipality ON line (municipality);
CREATE INDEX line_e164 ON line (e164);
INSERT INTO line (id, municipality, e164, scope, queue, price_class, own_hours,
                  closed_on_public_holidays, valid_from, valid_until, office, office_ring_us,
                  version)
SELECT ROW_NUMBER() OVER (ORDER BY e164), municipality, e164, 'central', NULL, 0, 0, 1, NULL, NULL,
       NULL, 20000000, 1
FROM municipality_number;
UPDATE office_settings SET next_rule_id = (SELECT COALESCE(MAX(id), 0) + 1 FROM line);
DROP TABLE municipality_number;

-- open: its own hours. absent: the operator's timetable, then the centre at once.
CREATE TABLE line_period (
    line @i64 NOT NULL REFERENCES line (id),
    purpose TEXT NOT NULL CHECK (purpose IN ('open', 'absent')),
    weekday @i64 NOT NULL CHECK (weekday BETWEEN 0 AND 6),
    from_second @i64 NOT NULL CHECK (from_second >= 0),
    to_second @i64 NOT NULL CHECK (to_second <= 86400 AND to_second > from_second),
    valid_from TEXT NOT NULL,
    valid_until TEXT NOT NULL,
    PRIMARY KEY (line, purpose, weekday, from_second, valid_from)
) @strict;

-- Of the municipality, or of one of its lines that has its own hours.
CREATE TABLE hours_exception (
    id @i64 NOT NULL PRIMARY KEY,
    municipality @i64 NOT NULL REFERENCES municipality (id),
    line @i64 REFERENCES line (id),
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    opens @i64 NOT NULL CHECK (opens IN (0, 1)),
    from_second @i64 NOT NULL CHECK (from_second >= 0),
    to_second @i64 NOT NULL CHECK (to_second <= 86400 AND to_second > from_second),
    reason TEXT NOT NULL,
    version @i64 NOT NULL
) @strict;
CREATE INDEX hours_exception_municipality ON hours_exception (municipality);
