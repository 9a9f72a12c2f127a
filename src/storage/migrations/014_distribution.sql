-- SPDX-License-Identifier: EUPL-1.2
-- What distribution obeys beside the municipalities: skills, queues, partners, overflows. Ids are
-- given once and never again (office_settings.next_rule_id): the ledger names them for ever.
ALTER TABLE office_settings ADD COLUMN next_rule_id @i64 NOT NULL DEFAULT 1;
ALTER TABLE office_settings ADD COLUMN callback_ring_us @i64 NOT NULL DEFAULT 30000000;
ALTER TABLE office_settings ADD COLUMN callback_attempts @i64 NOT NULL DEFAULT 3;
ALTER TABLE office_settings ADD COLUMN callback_retry_us @i64 NOT NULL DEFAULT 1800000000;
ALTER TABLE office_settings ADD COLUMN callback_retry_busy_us @i64 NOT NULL DEFAULT 300000000;
ALTER TABLE office_settings ADD COLUMN typical_handling_us @i64 NOT NULL DEFAULT 180000000;
ALTER TABLE office_settings ADD COLUMN max_hops @i64 NOT NULL DEFAULT 3;

CREATE TABLE skill (
    id @i64 NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL UNIQUE,
    version @i64 NOT NULL
) @strict;

CREATE TABLE agent_skill (
    account @i64 NOT NULL REFERENCES account (id),
    skill @i64 NOT NULL REFERENCES skill (id),
    level @i64 NOT NULL CHECK (level BETWEEN 1 AND 9),
    PRIMARY KEY (account, skill)
) @strict;
CREATE INDEX agent_skill_skill ON agent_skill (skill);

CREATE TABLE call_queue (
    id @i64 NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    head_start_us @i64 NOT NULL CHECK (head_start_us >= 0),
    max_waiting @i64 NOT NULL CHECK (max_waiting >= 0),
    offers_callback @i64 NOT NULL CHECK (offers_callback IN (0, 1)),
    version @i64 NOT NULL
) @strict;

-- demand: after_us 0; prefer: after_us 0; relaxed: from this wait on these demands hold instead.
CREATE TABLE call_queue_skill (
    queue @i64 NOT NULL REFERENCES call_queue (id),
    purpose TEXT NOT NULL CHECK (purpose IN ('demand', 'prefer', 'relaxed')),
    after_us @i64 NOT NULL CHECK (after_us >= 0),
    skill @i64 NOT NULL REFERENCES skill (id),
    level @i64 NOT NULL CHECK (level BETWEEN 1 AND 9),
    PRIMARY KEY (queue, purpose, after_us, skill)
) @strict;
CREATE INDEX call_queue_skill_skill ON call_queue_skill (skill);

-- Each relaxation, also one that demands nothing any more.
CREATE TABLE call_queue_relaxation (
    queue @i64 NOT NULL REFERENCES call_queue (id),
    after_us @i64 NOT NULL CHECK (after_us > 0),
    PRIMARY KEY (queue, after_us)
) @strict;

CREATE TABLE partner (
    id @i64 NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    e164 TEXT NOT NULL,
    version @i64 NOT NULL
) @strict;

-- The first by position that applies decides. Columns that its reason does not use are 0 or NULL.
CREATE TABLE overflow (
    id @i64 NOT NULL PRIMARY KEY,
    position @i64 NOT NULL,
    reason TEXT NOT NULL CHECK (reason IN ('planned', 'closed', 'queue_length', 'longest_wait')),
    partner @i64 NOT NULL REFERENCES partner (id),
    queue @i64 REFERENCES call_queue (id),
    waiting @i64 NOT NULL,
    wait_us @i64 NOT NULL,
    from_at @i64,
    until_at @i64,
    version @i64 NOT NULL
) @strict;
