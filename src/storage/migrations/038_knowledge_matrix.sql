-- SPDX-License-Identifier: EUPL-1.2
-- The TOP list (R-39) in its order, its version in knowledge_top_state, and the municipalities that went
-- live with the state of their matrix at that moment (R-40). override_reason: not complete, but wanted.
CREATE TABLE knowledge_top (
    position @i64 NOT NULL PRIMARY KEY,
    service @i64 NOT NULL UNIQUE
) @strict;
CREATE TABLE knowledge_top_state (
    id @i64 NOT NULL PRIMARY KEY CHECK (id = 1),
    version @i64 NOT NULL
) @strict;
INSERT INTO knowledge_top_state (id, version) VALUES (1, 1);

CREATE TABLE knowledge_go_live (
    municipality @i64 NOT NULL PRIMARY KEY,
    decided_at @i64 NOT NULL,
    decided_by @i64 NOT NULL,
    override_reason TEXT NOT NULL,
    complete @i64 NOT NULL,
    stale @i64 NOT NULL,
    missing @i64 NOT NULL
) @strict;
