-- SPDX-License-Identifier: EUPL-1.2
-- A crisis plan's demands relax with the wait, as a queue's do (call_queue_relaxation). Each step,
-- also one that demands nothing any more; and what it demands.
CREATE TABLE crisis_relaxation (
    plan @i64 NOT NULL REFERENCES crisis_plan (id),
    after_us @i64 NOT NULL CHECK (after_us > 0),
    PRIMARY KEY (plan, after_us)
) @strict;

CREATE TABLE crisis_relaxed_skill (
    plan @i64 NOT NULL REFERENCES crisis_plan (id),
    after_us @i64 NOT NULL CHECK (after_us > 0),
    skill @i64 NOT NULL REFERENCES skill (id),
    level @i64 NOT NULL CHECK (level BETWEEN 1 AND 9),
    PRIMARY KEY (plan, after_us, skill)
) @strict;
CREATE INDEX crisis_relaxed_skill_skill ON crisis_relaxed_skill (skill);
