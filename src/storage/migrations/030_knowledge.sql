-- SPDX-License-Identifier: EUPL-1.2
-- Public services and their texts (knowledge/service.h). A section with municipality 0 is common text;
-- one with a municipality belongs to it alone. lines is a JSON array of plain texts.
CREATE TABLE knowledge_service (
    id @i64 NOT NULL PRIMARY KEY,
    leika TEXT NOT NULL,
    name TEXT NOT NULL,
    colloquial TEXT NOT NULL,
    synonyms TEXT NOT NULL,
    short_answer TEXT NOT NULL,
    checked_on TEXT NOT NULL,
    review_days @i64 NOT NULL CHECK (review_days > 0)
) @strict;
CREATE TABLE knowledge_section (
    service @i64 NOT NULL,
    municipality @i64 NOT NULL,
    section TEXT NOT NULL,
    lines TEXT NOT NULL,
    PRIMARY KEY (service, municipality, section)
) @strict;
