-- Sign-ins at apps. `code_id` is there once, so that a code counts once. A grant loses its session with it, by the foreign key:
-- only one that is `offline` outlasts that.
CREATE TABLE oidc_grants (
    id INTEGER PRIMARY KEY NOT NULL,
    app_id BIGINT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    session_id BIGINT REFERENCES sessions (id) ON DELETE SET NULL,
    code_id BLOB NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    claims TEXT NOT NULL,
    auth_time BIGINT NOT NULL,
    acr TEXT NOT NULL,
    amr TEXT NOT NULL,
    offline BOOLEAN NOT NULL,
    generation INTEGER NOT NULL,
    refreshed_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX oidc_grants_by_session ON oidc_grants (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX oidc_grants_by_account ON oidc_grants (account_id);
CREATE INDEX oidc_grants_by_app ON oidc_grants (app_id);
-- Access tokens, by their hashes.
CREATE TABLE oidc_access_tokens (
    token_hash BLOB PRIMARY KEY NOT NULL,
    grant_id BIGINT NOT NULL REFERENCES oidc_grants (id) ON DELETE CASCADE,
    scopes TEXT NOT NULL,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX oidc_access_tokens_by_grant ON oidc_access_tokens (grant_id);
CREATE INDEX oidc_access_tokens_by_end ON oidc_access_tokens (expires_at);
-- What users agreed to let apps of others know.
CREATE TABLE oidc_consents (
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    app_id BIGINT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    scopes TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, app_id)
) WITHOUT ROWID;
CREATE INDEX oidc_consents_by_app ON oidc_consents (app_id);
