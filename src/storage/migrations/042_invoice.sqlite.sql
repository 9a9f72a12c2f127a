-- SPDX-License-Identifier: EUPL-1.2
CREATE TRIGGER invoice_no_update BEFORE UPDATE ON invoice
BEGIN
    SELECT RAISE(ABORT, 'invoice is append-only');
END;
CREATE TRIGGER invoice_no_delete BEFORE DELETE ON invoice
BEGIN
    SELECT RAISE(ABORT, 'invoice is append-only');
END;
-- INSERT OR REPLACE deletes without firing the trigger above (recursive_triggers is off).
CREATE TRIGGER invoice_no_replace BEFORE INSERT ON invoice
WHEN EXISTS (SELECT 1 FROM invoice WHERE position = NEW.position OR number = NEW.number)
BEGIN
    SELECT RAISE(ABORT, 'invoice is append-only');
END;
