-- SPDX-License-Identifier: EUPL-1.2
-- When the released guides changed last (knowledge/guide_book.h), so that the search index learns of
-- it and of nothing else. Guides that were released before are told with the next change.
CREATE TABLE knowledge_guide_state (
    id @i64 NOT NULL PRIMARY KEY CHECK (id = 1),
    generation @i64 NOT NULL
) @strict;
INSERT INTO knowledge_guide_state (id, generation)
SELECT 1, CASE WHEN EXISTS (SELECT 1 FROM knowledge_guide WHERE title <> '') THEN generation + 1 ELSE 0 END
FROM knowledge_state WHERE id = 1;
