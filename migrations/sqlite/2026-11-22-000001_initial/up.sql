-- Times are milliseconds since 1970 in UTC, ids are made by the application, secrets stand here only as hashes.
-- The twin of this file lies under migrations/postgres; a test compares what they make.

CREATE TABLE accounts (
    id BIGINT PRIMARY KEY NOT NULL,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    is_admin BOOLEAN NOT NULL,
    disabled_at BIGINT,
    proven_at BIGINT,
    created_at BIGINT NOT NULL,
    origin TEXT NOT NULL,
    last_signed_in_at BIGINT
);

CREATE TABLE attempts (
    id BIGINT PRIMARY KEY NOT NULL,
    purpose TEXT NOT NULL,
    email TEXT NOT NULL,
    account_id BIGINT REFERENCES accounts (id) ON DELETE CASCADE,
    session_id BIGINT,
    verifier_hash BLOB,
    browser TEXT NOT NULL,
    client_address TEXT,
    requested_at BIGINT NOT NULL,
    muted BOOLEAN NOT NULL,
    remember BOOLEAN NOT NULL,
    return_to TEXT NOT NULL,
    token_hash BLOB UNIQUE,
    code_hash BLOB,
    expires_at BIGINT,
    wrong_codes INTEGER NOT NULL,
    mails INTEGER NOT NULL,
    mail_asked_at BIGINT NOT NULL,
    ended_at BIGINT,
    outcome TEXT
);
CREATE INDEX attempts_by_email ON attempts (email, ended_at);
CREATE INDEX attempts_by_account ON attempts (account_id);
CREATE INDEX attempts_by_age ON attempts (requested_at);

-- Every link ever mailed for an attempt, so that an old one still finds whom to offer a fresh mail.
CREATE TABLE attempt_links (
    token_hash BLOB PRIMARY KEY NOT NULL,
    attempt_id BIGINT NOT NULL REFERENCES attempts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL
);
CREATE INDEX attempt_links_by_attempt ON attempt_links (attempt_id);

CREATE TABLE outbox (
    id BIGINT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    attempt_id BIGINT REFERENCES attempts (id) ON DELETE SET NULL,
    account_id BIGINT,
    recipient TEXT NOT NULL,
    domain TEXT NOT NULL,
    note TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    give_up_at BIGINT NOT NULL,
    tries INTEGER NOT NULL,
    lease BIGINT,
    leased_until BIGINT,
    reply TEXT NOT NULL,
    settled_at BIGINT
);
CREATE INDEX outbox_by_due ON outbox (state, due_at);
CREATE INDEX outbox_by_creation ON outbox (state, created_at);
CREATE INDEX outbox_by_end ON outbox (settled_at);
CREATE INDEX outbox_by_attempt ON outbox (attempt_id);
CREATE INDEX outbox_by_account ON outbox (account_id);
CREATE INDEX outbox_by_recipient ON outbox (recipient);

-- Domains whose mail servers asked for patience.
CREATE TABLE mail_domains (
    domain TEXT PRIMARY KEY NOT NULL,
    failures INTEGER NOT NULL,
    paused_until BIGINT NOT NULL
);

CREATE TABLE sessions (
    id BIGINT PRIMARY KEY NOT NULL,
    secret_hash BLOB NOT NULL UNIQUE,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    attempt_id BIGINT,
    remember BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    browser TEXT NOT NULL,
    client_address TEXT
);
CREATE INDEX sessions_by_account ON sessions (account_id);
CREATE INDEX sessions_by_attempt ON sessions (attempt_id);
CREATE INDEX sessions_by_end ON sessions (ends_at);
CREATE INDEX sessions_by_use ON sessions (last_seen_at);

CREATE TABLE session_proofs (
    session_id BIGINT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    method TEXT NOT NULL,
    proven_at BIGINT NOT NULL,
    PRIMARY KEY (session_id, method)
);

-- Browsers that signed in before: a stranger's flood of requests does not use up their share of mails.
CREATE TABLE devices (
    secret_hash BLOB PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    last_used_at BIGINT NOT NULL
);
CREATE INDEX devices_by_account ON devices (account_id, last_used_at);

CREATE TABLE held_forms (
    id BIGINT PRIMARY KEY NOT NULL,
    session_id BIGINT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    fields TEXT NOT NULL,
    held_at BIGINT NOT NULL
);
CREATE INDEX held_forms_by_session ON held_forms (session_id);

CREATE TABLE address_changes (
    id BIGINT PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    old_email TEXT NOT NULL,
    new_email TEXT NOT NULL,
    undo_hash BLOB UNIQUE,
    changed_at BIGINT NOT NULL,
    undone_at BIGINT
);
CREATE INDEX address_changes_by_account ON address_changes (account_id);

CREATE TABLE settings (
    name TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- One row at most.
CREATE TABLE logo (
    id BIGINT PRIMARY KEY NOT NULL,
    png BLOB NOT NULL,
    changed_at BIGINT NOT NULL
);

-- The moments of what each limit allowed lately: big-endian 64-bit milliseconds, one after the other.
CREATE TABLE limits (
    name TEXT PRIMARY KEY NOT NULL,
    allowed BLOB NOT NULL,
    forget_at BIGINT NOT NULL
);
CREATE INDEX limits_by_end ON limits (forget_at);

CREATE TABLE audit (
    id BIGINT PRIMARY KEY NOT NULL,
    at BIGINT NOT NULL,
    actor_id BIGINT,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    value_before TEXT,
    value_after TEXT,
    client_address TEXT,
    request_id TEXT
);
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_actor ON audit (actor_id);
CREATE INDEX audit_by_subject ON audit (subject);

-- One row: whether a first admin was ever named. Whoever turns it first is the one.
CREATE TABLE installation (
    id BIGINT PRIMARY KEY NOT NULL,
    set_up_at BIGINT
);
INSERT INTO installation (id, set_up_at) VALUES (1, NULL);
