ALTER TABLE oidc_clients DROP COLUMN device_grant;
DROP TABLE oidc_device_codes;
