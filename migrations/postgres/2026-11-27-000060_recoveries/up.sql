-- The browser that asked for the recovery. NULL: an admin or the command line asked, or a version before this one wrote the row.
ALTER TABLE recoveries ADD COLUMN browser TEXT;
ALTER TABLE recoveries ADD COLUMN client_address TEXT;
