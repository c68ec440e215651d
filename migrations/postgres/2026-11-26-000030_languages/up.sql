-- The language that a user chose for pages and emails. NULL: the browser's.
ALTER TABLE accounts ADD COLUMN language TEXT;
-- The language of the browser that asked. NULL: the installation's.
ALTER TABLE outbox ADD COLUMN language TEXT;
ALTER TABLE attempts ADD COLUMN language TEXT;
