-- SPDX-License-Identifier: EUPL-1.2
-- What the service centre and its municipalities write themselves (knowledge/local_text.h). No delivery
-- touches these tables: they survive every re-import. municipality 0 is the text common to all.
CREATE TABLE knowledge_telephone_text (
    service @i64 NOT NULL,
    municipality @i64 NOT NULL,
    text TEXT NOT NULL,
    expires_on TEXT NOT NULL,
    PRIMARY KEY (service, municipality)
) @strict;

-- lines is a JSON array of plain texts. state 'draft' is seen by the municipality's editors only,
-- visibility 'internal' by its staff only.
CREATE TABLE knowledge_local_text (
    service @i64 NOT NULL,
    municipality @i64 NOT NULL,
    section TEXT NOT NULL,
    visibility TEXT NOT NULL CHECK (visibility IN ('public', 'internal')),
    state TEXT NOT NULL CHECK (state IN ('released', 'draft')),
    lines @json NOT NULL,
    expires_on TEXT NOT NULL,
    PRIMARY KEY (service, municipality, section, visibility, state)
) @strict;
CREATE INDEX knowledge_local_text_municipality ON knowledge_local_text (municipality);

CREATE TABLE knowledge_review (
    service @i64 NOT NULL,
    municipality @i64 NOT NULL,
    checked_on TEXT NOT NULL,
    review_days @i64 NOT NULL CHECK (review_days > 0),
    PRIMARY KEY (service, municipality)
) @strict;
