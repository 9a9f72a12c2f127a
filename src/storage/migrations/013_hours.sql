-- SPDX-License-Identifier: EUPL-1.2
-- Opening periods have days of validity (both included, '' = none); local closures and exceptional
-- openings; when a municipality's agreement begins and ends (people/hours.h).
CREATE TABLE opening_period_dated (
    municipality @i64 NOT NULL REFERENCES municipality (id),
    weekday @i64 NOT NULL CHECK (weekday BETWEEN 0 AND 6),
    from_second @i64 NOT NULL CHECK (from_second >= 0),
    to_second @i64 NOT NULL CHECK (to_second <= 86400 AND to_second > from_second),
    valid_from TEXT NOT NULL,
    valid_until TEXT NOT NULL,
    PRIMARY KEY (municipality, weekday, from_second, valid_from)
) @strict;
INSERT INTO opening_period_dated (municipality, weekday, from_second, to_second, valid_from,
                                  valid_until)
SELECT municipality, weekday, from_second, to_second, '', '' FROM opening_period;
DROP TABLE opening_period;
ALTER TABLE opening_period_dated RENAME TO opening_period;

ALTER TABLE municipality ADD COLUMN joins_at @i64;
ALTER TABLE municipality ADD COLUMN leaves_at @i64;
