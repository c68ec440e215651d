ALTER TABLE recoveries DROP COLUMN client_address;
ALTER TABLE recoveries DROP COLUMN browser;
