-- Memory keeps the time zone of an account.
CREATE TRIGGER change_log_accounts_time_zone AFTER UPDATE OF time_zone ON accounts BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, NEW.id FROM change_log;
END;
