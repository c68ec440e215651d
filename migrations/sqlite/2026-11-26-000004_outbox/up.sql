-- A link that an email server may have delivered without saying so stays good until a newer email of its attempt is accepted. There can be
-- several, so they are kept with the links. (`attempts.leaving_…` has room for one; nodes of the version before read it.)
ALTER TABLE attempt_links ADD COLUMN made_at BIGINT;
ALTER TABLE attempt_links ADD COLUMN good_until BIGINT;
ALTER TABLE attempt_links ADD COLUMN code_hash BLOB;

-- How often an email was handed over without a readable answer.
ALTER TABLE outbox ADD COLUMN unanswered INTEGER NOT NULL DEFAULT 0;
-- When a worker was about to hand it over. If that worker dies, the email may have left.
ALTER TABLE outbox ADD COLUMN handed_at BIGINT;
