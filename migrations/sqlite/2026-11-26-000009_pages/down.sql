ALTER TABLE attempts DROP COLUMN last_wrong_code_hash;
