-- SPDX-License-Identifier: EUPL-1.2
-- A month's invoices in one go (billing/invoice_run.h): what was to be issued and what came of it, so
-- that a run that was interrupted goes on where it stopped.
CREATE TABLE invoice_run (
    id @id,
    month TEXT NOT NULL,
    started_at @i64 NOT NULL,
    started_by @i64 NOT NULL
) @strict;

CREATE TABLE invoice_run_item (
    run @i64 NOT NULL REFERENCES invoice_run (id),
    municipality @i64 NOT NULL,
    state TEXT NOT NULL,
    number TEXT,
    problem TEXT,
    PRIMARY KEY (run, municipality)
) @strict;
