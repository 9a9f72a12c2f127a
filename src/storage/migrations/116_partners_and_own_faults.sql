-- SPDX-License-Identifier: EUPL-1.2
-- How long a callback waits that could not be dialled by our fault, and how many partners are asked
-- for one call: until now the program's own values, with which the ledger's rules go on unchanged.
ALTER TABLE office_settings ADD COLUMN callback_retry_own_us @i64 NOT NULL DEFAULT 300000000;
ALTER TABLE office_settings ADD COLUMN max_partners @i64 NOT NULL DEFAULT 5;
