DROP TRIGGER change_log_accounts_time_zone ON accounts;
