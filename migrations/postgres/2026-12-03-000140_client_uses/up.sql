-- The last characters of a secret, for admins, and when the client last showed it. Neither is known of what was before.
ALTER TABLE oidc_secrets ADD COLUMN hint TEXT NOT NULL DEFAULT '';
ALTER TABLE oidc_secrets ADD COLUMN last_used_at BIGINT;
-- When a client last signed a user in with PKCE, and without it.
ALTER TABLE oidc_clients ADD COLUMN pkce_last_seen BIGINT;
ALTER TABLE oidc_clients ADD COLUMN pkce_last_missed BIGINT;
