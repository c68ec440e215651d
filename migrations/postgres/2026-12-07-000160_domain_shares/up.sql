-- When an email to an address without an account took from its domain's share. It takes once, however often it is tried.
ALTER TABLE outbox ADD COLUMN counted_at BIGINT;
