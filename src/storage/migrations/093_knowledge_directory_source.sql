-- SPDX-License-Identifier: EUPL-1.2
-- A town's people come from its own list and, beside it, from its directory service
-- (knowledge/directory_ldap.h): each source replaces its own rows only. Before there was the list alone.
CREATE TABLE knowledge_directory_entry (
    municipality @i64 NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('list', 'service')),
    ordinal @i64 NOT NULL,
    office TEXT NOT NULL,
    name TEXT NOT NULL,
    position TEXT NOT NULL,
    telephone TEXT NOT NULL,
    email TEXT NOT NULL,
    room TEXT NOT NULL,
    substitute TEXT NOT NULL,
    hours TEXT NOT NULL,
    PRIMARY KEY (municipality, source, ordinal)
) @strict;
INSERT INTO knowledge_directory_entry (municipality, source, ordinal, office, name, position, telephone, email, room, substitute, hours)
SELECT municipality, 'list', ordinal, office, name, position, telephone, email, room, substitute, hours FROM knowledge_directory;
DROP TABLE knowledge_directory;

-- The last reading of each town's directory service, for the schedule and the report. outcome: 'stored',
-- 'same' or the problem's code.
CREATE TABLE knowledge_directory_visit (
    municipality @i64 NOT NULL PRIMARY KEY,
    ended_at @i64 NOT NULL,
    outcome TEXT NOT NULL,
    entries @i64 NOT NULL,
    vanishing @i64 NOT NULL,
    faults @i64 NOT NULL
) @strict;
