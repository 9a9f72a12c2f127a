-- SPDX-License-Identifier: EUPL-1.2
-- A question that was upheld by giving the call to another municipality or kind: 1. The difference
-- comes with the next invoices, so there is no credit note.
ALTER TABLE dispute ADD COLUMN reclassified @i64 NOT NULL DEFAULT 0;
