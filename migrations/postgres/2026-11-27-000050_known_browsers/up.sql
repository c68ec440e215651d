-- Browsers in which an account has signed in, so that its owner is told of a sign-in in any other. A browser that several accounts use has a row
-- for each, under one secret. `browser` and `client_address` say where the first sign-in came from. A browser that was signed out from
-- elsewhere counts as new again.
CREATE TABLE known_browsers (
    id BIGINT PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    secret_hash BYTEA NOT NULL,
    browser TEXT NOT NULL,
    client_address TEXT,
    first_used_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    signed_out_at BIGINT
);
CREATE INDEX known_browsers_by_secret ON known_browsers (secret_hash);
CREATE INDEX known_browsers_by_account ON known_browsers (account_id, last_used_at);
CREATE INDEX known_browsers_by_use ON known_browsers (last_used_at);

-- Every link that signs one out. An email that was sent twice has one each time, and all of them work.
CREATE TABLE known_browser_links (
    token_hash BYTEA PRIMARY KEY NOT NULL,
    browser_id BIGINT NOT NULL REFERENCES known_browsers (id) ON DELETE CASCADE
);
CREATE INDEX known_browser_links_by_browser ON known_browser_links (browser_id);

-- The known browser that a session is in. NULL for sessions of a version before.
ALTER TABLE sessions ADD COLUMN known_browser_id BIGINT;

-- Browsers of a version before are known by the secret that they have, so that the upgrade raises no false alarm.
INSERT INTO known_browsers
SELECT row_number() OVER (ORDER BY secret_hash), account_id, secret_hash, '', NULL, last_used_at, last_used_at, NULL FROM devices;
