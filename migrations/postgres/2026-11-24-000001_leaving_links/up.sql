-- What the mail at hand carries, from before it leaves until it is known to have left: a mail can be opened before the mail server's answer
-- has been written down, and by then whoever opens it must find a link that counts.
ALTER TABLE attempts ADD COLUMN leaving_token_hash BYTEA;
ALTER TABLE attempts ADD COLUMN leaving_code_hash BYTEA;
ALTER TABLE attempts ADD COLUMN leaving_until BIGINT;
