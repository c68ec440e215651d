-- Memory keeps with a session which apps its user signed out of.
CREATE TRIGGER change_log_app_exits_insert AFTER INSERT ON app_exits BEGIN
    INSERT INTO change_log SELECT (SELECT coalesce(max(place), 0) + 1 FROM change_log), account_id FROM sessions WHERE id = NEW.session_id;
END;

CREATE TRIGGER change_log_app_exits_update AFTER UPDATE ON app_exits BEGIN
    INSERT INTO change_log SELECT (SELECT coalesce(max(place), 0) + 1 FROM change_log), account_id FROM sessions WHERE id = NEW.session_id;
END;
