-- SPDX-License-Identifier: EUPL-1.2
-- Services and offices that are the same but are found elsewhere or otherwise than before, because a
-- responsibility or a specialisation changed (knowledge/object_store.h): what the index reads again.
CREATE TABLE knowledge_surroundings (
    id @i64 NOT NULL PRIMARY KEY,
    generation @i64 NOT NULL
) @strict;
CREATE INDEX knowledge_surroundings_generation ON knowledge_surroundings (generation);
