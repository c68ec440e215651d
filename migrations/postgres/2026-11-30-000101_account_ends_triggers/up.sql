CREATE TRIGGER change_log_accounts_ends AFTER UPDATE OF ends_at ON accounts
    FOR EACH ROW EXECUTE FUNCTION log_account();
