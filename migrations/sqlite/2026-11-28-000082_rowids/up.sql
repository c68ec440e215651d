-- Fewer B-trees for each write. A table keeps its rows by their id, or by its key alone. An index leaves out the rows that no query finds
-- by it. The tables are built anew in one transaction: children before parents, so that no foreign key deletes a row.

ALTER TABLE attempts RENAME TO attempts_before;
ALTER TABLE attempt_links RENAME TO attempt_links_before;
ALTER TABLE outbox RENAME TO outbox_before;
ALTER TABLE sessions RENAME TO sessions_before;
ALTER TABLE session_proofs RENAME TO session_proofs_before;
ALTER TABLE held_forms RENAME TO held_forms_before;
ALTER TABLE known_browsers RENAME TO known_browsers_before;
ALTER TABLE known_browser_links RENAME TO known_browser_links_before;
ALTER TABLE devices RENAME TO devices_before;
ALTER TABLE audit RENAME TO audit_before;
ALTER TABLE limits RENAME TO limits_before;

CREATE TABLE attempts (
    id INTEGER PRIMARY KEY NOT NULL,
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
    token_hash BLOB,
    code_hash BLOB,
    expires_at BIGINT,
    wrong_codes INTEGER NOT NULL,
    mails INTEGER NOT NULL,
    mail_asked_at BIGINT NOT NULL,
    ended_at BIGINT,
    outcome TEXT,
    leaving_token_hash BLOB,
    leaving_code_hash BLOB,
    leaving_until BIGINT,
    token_made_at BIGINT,
    last_wrong_code_hash BLOB,
    muted_by TEXT,
    language TEXT
);
INSERT INTO attempts (id, purpose, email, account_id, session_id, verifier_hash, browser, client_address,
    requested_at, muted, remember, return_to, token_hash, code_hash, expires_at, wrong_codes, mails,
    mail_asked_at, ended_at, outcome, leaving_token_hash, leaving_code_hash, leaving_until, token_made_at,
    last_wrong_code_hash, muted_by, language) SELECT id, purpose, email, account_id, session_id,
    verifier_hash, browser, client_address, requested_at, muted, remember, return_to, token_hash, code_hash,
    expires_at, wrong_codes, mails, mail_asked_at, ended_at, outcome, leaving_token_hash, leaving_code_hash,
    leaving_until, token_made_at, last_wrong_code_hash, muted_by, language FROM attempts_before ORDER BY id;

CREATE TABLE attempt_links (
    token_hash BLOB PRIMARY KEY NOT NULL,
    attempt_id BIGINT NOT NULL REFERENCES attempts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    made_at BIGINT,
    good_until BIGINT,
    code_hash BLOB
) WITHOUT ROWID;
INSERT INTO attempt_links (token_hash, attempt_id, kind, made_at, good_until, code_hash) SELECT token_hash,
    attempt_id, kind, made_at, good_until, code_hash FROM attempt_links_before ORDER BY token_hash;

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY NOT NULL,
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
    settled_at BIGINT,
    unanswered INTEGER NOT NULL DEFAULT 0,
    handed_at BIGINT,
    urgency INTEGER NOT NULL DEFAULT 0,
    asker INTEGER NOT NULL DEFAULT 0,
    turn BIGINT NOT NULL DEFAULT 0,
    browser TEXT,
    client_address TEXT,
    language TEXT
);
INSERT INTO outbox (id, kind, attempt_id, account_id, recipient, domain, note, state, created_at, due_at,
    give_up_at, tries, lease, leased_until, reply, settled_at, unanswered, handed_at, urgency, asker, turn,
    browser, client_address, language) SELECT id, kind, attempt_id, account_id, recipient, domain, note,
    state, created_at, due_at, give_up_at, tries, lease, leased_until, reply, settled_at, unanswered,
    handed_at, urgency, asker, turn, browser, client_address, language FROM outbox_before ORDER BY id;

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY NOT NULL,
    secret_hash BLOB NOT NULL UNIQUE,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    attempt_id BIGINT,
    remember BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    browser TEXT NOT NULL,
    client_address TEXT,
    known_browser_id BIGINT
);
INSERT INTO sessions (id, secret_hash, account_id, attempt_id, remember, created_at, last_seen_at, ends_at,
    browser, client_address, known_browser_id) SELECT id, secret_hash, account_id, attempt_id, remember,
    created_at, last_seen_at, ends_at, browser, client_address, known_browser_id FROM sessions_before ORDER BY
    id;

CREATE TABLE session_proofs (
    session_id BIGINT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    method TEXT NOT NULL,
    proven_at BIGINT NOT NULL,
    PRIMARY KEY (session_id, method)
) WITHOUT ROWID;
INSERT INTO session_proofs (session_id, method, proven_at) SELECT session_id, method, proven_at FROM
    session_proofs_before ORDER BY session_id, method;

CREATE TABLE held_forms (
    id INTEGER PRIMARY KEY NOT NULL,
    session_id BIGINT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    fields TEXT NOT NULL,
    held_at BIGINT NOT NULL
);
INSERT INTO held_forms (id, session_id, path, fields, held_at) SELECT id, session_id, path, fields, held_at
    FROM held_forms_before ORDER BY id;

