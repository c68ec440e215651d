DROP TABLE oidc_consents;
DROP TABLE oidc_access_tokens;
DROP TABLE oidc_grants;
