-- SPDX-License-Identifier: EUPL-1.2
-- Synonyms that editors have entered (knowledge/synonym_rules.h), beside those of data/search. said, meant: a
-- phrase a line. municipality 0: for everybody. removed: kept, so that a removal can be taken back.
CREATE TABLE knowledge_synonym (
    id @i64 NOT NULL PRIMARY KEY,
    municipality @i64 NOT NULL,
    said TEXT NOT NULL,
    meant TEXT NOT NULL,
    both_ways @i64 NOT NULL CHECK (both_ways IN (0, 1)),
    removed @i64 NOT NULL CHECK (removed IN (0, 1)),
    changed_at @i64 NOT NULL,
    version @i64 NOT NULL
) @strict;
