DROP TABLE address_change_links;
ALTER TABLE attempts DROP COLUMN token_made_at;
ALTER TABLE attempts DROP COLUMN leaving_until;
ALTER TABLE attempts DROP COLUMN leaving_code_hash;
ALTER TABLE attempts DROP COLUMN leaving_token_hash;
