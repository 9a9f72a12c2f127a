-- SPDX-License-Identifier: EUPL-1.2
-- Which objects a delivery changes, as it was read: the first thousand, by name, removals first.
CREATE TABLE knowledge_change (
    delivery @i64 NOT NULL,
    ordinal @i64 NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('removed', 'updated', 'created')),
    object TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (delivery, ordinal)
) @strict;
