-- SPDX-License-Identifier: EUPL-1.2
-- Crisis plans, kept ready (people/crisis.h): what one action switches, and the approved wording per
-- language. Which of them run is the switchboard's state, not a column.
CREATE TABLE crisis_plan (
    id @i64 NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    municipality @i64 REFERENCES municipality (id),
    queue @i64 REFERENCES call_queue (id),
    head_start_us @i64 NOT NULL CHECK (head_start_us >= 0),
    always_open @i64 NOT NULL CHECK (always_open IN (0, 1)),
    version @i64 NOT NULL,
    CHECK (municipality IS NOT NULL OR queue IS NOT NULL)
) @strict;

CREATE TABLE crisis_period (
    plan @i64 NOT NULL REFERENCES crisis_plan (id),
    weekday @i64 NOT NULL CHECK (weekday BETWEEN 0 AND 6),
    from_second @i64 NOT NULL CHECK (from_second >= 0),
    to_second @i64 NOT NULL CHECK (to_second <= 86400 AND to_second > from_second),
    valid_from TEXT NOT NULL,
    valid_until TEXT NOT NULL,
    PRIMARY KEY (plan, weekday, from_second, valid_from)
) @strict;

CREATE TABLE crisis_skill (
    plan @i64 NOT NULL REFERENCES crisis_plan (id),
    skill @i64 NOT NULL REFERENCES skill (id),
    level @i64 NOT NULL CHECK (level BETWEEN 1 AND 9),
    PRIMARY KEY (plan, skill)
) @strict;
CREATE INDEX crisis_skill_skill ON crisis_skill (skill);

CREATE TABLE crisis_wording (
    plan @i64 NOT NULL REFERENCES crisis_plan (id),
    language TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (plan, language)
) @strict;

-- One-time codes for people who help during a crisis without an account. Only the SHA-256 is kept;
-- a used one is gone.
CREATE TABLE crisis_code (
    code_hash @blob NOT NULL PRIMARY KEY,
    plan @i64 NOT NULL REFERENCES crisis_plan (id),
    made_at @i64 NOT NULL,
    expires_at @i64 NOT NULL
) @strict;

-- Not NULL: this row is no person's account but a helper's place in one crisis, without a name and
-- without a password; it ends with the crisis.
ALTER TABLE account ADD COLUMN helps_in @i64;
