-- SPDX-License-Identifier: EUPL-1.2
-- A delivery that could not be read stays as 'failed' with the reason; one that stopped half-way
-- says why (problem: JSON {code, arguments}, '' when all is well). by_user 0: at the command line.
CREATE TABLE knowledge_delivery_next (
    id @i64 NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    path TEXT NOT NULL,
    complete @i64 NOT NULL CHECK (complete IN (0, 1)),
    state TEXT NOT NULL CHECK (state IN ('staging', 'failed', 'staged', 'applying', 'applied',
                                         'undoing', 'undone')),
    started_at @i64 NOT NULL,
    finished_at @i64 NOT NULL,
    by_user @i64 NOT NULL DEFAULT 0,
    problem TEXT NOT NULL DEFAULT '',
    report @json NOT NULL
) @strict;
INSERT INTO knowledge_delivery_next (id, source, path, complete, state, started_at, finished_at,
                                     report)
    SELECT id, source, path, complete, state, started_at, finished_at, report
    FROM knowledge_delivery;
DROP TABLE knowledge_delivery;
ALTER TABLE knowledge_delivery_next RENAME TO knowledge_delivery;
