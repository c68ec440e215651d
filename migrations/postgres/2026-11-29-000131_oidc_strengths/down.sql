ALTER TABLE oidc_grants DROP COLUMN strength;
