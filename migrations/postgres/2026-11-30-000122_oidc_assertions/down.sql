DROP TABLE oidc_assertions;
ALTER TABLE oidc_clients DROP COLUMN jwks;
ALTER TABLE oidc_clients DROP COLUMN jwks_uri;
