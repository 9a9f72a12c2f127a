-- SPDX-License-Identifier: EUPL-1.2
-- Which websites and directory services the running program reads (knowledge/sources.h), written anew at
-- each start: whoever looks also sees those that were never read. No address of a directory service: it
-- is the operator's.
CREATE TABLE knowledge_source (
    kind TEXT NOT NULL CHECK (kind IN ('website', 'directory')),
    municipality @i64 NOT NULL,
    address TEXT NOT NULL, -- of a website its first page, else ''
    PRIMARY KEY (kind, municipality, address)
) @strict;
