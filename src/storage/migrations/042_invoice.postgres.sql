-- SPDX-License-Identifier: EUPL-1.2
CREATE FUNCTION invoice_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'invoice is append-only';
END
$$;
CREATE TRIGGER invoice_no_change BEFORE UPDATE OR DELETE ON invoice
FOR EACH ROW EXECUTE FUNCTION invoice_refuse();
CREATE TRIGGER invoice_no_truncate BEFORE TRUNCATE ON invoice
FOR EACH STATEMENT EXECUTE FUNCTION invoice_refuse();
