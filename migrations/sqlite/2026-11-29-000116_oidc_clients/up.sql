-- Apps that speak OpenID Connect. Lifetimes are in milliseconds. `refreshes`: never, asked, always.
CREATE TABLE oidc_clients (
    app_id INTEGER PRIMARY KEY NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    client_id TEXT NOT NULL UNIQUE,
    is_public BOOLEAN NOT NULL,
    pkce_required BOOLEAN NOT NULL,
    id_token_alg TEXT NOT NULL,
    id_token_small BOOLEAN NOT NULL,
    groups_claim TEXT NOT NULL,
    refreshes TEXT NOT NULL,
    rotates BOOLEAN NOT NULL,
    third_party BOOLEAN NOT NULL,
    access_lifetime BIGINT NOT NULL,
    refresh_idle BIGINT NOT NULL,
    refresh_absolute BIGINT NOT NULL,
    backchannel_logout_uri TEXT
);
-- Secrets of confidential clients. An app has two while its secret is replaced.
CREATE TABLE oidc_secrets (
    id INTEGER PRIMARY KEY NOT NULL,
    app_id BIGINT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    secret_hash BLOB NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT
);
CREATE INDEX oidc_secrets_by_app ON oidc_secrets (app_id);
-- Where answers may go. `kind`: sign_in, sign_out.
CREATE TABLE oidc_uris (
    app_id BIGINT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    uri TEXT NOT NULL,
    PRIMARY KEY (app_id, kind, uri)
) WITHOUT ROWID;
