-- Only emails that still wait take a turn: an asker whose emails have left waits behind none.
CREATE INDEX outbox_by_asker_state ON outbox (asker, state, turn);
DROP INDEX outbox_by_asker;
