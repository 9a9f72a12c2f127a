-- SPDX-License-Identifier: EUPL-1.2
-- Own texts on their way and afterwards (knowledge/text_editing.h). A place is service, municipality
-- (0: common to all), part ('telephone' or a section) and visibility; it has at most one draft.
CREATE TABLE knowledge_draft (
    service @i64 NOT NULL,
    municipality @i64 NOT NULL,
    part TEXT NOT NULL,
    visibility TEXT NOT NULL CHECK (visibility IN ('public', 'internal')),
    state TEXT NOT NULL CHECK (state IN ('draft', 'submitted')),
    lines @json NOT NULL,
    expires_on TEXT NOT NULL,
    author @i64 NOT NULL,
    edition @i64 NOT NULL,
    remark TEXT NOT NULL,
    changed_at @i64 NOT NULL,
    PRIMARY KEY (service, municipality, part, visibility)
) @strict;
CREATE INDEX knowledge_draft_municipality ON knowledge_draft (municipality);

-- Every text that was ever shown, by number. kind 'before': what stood there before the first release.
-- No lines: the own text was taken away.
CREATE TABLE knowledge_version (
    service @i64 NOT NULL,
    municipality @i64 NOT NULL,
    part TEXT NOT NULL,
    visibility TEXT NOT NULL CHECK (visibility IN ('public', 'internal')),
    number @i64 NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('before', 'released', 'restored')),
    lines @json NOT NULL,
    expires_on TEXT NOT NULL,
    written_by @i64 NOT NULL,
    released_by @i64 NOT NULL,
    released_at @i64 NOT NULL,
    restored_from @i64 NOT NULL,
    PRIMARY KEY (service, municipality, part, visibility, number)
) @strict;

-- Who cares for a service's texts: the responsible editor, and for common text the municipality that
-- checks it for all (0: the centre).
CREATE TABLE knowledge_care (
    service @i64 NOT NULL,
    municipality @i64 NOT NULL,
    editor @i64 NOT NULL,
    reviewer @i64 NOT NULL,
    PRIMARY KEY (service, municipality)
) @strict;
CREATE INDEX knowledge_care_reviewer ON knowledge_care (reviewer);

-- Somebody has read it and it was true; the last one stands in knowledge_review as well.
CREATE TABLE knowledge_check (
    service @i64 NOT NULL,
    municipality @i64 NOT NULL,
    checked_at @i64 NOT NULL,
    checked_by @i64 NOT NULL,
    PRIMARY KEY (service, municipality, checked_at)
) @strict;

-- What is to be done: 'wrong' was said in a call (times: how often), 'job' was given to somebody.
-- assignee 0: any editor of the municipality.
CREATE TABLE knowledge_task (
    id @i64 NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('wrong', 'job')),
    service @i64 NOT NULL,
    municipality @i64 NOT NULL,
    part TEXT NOT NULL,
    text TEXT NOT NULL,
    assignee @i64 NOT NULL,
    due_on TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'done', 'dismissed')),
    times @i64 NOT NULL CHECK (times > 0),
    created_at @i64 NOT NULL,
    closed_at @i64 NOT NULL,
    closed_by @i64 NOT NULL
) @strict;
CREATE INDEX knowledge_task_open ON knowledge_task (state, municipality);

-- Searches that found nothing, once several people asked the same (knowledge/search_gaps.h).
CREATE TABLE knowledge_gap (
    id @i64 NOT NULL PRIMARY KEY,
    query TEXT NOT NULL,
    municipality @i64 NOT NULL,
    times @i64 NOT NULL CHECK (times > 0),
    last_on TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'dismissed')),
    UNIQUE (query, municipality)
) @strict;
