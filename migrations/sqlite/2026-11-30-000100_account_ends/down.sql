DROP INDEX accounts_ends;
ALTER TABLE accounts DROP COLUMN end_done_at;
ALTER TABLE accounts DROP COLUMN end_told_at;
ALTER TABLE accounts DROP COLUMN ends_at;
