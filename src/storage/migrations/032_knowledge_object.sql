-- SPDX-License-Identifier: EUPL-1.2
-- The knowledge as the authorities exchange it (knowledge/model.h): each object once as canonical XML,
-- from which nothing is lost, and beside it in rows what is asked for. id is computed from kind, agency
-- and local id, so that a reference needs no look-up and an object that comes back is the same one.
CREATE TABLE knowledge_state (
    id @i64 NOT NULL PRIMARY KEY CHECK (id = 1),
    generation @i64 NOT NULL,
    next_delivery @i64 NOT NULL,
    changed_at @i64 NOT NULL
) @strict;
INSERT INTO knowledge_state (id, generation, next_delivery, changed_at) VALUES (1, 0, 1, 0);

CREATE TABLE knowledge_object (
    id @i64 NOT NULL PRIMARY KEY,
    kind @i64 NOT NULL,
    agency TEXT NOT NULL,
    local_id TEXT NOT NULL,
    scheme TEXT NOT NULL,
    source TEXT NOT NULL,
    hash TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    generation @i64 NOT NULL,
    xml TEXT NOT NULL
) @strict;
CREATE INDEX knowledge_object_kind ON knowledge_object (kind, id);
CREATE INDEX knowledge_object_source ON knowledge_object (source, id);
CREATE INDEX knowledge_object_generation ON knowledge_object (generation);

-- What is gone, for change sets and for the index.
CREATE TABLE knowledge_tombstone (
    id @i64 NOT NULL PRIMARY KEY,
    kind @i64 NOT NULL,
    agency TEXT NOT NULL,
    local_id TEXT NOT NULL,
    scheme TEXT NOT NULL,
    generation @i64 NOT NULL
) @strict;
CREATE INDEX knowledge_tombstone_generation ON knowledge_tombstone (generation);
