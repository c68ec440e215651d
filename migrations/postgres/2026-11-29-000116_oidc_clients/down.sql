DROP TABLE oidc_uris;
DROP TABLE oidc_secrets;
DROP TABLE oidc_clients;
