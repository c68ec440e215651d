CREATE TRIGGER change_log_accounts_ends AFTER UPDATE OF ends_at ON accounts BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, NEW.id FROM change_log;
END;
