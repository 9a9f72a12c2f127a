-- SPDX-License-Identifier: EUPL-1.2
-- Question trees (knowledge/guide_book.h): what is told, and the draft beside it. service 0: of none in
-- particular; municipality 0: for all. state is the draft's; 'none': there is none.
CREATE TABLE knowledge_guide (
    id @i64 NOT NULL PRIMARY KEY,
    municipality @i64 NOT NULL,
    service @i64 NOT NULL,
    title TEXT NOT NULL,
    released @json NOT NULL,
    draft_title TEXT NOT NULL,
    draft @json NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('none', 'draft', 'submitted')),
    author @i64 NOT NULL,
    version @i64 NOT NULL,
    changed_at @i64 NOT NULL
) @strict;
CREATE INDEX knowledge_guide_municipality ON knowledge_guide (municipality);

-- Who can be reached in a town hall (knowledge/directory.h), as the municipality's own list says it. name '':
-- the office itself. telephone is E.164 or ''.
CREATE TABLE knowledge_directory (
    municipality @i64 NOT NULL,
    ordinal @i64 NOT NULL,
    office TEXT NOT NULL,
    name TEXT NOT NULL,
    position TEXT NOT NULL,
    telephone TEXT NOT NULL,
    email TEXT NOT NULL,
    room TEXT NOT NULL,
    substitute TEXT NOT NULL,
    hours TEXT NOT NULL,
    PRIMARY KEY (municipality, ordinal)
) @strict;
