-- The code that was wrong last, hashed as the right one is. The same one again is counted once.
ALTER TABLE attempts ADD COLUMN last_wrong_code_hash BYTEA;
