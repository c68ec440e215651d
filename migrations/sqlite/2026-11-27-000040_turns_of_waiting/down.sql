CREATE INDEX outbox_by_asker ON outbox (asker, turn);
DROP INDEX outbox_by_asker_state;
