-- Memory keeps the time zone of an account.
CREATE TRIGGER change_log_accounts_time_zone AFTER UPDATE OF time_zone ON accounts
    FOR EACH ROW EXECUTE FUNCTION log_account();
