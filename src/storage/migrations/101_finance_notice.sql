-- SPDX-License-Identifier: EUPL-1.2
-- What finance is told by itself (billing/finance_notices.h). Derived, except for what was told:
-- each threshold of a year and each reminder of an agreement goes out once.
CREATE TABLE budget_watch (
    municipality @i64 NOT NULL,
    year @i64 NOT NULL,
    month @i64 NOT NULL,
    alarm TEXT NOT NULL,
    budget_cents @i64 NOT NULL,
    forecast_cents @i64 NOT NULL,
    exhausted_in @i64,
    computed_at @i64 NOT NULL,
    told TEXT NOT NULL,
    PRIMARY KEY (municipality, year)
) @strict;

CREATE TABLE agreement_told (
    agreement @i64 NOT NULL,
    remind_on TEXT NOT NULL,
    told_at @i64 NOT NULL,
    PRIMARY KEY (agreement, remind_on)
) @strict;
