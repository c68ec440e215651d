-- Whose turn it is: emails that a user waits for go before news, and one client's emails go in turn with those of others. The client itself is
-- not kept, only one of 65,536 buckets. Rows of nodes of the version before have the first turn.
ALTER TABLE outbox ADD COLUMN urgency INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN asker INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN turn BIGINT NOT NULL DEFAULT 0;
CREATE INDEX outbox_by_turn ON outbox (urgency, turn) WHERE state = 'waiting';
CREATE INDEX outbox_by_asker ON outbox (asker, turn);
CREATE INDEX outbox_by_lease ON outbox (lease) WHERE lease IS NOT NULL;
