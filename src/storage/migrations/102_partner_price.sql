-- SPDX-License-Identifier: EUPL-1.2
-- What a partner centre and we owe each other for calls (billing/partner_account.h), from a month on.
-- Rows are only added.
CREATE TABLE partner_price (
    id @id,
    partner @i64 NOT NULL,
    from_month TEXT NOT NULL,
    taken_for_micro_euro @i64 NOT NULL,
    taken_by_micro_euro @i64 NOT NULL,
    counts_after_call_work @i64 NOT NULL,
    words TEXT NOT NULL,
    changed_at @i64 NOT NULL,
    changed_by @i64 NOT NULL
) @strict;
CREATE INDEX partner_price_partner ON partner_price (partner, from_month);
