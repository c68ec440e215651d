ALTER TABLE outbox DROP COLUMN handed_at;
ALTER TABLE outbox DROP COLUMN unanswered;
ALTER TABLE attempt_links DROP COLUMN code_hash;
ALTER TABLE attempt_links DROP COLUMN good_until;
ALTER TABLE attempt_links DROP COLUMN made_at;
