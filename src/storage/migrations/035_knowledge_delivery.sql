-- SPDX-License-Identifier: EUPL-1.2
-- Deliveries (knowledge/delivery.h): staged, reported, applied in pieces, undone.
CREATE TABLE knowledge_delivery (
    id @i64 NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    path TEXT NOT NULL,
    complete @i64 NOT NULL CHECK (complete IN (0, 1)),
    state TEXT NOT NULL CHECK (state IN ('staging', 'staged', 'applying', 'applied', 'undoing',
                                         'undone')),
    started_at @i64 NOT NULL,
    finished_at @i64 NOT NULL,
    report @json NOT NULL
) @strict;

CREATE TABLE knowledge_staged (
    delivery @i64 NOT NULL,
    id @i64 NOT NULL,
    kind @i64 NOT NULL,
    agency TEXT NOT NULL,
    local_id TEXT NOT NULL,
    scheme TEXT NOT NULL,
    removal @i64 NOT NULL CHECK (removal IN (0, 1)),
    hash TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    service @i64 NOT NULL,
    holder @i64 NOT NULL,
    size @i64 NOT NULL,
    xml TEXT NOT NULL,
    PRIMARY KEY (delivery, id)
) @strict;

CREATE TABLE knowledge_finding (
    delivery @i64 NOT NULL,
    ordinal @i64 NOT NULL,
    file TEXT NOT NULL,
    line @i64 NOT NULL,
    code TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (delivery, ordinal)
) @strict;

-- What each changed object was before; existed 0: it was not there.
CREATE TABLE knowledge_undo (
    delivery @i64 NOT NULL,
    id @i64 NOT NULL,
    existed @i64 NOT NULL CHECK (existed IN (0, 1)),
    kind @i64 NOT NULL,
    agency TEXT NOT NULL,
    local_id TEXT NOT NULL,
    scheme TEXT NOT NULL,
    source TEXT NOT NULL,
    xml TEXT NOT NULL,
    PRIMARY KEY (delivery, id)
) @strict;
CREATE INDEX knowledge_undo_id ON knowledge_undo (id, delivery);