CREATE TABLE known_browsers (
    id INTEGER PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    secret_hash BLOB NOT NULL,
    browser TEXT NOT NULL,
    client_address TEXT,
    first_used_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    signed_out_at BIGINT
);
INSERT INTO known_browsers (id, account_id, secret_hash, browser, client_address, first_used_at, last_used_at,
    signed_out_at) SELECT id, account_id, secret_hash, browser, client_address, first_used_at, last_used_at,
    signed_out_at FROM known_browsers_before ORDER BY id;

CREATE TABLE known_browser_links (
    token_hash BLOB PRIMARY KEY NOT NULL,
    browser_id BIGINT NOT NULL REFERENCES known_browsers (id) ON DELETE CASCADE
) WITHOUT ROWID;
INSERT INTO known_browser_links (token_hash, browser_id) SELECT token_hash, browser_id FROM
    known_browser_links_before ORDER BY token_hash;

CREATE TABLE devices (
    secret_hash BLOB PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    last_used_at BIGINT NOT NULL
) WITHOUT ROWID;
INSERT INTO devices (secret_hash, account_id, last_used_at) SELECT secret_hash, account_id, last_used_at FROM
    devices_before ORDER BY secret_hash;

CREATE TABLE audit (
    id INTEGER PRIMARY KEY NOT NULL,
    at BIGINT NOT NULL,
    actor_id BIGINT,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    value_before TEXT,
    value_after TEXT,
    client_address TEXT,
    request_id TEXT,
    subject_id BIGINT,
    browser TEXT
);
INSERT INTO audit (id, at, actor_id, actor, action, subject, value_before, value_after, client_address,
    request_id, subject_id, browser) SELECT id, at, actor_id, actor, action, subject, value_before,
    value_after, client_address, request_id, subject_id, browser FROM audit_before ORDER BY id;

CREATE TABLE limits (
    name TEXT PRIMARY KEY NOT NULL,
    allowed BLOB NOT NULL,
    forget_at BIGINT NOT NULL
) WITHOUT ROWID;
INSERT INTO limits (name, allowed, forget_at) SELECT name, allowed, forget_at FROM limits_before ORDER BY
    name;

DROP TABLE attempt_links_before;
DROP TABLE outbox_before;
DROP TABLE attempts_before;
DROP TABLE session_proofs_before;
DROP TABLE held_forms_before;
DROP TABLE sessions_before;
DROP TABLE known_browser_links_before;
DROP TABLE known_browsers_before;
DROP TABLE devices_before;
DROP TABLE audit_before;
DROP TABLE limits_before;

CREATE INDEX attempts_open_by_email ON attempts (email) WHERE ended_at IS NULL AND muted_by IS NULL;
CREATE INDEX attempts_by_muting ON attempts (muted_by, requested_at) WHERE muted_by IS NOT NULL;
CREATE INDEX attempts_by_age ON attempts (requested_at);
CREATE INDEX attempt_links_by_attempt ON attempt_links (attempt_id);
CREATE INDEX outbox_by_lease ON outbox (lease) WHERE lease IS NOT NULL;
CREATE INDEX outbox_by_turn ON outbox (urgency, turn) WHERE state = 'waiting';
CREATE INDEX sessions_by_account ON sessions (account_id);
CREATE INDEX held_forms_by_session ON held_forms (session_id);
CREATE INDEX known_browsers_by_use ON known_browsers (last_used_at);
CREATE INDEX known_browsers_by_account ON known_browsers (account_id, last_used_at);
CREATE INDEX known_browsers_by_secret ON known_browsers (secret_hash);
CREATE INDEX known_browser_links_by_browser ON known_browser_links (browser_id);
CREATE INDEX devices_by_account ON devices (account_id, last_used_at);
CREATE INDEX audit_by_action ON audit (action, at, id);
CREATE INDEX audit_by_moment ON audit (at, id);
CREATE INDEX audit_of_subject ON audit (subject_id, at) WHERE subject_id IS NOT NULL;
CREATE INDEX audit_of_actor ON audit (actor_id, at) WHERE actor_id IS NOT NULL;
CREATE INDEX attempts_of_account ON attempts (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX outbox_next ON outbox (due_at) WHERE settled_at IS NULL;
CREATE INDEX outbox_of_asker ON outbox (asker, turn) WHERE settled_at IS NULL;
CREATE INDEX outbox_ended ON outbox (state, settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX outbox_ended_by_creation ON outbox (state, created_at) WHERE settled_at IS NOT NULL;
CREATE INDEX outbox_of_attempt ON outbox (attempt_id) WHERE attempt_id IS NOT NULL;
CREATE INDEX outbox_of_account ON outbox (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX outbox_news ON outbox (recipient, state, settled_at) WHERE attempt_id IS NULL;
CREATE INDEX sessions_of_attempt ON sessions (attempt_id) WHERE attempt_id IS NOT NULL;
