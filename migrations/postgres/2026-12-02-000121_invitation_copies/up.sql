-- The link of a copy that may have arrived before the newest one of the same email.
ALTER TABLE invitations ADD COLUMN earlier_token_hash BYTEA;

CREATE INDEX invitations_by_earlier_token ON invitations (earlier_token_hash) WHERE earlier_token_hash IS NOT NULL;
