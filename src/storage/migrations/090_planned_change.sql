-- SPDX-License-Identifier: EUPL-1.2
-- Changes of what distribution obeys that wait for their instant (people/planned_changes.h): the
-- request as it was sent. A row goes when its change took effect (rule_history keeps that one) or was
-- withdrawn; one that could not be made stays, without its content, until somebody has read why.
CREATE TABLE planned_change (
    id @i64 NOT NULL PRIMARY KEY,
    at @i64 NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    body TEXT NOT NULL,
    -- the version of the thing that it starts from; NULL: a new thing, or a removal
    version @i64,
    things @json NOT NULL,
    planned_on @i64 NOT NULL,
    by_account @i64 NOT NULL,
    office TEXT NOT NULL,
    refused_at @i64,
    problem @json
) @strict;
CREATE INDEX planned_change_at ON planned_change (at, id);
