-- Every link by which a recovery's owner can say no. A mail that was sent twice, or tried again, has one each time, and all of them work.
-- (`recoveries.cancel_hash` had room for one and is used no more.)
CREATE TABLE recovery_links (
    token_hash BYTEA PRIMARY KEY NOT NULL,
    recovery_id BIGINT NOT NULL REFERENCES recoveries (id) ON DELETE CASCADE
);
CREATE INDEX recovery_links_by_recovery ON recovery_links (recovery_id);

-- An account has one under way.
CREATE UNIQUE INDEX recoveries_under_way ON recoveries (account_id) WHERE ended_at IS NULL;

-- Chosen by way of a mailed link, and not used beside a second factor since: it shows no more than the mailbox does.
ALTER TABLE passwords ADD COLUMN from_mail BOOLEAN NOT NULL DEFAULT FALSE;
