-- SPDX-License-Identifier: EUPL-1.2
-- Pages of the towns' websites as the crawler saw them (knowledge/website.h); they can be deleted and
-- fetched again at any time. id is computed from the address. links is a JSON array: a page that has
-- not changed is not sent again, and still leads on. gone: not there any more, kept until the index knows.
CREATE TABLE knowledge_website_page (
    id @i64 NOT NULL PRIMARY KEY,
    site TEXT NOT NULL,
    municipality @i64 NOT NULL,
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    sections @json NOT NULL,
    links @json NOT NULL,
    etag TEXT NOT NULL,
    last_modified TEXT NOT NULL,
    fetched_on TEXT NOT NULL,
    hash TEXT NOT NULL,
    generation @i64 NOT NULL,
    gone @i64 NOT NULL CHECK (gone IN (0, 1))
) @strict;
CREATE INDEX knowledge_website_page_site ON knowledge_website_page (site);
CREATE INDEX knowledge_website_page_generation ON knowledge_website_page (generation);

-- The last visit of each site, for the schedule and the report.
CREATE TABLE knowledge_website_visit (
    site TEXT NOT NULL PRIMARY KEY,
    municipality @i64 NOT NULL,
    ended_at @i64 NOT NULL,
    outcome TEXT NOT NULL,
    asked @i64 NOT NULL,
    stored @i64 NOT NULL
) @strict;
