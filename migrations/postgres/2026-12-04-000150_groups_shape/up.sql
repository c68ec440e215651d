-- Some apps read groups as one text instead of a list.
ALTER TABLE oidc_clients ADD COLUMN groups_shape TEXT NOT NULL DEFAULT 'list';
