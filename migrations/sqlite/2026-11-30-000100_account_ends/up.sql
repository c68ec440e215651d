-- When an account ends, when its user was told of that, and when housekeeping ended what acted for it.
ALTER TABLE accounts ADD COLUMN ends_at BIGINT;
ALTER TABLE accounts ADD COLUMN end_told_at BIGINT;
ALTER TABLE accounts ADD COLUMN end_done_at BIGINT;

CREATE INDEX accounts_ends ON accounts (ends_at) WHERE ends_at IS NOT NULL;
