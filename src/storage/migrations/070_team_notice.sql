-- SPDX-License-Identifier: EUPL-1.2
-- Short notices of the lead to the desks (people/team_notices.h). Without municipality and skill: to all.
-- withdrawn_at: taken back before its time. Rows go some weeks after they stopped to hold.
CREATE TABLE team_notice (
    id @id,
    text TEXT NOT NULL,
    municipality @i64,
    skill @i64,
    created_at @i64 NOT NULL,
    valid_until @i64 NOT NULL,
    withdrawn_at @i64
) @strict;
