-- Keys that sign tokens for apps. The private part is sealed under the operator's key file.
CREATE TABLE oidc_keys (
    id INTEGER PRIMARY KEY NOT NULL,
    kid TEXT NOT NULL UNIQUE,
    alg TEXT NOT NULL,
    public_jwk TEXT NOT NULL,
    sealed_private BLOB NOT NULL,
    made_at BIGINT NOT NULL,
    signs_from BIGINT NOT NULL
);
