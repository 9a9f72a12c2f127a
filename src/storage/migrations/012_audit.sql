-- SPDX-License-Identifier: EUPL-1.2
-- Who changed what (people/audit.h): ids and field names, never values, never names of persons.
CREATE TABLE audit_entry (
    id @i64 NOT NULL PRIMARY KEY,
    at @i64 NOT NULL,
    by_account @i64 NOT NULL,
    action TEXT NOT NULL,
    subject @i64 NOT NULL,
    fields TEXT NOT NULL
) @strict;
CREATE INDEX audit_entry_at ON audit_entry (at);
