-- Strangers add rows to the outbox: each ask over a limit is one that is never sent. No statement may go through all of an address or of a
-- state to find a few.
CREATE INDEX outbox_of_recipient ON outbox (recipient, state, settled_at);
DROP INDEX outbox_by_recipient;
CREATE INDEX outbox_settled ON outbox (state, settled_at) WHERE settled_at IS NOT NULL;
DROP INDEX outbox_by_end;
