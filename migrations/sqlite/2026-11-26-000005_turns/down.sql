DROP INDEX outbox_by_lease;
DROP INDEX outbox_by_asker;
DROP INDEX outbox_by_turn;
ALTER TABLE outbox DROP COLUMN turn;
ALTER TABLE outbox DROP COLUMN asker;
ALTER TABLE outbox DROP COLUMN urgency;
