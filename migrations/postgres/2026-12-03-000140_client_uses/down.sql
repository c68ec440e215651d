ALTER TABLE oidc_clients DROP COLUMN pkce_last_missed;
ALTER TABLE oidc_clients DROP COLUMN pkce_last_seen;
ALTER TABLE oidc_secrets DROP COLUMN last_used_at;
ALTER TABLE oidc_secrets DROP COLUMN hint;
