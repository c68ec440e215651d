-- Some apps have servers of their own that read access tokens (RFC 9068).
ALTER TABLE oidc_clients ADD COLUMN access_token_kind TEXT NOT NULL DEFAULT 'opaque';
