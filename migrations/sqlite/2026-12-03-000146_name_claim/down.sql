ALTER TABLE oidc_clients DROP COLUMN name_claim;
