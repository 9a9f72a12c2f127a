-- SPDX-License-Identifier: EUPL-1.2
-- What the service centre costs, per year, with every version; and proposals for new prices with who
-- agreed when (billing/cost_book.h, billing/proposal_book.h). Canonical JSON.
CREATE TABLE cost_year (
    year @i64 NOT NULL,
    version @i64 NOT NULL,
    changed_at @i64 NOT NULL,
    changed_by @i64 NOT NULL,
    reason TEXT NOT NULL,
    document @json NOT NULL,
    PRIMARY KEY (year, version)
) @strict;

CREATE TABLE price_proposal (
    id @i64 NOT NULL PRIMARY KEY,
    agreement @i64 NOT NULL REFERENCES agreement_record (id),
    municipality @i64 NOT NULL,
    version @i64 NOT NULL,
    document @json NOT NULL
) @strict;
CREATE INDEX price_proposal_municipality ON price_proposal (municipality, id);
