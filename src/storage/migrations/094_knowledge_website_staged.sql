-- SPDX-License-Identifier: EUPL-1.2
-- What a visit of a website has read and is new, until the visit has ended and it is clear that this was the
-- website and no maintenance page (knowledge/website.h). Emptied when a visit begins and when it ends.
CREATE TABLE knowledge_website_staged (
    id @i64 NOT NULL PRIMARY KEY,
    site TEXT NOT NULL,
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    sections @json NOT NULL,
    links @json NOT NULL,
    etag TEXT NOT NULL,
    last_modified TEXT NOT NULL,
    fetched_on TEXT NOT NULL,
    hash TEXT NOT NULL
) @strict;
CREATE INDEX knowledge_website_staged_site ON knowledge_website_staged (site);
