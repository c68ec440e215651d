-- Which known app a client is, for the configuration that its page shows.
ALTER TABLE oidc_clients ADD COLUMN preset TEXT;
