-- Keys of clients that sign assertions instead of sending a secret (RFC 7523): the set itself, or where it is.
ALTER TABLE oidc_clients ADD COLUMN jwks TEXT;
ALTER TABLE oidc_clients ADD COLUMN jwks_uri TEXT;
-- Assertions that were used, so that each counts once.
CREATE TABLE oidc_assertions (
    app_id BIGINT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    jti_hash BYTEA NOT NULL,
    forget_at BIGINT NOT NULL,
    PRIMARY KEY (app_id, jti_hash)
);
CREATE INDEX oidc_assertions_by_end ON oidc_assertions (forget_at);
