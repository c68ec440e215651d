ALTER TABLE oidc_clients DROP COLUMN groups_shape;
