DROP TRIGGER change_log_accounts_ends ON accounts;
