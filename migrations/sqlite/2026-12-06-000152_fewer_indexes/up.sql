-- No statement looks for browsers by their last use alone. Beside the account, each sign-in wrote that time anew.
DROP INDEX known_browsers_by_use;
DROP INDEX known_browsers_by_account;
CREATE INDEX known_browsers_by_account ON known_browsers (account_id);
DROP INDEX devices_by_account;
CREATE INDEX devices_by_account ON devices (account_id);
