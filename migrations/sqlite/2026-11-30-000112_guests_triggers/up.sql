-- Memory keeps until when an account is a guest.
CREATE TRIGGER change_log_accounts_guest AFTER UPDATE OF guest_until ON accounts BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, NEW.id FROM change_log;
END;
