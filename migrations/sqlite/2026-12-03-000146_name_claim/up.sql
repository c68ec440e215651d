-- Some apps look for the username under one name that they do not let anyone choose.
ALTER TABLE oidc_clients ADD COLUMN name_claim TEXT;
