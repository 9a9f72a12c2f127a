-- SPDX-License-Identifier: EUPL-1.2
-- The websites that editors have entered (knowledge/website_rules.h), beside those of the configuration
-- (knowledge_source). removed: kept, so that a removal can be taken back.
CREATE TABLE knowledge_website_site (
    id @i64 NOT NULL PRIMARY KEY,
    municipality @i64 NOT NULL,
    start TEXT NOT NULL,
    most_pages @i64 NOT NULL,
    pause_seconds @i64 NOT NULL,
    stopped @i64 NOT NULL CHECK (stopped IN (0, 1)),
    removed @i64 NOT NULL CHECK (removed IN (0, 1)),
    changed_at @i64 NOT NULL,
    version @i64 NOT NULL
) @strict;

-- Somebody wants this site to be read now. losses_meant: what looks like an outage is none.
CREATE TABLE knowledge_website_wish (
    site TEXT NOT NULL PRIMARY KEY,
    asked_at @i64 NOT NULL,
    losses_meant @i64 NOT NULL CHECK (losses_meant IN (0, 1))
) @strict;
