DROP INDEX invitations_by_earlier_token;
ALTER TABLE invitations DROP COLUMN earlier_token_hash;
