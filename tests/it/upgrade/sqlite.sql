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
CREATE TABLE logo (
    id BIGINT PRIMARY KEY NOT NULL,
    png BLOB NOT NULL,
    changed_at BIGINT NOT NULL
);
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
CREATE TABLE installation (
    id BIGINT PRIMARY KEY NOT NULL,
    set_up_at BIGINT
);
INSERT INTO installation (id, set_up_at) VALUES (1, NULL);
CREATE TABLE passwords (
    account_id BIGINT PRIMARY KEY NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    hash TEXT NOT NULL,
    set_at BIGINT NOT NULL
);
CREATE TABLE totp_authenticators (
    id BIGINT PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    sealed_secret BLOB NOT NULL,
    last_step BIGINT NOT NULL,
    added_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    last_used_at BIGINT
);
CREATE INDEX totp_authenticators_by_account ON totp_authenticators (account_id);
CREATE TABLE totp_failures (
    account_id BIGINT PRIMARY KEY NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    wrong INTEGER NOT NULL,
    paused_until BIGINT NOT NULL
);
CREATE TABLE recovery_code_sets (
    account_id BIGINT PRIMARY KEY NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    salt BLOB NOT NULL,
    made_at BIGINT NOT NULL
);
CREATE TABLE recovery_codes (
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    code_hash BLOB NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (account_id, code_hash)
);
CREATE TABLE passkeys (
    id BIGINT PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    credential_id BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    aaguid TEXT NOT NULL,
    credential TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX passkeys_by_account ON passkeys (account_id);
CREATE TABLE passkey_ceremonies (
    secret_hash BLOB PRIMARY KEY NOT NULL,
    purpose TEXT NOT NULL,
    account_id BIGINT REFERENCES accounts (id) ON DELETE CASCADE,
    bound_to BIGINT,
    state TEXT NOT NULL,
    begun_at BIGINT NOT NULL
);
CREATE INDEX passkey_ceremonies_by_age ON passkey_ceremonies (begun_at);
CREATE TABLE pending_sign_ins (
    id BIGINT PRIMARY KEY NOT NULL,
    secret_hash BLOB NOT NULL UNIQUE,
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
CREATE TABLE trusted_devices (
    id BIGINT PRIMARY KEY NOT NULL,
    secret_hash BLOB NOT NULL UNIQUE,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    browser TEXT NOT NULL,
    client_address TEXT,
    trusted_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL
);
CREATE INDEX trusted_devices_by_account ON trusted_devices (account_id);
CREATE TABLE recoveries (
    id BIGINT PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    ended_at BIGINT,
    outcome TEXT
);
CREATE INDEX recoveries_by_account ON recoveries (account_id);
CREATE INDEX recoveries_by_due ON recoveries (ended_at, due_at);
CREATE UNIQUE INDEX recoveries_under_way ON recoveries (account_id) WHERE ended_at IS NULL;
CREATE TABLE recovery_links (
    token_hash BLOB PRIMARY KEY NOT NULL,
    recovery_id BIGINT NOT NULL REFERENCES recoveries (id) ON DELETE CASCADE
);
CREATE INDEX recovery_links_by_recovery ON recovery_links (recovery_id);
CREATE TABLE sealing_keys (
    id TEXT PRIMARY KEY NOT NULL,
    first_used_at BIGINT NOT NULL
);
ALTER TABLE passwords ADD COLUMN from_mail BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE attempts ADD COLUMN leaving_token_hash BLOB;
ALTER TABLE attempts ADD COLUMN leaving_code_hash BLOB;
ALTER TABLE attempts ADD COLUMN leaving_until BIGINT;
ALTER TABLE attempts ADD COLUMN token_made_at BIGINT;
CREATE TABLE address_change_links (
    token_hash BLOB PRIMARY KEY NOT NULL,
    change_id BIGINT NOT NULL REFERENCES address_changes (id) ON DELETE CASCADE
);
CREATE INDEX address_change_links_by_change ON address_change_links (change_id);
INSERT INTO address_change_links (token_hash, change_id) SELECT undo_hash, id FROM address_changes WHERE undo_hash IS NOT NULL;
CREATE TABLE gains (
    id BIGINT PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    thing_id BIGINT,
    mail_id BIGINT,
    told TEXT NOT NULL,
    former TEXT,
    gained_at BIGINT NOT NULL,
    undone_at BIGINT
);
CREATE INDEX gains_by_account ON gains (account_id, gained_at);
CREATE INDEX gains_by_mail ON gains (mail_id);
CREATE INDEX gains_by_thing ON gains (thing_id);
CREATE INDEX gains_by_time ON gains (gained_at);
CREATE TABLE gain_links (
    token_hash BLOB PRIMARY KEY NOT NULL,
    gain_id BIGINT NOT NULL REFERENCES gains (id) ON DELETE CASCADE
);
CREATE INDEX gain_links_by_gain ON gain_links (gain_id);
ALTER TABLE attempt_links ADD COLUMN made_at BIGINT;
ALTER TABLE attempt_links ADD COLUMN good_until BIGINT;
ALTER TABLE attempt_links ADD COLUMN code_hash BLOB;
ALTER TABLE outbox ADD COLUMN unanswered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN handed_at BIGINT;
ALTER TABLE outbox ADD COLUMN urgency INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN asker INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN turn BIGINT NOT NULL DEFAULT 0;
CREATE INDEX outbox_by_turn ON outbox (urgency, turn) WHERE state = 'waiting';
CREATE INDEX outbox_by_asker ON outbox (asker, turn);
CREATE INDEX outbox_by_lease ON outbox (lease) WHERE lease IS NOT NULL;
ALTER TABLE outbox ADD COLUMN browser TEXT;
ALTER TABLE outbox ADD COLUMN client_address TEXT;
CREATE TABLE heartbeats (
    id BIGINT PRIMARY KEY NOT NULL,
    beats BIGINT NOT NULL
);
INSERT INTO heartbeats (id, beats) VALUES (1, 0);
CREATE TABLE housekeeping_runs (
    id BIGINT PRIMARY KEY NOT NULL,
    ran_at BIGINT NOT NULL,
    jumped_at BIGINT
);
ALTER TABLE attempts ADD COLUMN last_wrong_code_hash BLOB;
ALTER TABLE attempts ADD COLUMN muted_by TEXT;
CREATE INDEX attempts_by_muting ON attempts (muted_by, requested_at) WHERE muted_by IS NOT NULL;
CREATE INDEX attempts_open_by_email ON attempts (email) WHERE ended_at IS NULL AND muted_by IS NULL;
DROP INDEX attempts_by_email;
ALTER TABLE audit ADD COLUMN subject_id BIGINT;
CREATE INDEX audit_of_actor ON audit (actor_id, at) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_of_subject ON audit (subject_id, at) WHERE subject_id IS NOT NULL;
DROP INDEX audit_by_actor;
DROP INDEX audit_by_subject;
ALTER TABLE address_change_links ADD COLUMN made_at BIGINT;
ALTER TABLE accounts ADD COLUMN language TEXT;
ALTER TABLE outbox ADD COLUMN language TEXT;
ALTER TABLE attempts ADD COLUMN language TEXT;
CREATE INDEX outbox_of_recipient ON outbox (recipient, state, settled_at);
DROP INDEX outbox_by_recipient;
CREATE INDEX outbox_settled ON outbox (state, settled_at) WHERE settled_at IS NOT NULL;
DROP INDEX outbox_by_end;
CREATE INDEX outbox_by_asker_state ON outbox (asker, state, turn);
DROP INDEX outbox_by_asker;
CREATE TABLE known_browsers (
    id BIGINT PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    secret_hash BLOB NOT NULL,
    browser TEXT NOT NULL,
    client_address TEXT,
    first_used_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    signed_out_at BIGINT
);
CREATE INDEX known_browsers_by_secret ON known_browsers (secret_hash);
CREATE INDEX known_browsers_by_account ON known_browsers (account_id, last_used_at);
CREATE INDEX known_browsers_by_use ON known_browsers (last_used_at);
CREATE TABLE known_browser_links (
    token_hash BLOB PRIMARY KEY NOT NULL,
    browser_id BIGINT NOT NULL REFERENCES known_browsers (id) ON DELETE CASCADE
);
CREATE INDEX known_browser_links_by_browser ON known_browser_links (browser_id);
ALTER TABLE sessions ADD COLUMN known_browser_id BIGINT;
INSERT INTO known_browsers
SELECT row_number() OVER (ORDER BY secret_hash), account_id, secret_hash, '', NULL, last_used_at, last_used_at, NULL FROM devices;
ALTER TABLE recoveries ADD COLUMN browser TEXT;
ALTER TABLE recoveries ADD COLUMN client_address TEXT;
ALTER TABLE accounts ADD COLUMN passkey_offer_at BIGINT;
CREATE TABLE admin_acts (
    id BIGINT PRIMARY KEY NOT NULL,
    deed TEXT NOT NULL,
    by_id BIGINT,
    account_id BIGINT NOT NULL,
    gain_id BIGINT,
    done_at BIGINT NOT NULL,
    undone_at BIGINT
);
CREATE INDEX admin_acts_by_account ON admin_acts (account_id, done_at);
CREATE INDEX admin_acts_by_gain ON admin_acts (gain_id);
CREATE INDEX admin_acts_by_time ON admin_acts (done_at);
INSERT INTO admin_acts
SELECT row_number() OVER (ORDER BY gained_at, id), 'granted', account_id, thing_id, id, gained_at, undone_at
FROM gains WHERE kind = 'admin_rights' AND thing_id IS NOT NULL;
CREATE TABLE set_aside (
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    former TEXT NOT NULL,
    removed_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, kind)
);
CREATE INDEX set_aside_by_time ON set_aside (removed_at);
ALTER TABLE accounts ADD COLUMN mailbox_since BIGINT;
UPDATE accounts SET mailbox_since =
    (SELECT max(changed_at) FROM address_changes WHERE account_id = accounts.id AND new_email = accounts.email);
CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
INSERT INTO __diesel_schema_migrations (version) VALUES ('20261122000001');
INSERT INTO __diesel_schema_migrations (version) VALUES ('20261123000001');
INSERT INTO __diesel_schema_migrations (version) VALUES ('20261123000002');
INSERT INTO __diesel_schema_migrations (version) VALUES ('20261124000001');
INSERT INTO __diesel_schema_migrations (version) VALUES ('20261126000002');
INSERT INTO __diesel_schema_migrations (version) VALUES ('20261126000004');
INSERT INTO __diesel_schema_migrations (version) VALUES ('20261126000005');
INSERT INTO __diesel_schema_migrations (version) VALUES ('20261126000006');
INSERT INTO __diesel_schema_migrations (version) VALUES ('20261126000007');
INSERT INTO __diesel_schema_migrations (version) VALUES ('20261126000009');
INSERT INTO __diesel_schema_migrations (version) VALUES ('20261126000010');
INSERT INTO __diesel_schema_migrations (version) VALUES ('20261126000020');
INSERT INTO __diesel_schema_migrations (version) VALUES ('20261126000030');
INSERT INTO __diesel_schema_migrations (version) VALUES ('20261127000030');
INSERT INTO __diesel_schema_migrations (version) VALUES ('20261127000040');
INSERT INTO __diesel_schema_migrations (version) VALUES ('20261127000050');
INSERT INTO __diesel_schema_migrations (version) VALUES ('20261127000060');
INSERT INTO __diesel_schema_migrations (version) VALUES ('20261127000061');
INSERT INTO __diesel_schema_migrations (version) VALUES ('20261127000070');
INSERT INTO __diesel_schema_migrations (version) VALUES ('20261127000075');
INSERT INTO __diesel_schema_migrations (version) VALUES ('20261127000076');
