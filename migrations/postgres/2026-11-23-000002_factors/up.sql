-- Second factors, passkeys, and what goes with them. A TOTP secret stands here only sealed under the operator's key, everything else
-- that opens a door as a hash; what a passkey leaves here is public by nature.

CREATE TABLE totp_authenticators (
    id BIGINT PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    sealed_secret BYTEA NOT NULL,
    last_step BIGINT NOT NULL,
    added_at BIGINT NOT NULL,
    -- None until its first correct code; until then it is worth nothing.
    confirmed_at BIGINT,
    last_used_at BIGINT
);
CREATE INDEX totp_authenticators_by_account ON totp_authenticators (account_id);

-- Wrong codes of one account since the last right one, over all its sign-ins.
CREATE TABLE totp_failures (
    account_id BIGINT PRIMARY KEY NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    wrong INTEGER NOT NULL,
    paused_until BIGINT NOT NULL
);

CREATE TABLE recovery_code_sets (
    account_id BIGINT PRIMARY KEY NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    salt BYTEA NOT NULL,
    made_at BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    code_hash BYTEA NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (account_id, code_hash)
);

CREATE TABLE passkeys (
    id BIGINT PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    credential_id BYTEA NOT NULL UNIQUE,
    name TEXT NOT NULL,
    aaguid TEXT NOT NULL,
    -- The public key, the counter and the flags, as webauthn-rs writes them.
    credential TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX passkeys_by_account ON passkeys (account_id);

-- Challenges that wait for their answer, bound to one browser and one purpose; taken away by the first answer.
CREATE TABLE passkey_ceremonies (
    secret_hash BYTEA PRIMARY KEY NOT NULL,
    purpose TEXT NOT NULL,
    account_id BIGINT REFERENCES accounts (id) ON DELETE CASCADE,
    -- The session or the pending sign-in that it belongs to.
    bound_to BIGINT,
    state TEXT NOT NULL,
    begun_at BIGINT NOT NULL
);
CREATE INDEX passkey_ceremonies_by_age ON passkey_ceremonies (begun_at);

-- Somebody has shown one thing and not yet enough. No session.
CREATE TABLE pending_sign_ins (
    id BIGINT PRIMARY KEY NOT NULL,
    secret_hash BYTEA NOT NULL UNIQUE,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    attempt_id BIGINT,
    remember BOOLEAN NOT NULL,
    return_to TEXT NOT NULL,
    begun_at BIGINT NOT NULL
);
CREATE INDEX pending_sign_ins_by_account ON pending_sign_ins (account_id);
CREATE INDEX pending_sign_ins_by_age ON pending_sign_ins (begun_at);

CREATE TABLE pending_proofs (
    pending_id BIGINT NOT NULL REFERENCES pending_sign_ins (id) ON DELETE CASCADE,
    method TEXT NOT NULL,
    proven_at BIGINT NOT NULL,
    PRIMARY KEY (pending_id, method)
);

-- Browsers in which the second factor is remembered.
CREATE TABLE trusted_devices (
    id BIGINT PRIMARY KEY NOT NULL,
    secret_hash BYTEA NOT NULL UNIQUE,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    browser TEXT NOT NULL,
    client_address TEXT,
    trusted_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL
);
CREATE INDEX trusted_devices_by_account ON trusted_devices (account_id);

-- Somebody has lost their second factors. They go when the waiting period is over, unless the owner says no.
CREATE TABLE recoveries (
    id BIGINT PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- Who asked: "owner", "admin" or "command line".
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    ended_at BIGINT,
    outcome TEXT
);
CREATE INDEX recoveries_by_account ON recoveries (account_id);
CREATE INDEX recoveries_by_due ON recoveries (ended_at, due_at);
-- An account has one under way.
CREATE UNIQUE INDEX recoveries_under_way ON recoveries (account_id) WHERE ended_at IS NULL;

-- Every link by which a recovery's owner can say no. A mail that was sent twice, or tried again, has one each time, and all of them work.
CREATE TABLE recovery_links (
    token_hash BYTEA PRIMARY KEY NOT NULL,
    recovery_id BIGINT NOT NULL REFERENCES recoveries (id) ON DELETE CASCADE
);
CREATE INDEX recovery_links_by_recovery ON recovery_links (recovery_id);

-- The keys of the operator's key file that this database was ever used with, by name: a node that comes with another file is told apart.
CREATE TABLE sealing_keys (
    id TEXT PRIMARY KEY NOT NULL,
    first_used_at BIGINT NOT NULL
);

-- Chosen by way of a mailed link, and not used beside a second factor since: it shows no more than the mailbox does.
ALTER TABLE passwords ADD COLUMN from_mail BOOLEAN NOT NULL DEFAULT FALSE;
