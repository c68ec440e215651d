-- The password or the recovery codes that a user has removed in the last days, as hashes. A gain of the same kind that comes after the removal
-- replaces these, so that undoing the gain puts them back.
CREATE TABLE set_aside (
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    former TEXT NOT NULL,
    removed_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, kind)
);
CREATE INDEX set_aside_by_time ON set_aside (removed_at);
