DROP INDEX oidc_grants_by_attempt;
ALTER TABLE oidc_grants DROP COLUMN known_browser_id;
ALTER TABLE oidc_grants DROP COLUMN attempt_id;
