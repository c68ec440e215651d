ALTER TABLE outbox DROP COLUMN client_address;
ALTER TABLE outbox DROP COLUMN browser;
