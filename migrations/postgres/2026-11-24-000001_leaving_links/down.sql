ALTER TABLE attempts DROP COLUMN leaving_until;
ALTER TABLE attempts DROP COLUMN leaving_code_hash;
ALTER TABLE attempts DROP COLUMN leaving_token_hash;
