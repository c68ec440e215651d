DROP INDEX devices_by_account;
CREATE INDEX devices_by_account ON devices (account_id, last_used_at);
DROP INDEX known_browsers_by_account;
CREATE INDEX known_browsers_by_account ON known_browsers (account_id, last_used_at);
CREATE INDEX known_browsers_by_use ON known_browsers (last_used_at);
