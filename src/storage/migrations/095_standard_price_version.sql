-- SPDX-License-Identifier: EUPL-1.2
-- A municipality's standard prices (table agreement, billing/standard_price.h) as they stood after
-- each change, so that a month is compared with the prices it was billed by. Version 0: before the
-- first change after this table was made. Whole agreements keep theirs in agreement_version.
CREATE TABLE standard_price_version (
    municipality @i64 NOT NULL,
    version @i64 NOT NULL,
    document @json NOT NULL,
    PRIMARY KEY (municipality, version)
) @strict;
