-- Memory keeps until when an account is a guest.
CREATE TRIGGER change_log_accounts_guest AFTER UPDATE OF guest_until ON accounts
    FOR EACH ROW EXECUTE FUNCTION log_account();
