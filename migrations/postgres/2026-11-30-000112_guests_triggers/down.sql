DROP TRIGGER change_log_accounts_guest ON accounts;
