-- SPDX-License-Identifier: EUPL-1.2
-- Each change of what distribution obeys, as the rows before and after it (people/rule_history.h),
-- so that the last one can be taken back.
CREATE TABLE rule_history (
    id @i64 NOT NULL PRIMARY KEY,
    at @i64 NOT NULL,
    by_account @i64 NOT NULL,
    change @json NOT NULL,
    undone_at @i64
) @strict;
