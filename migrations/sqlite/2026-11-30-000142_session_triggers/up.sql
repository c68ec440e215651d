-- Before it was released, 2026-11-28-000082 could come after the triggers of the change log, and lost those of the tables that it built anew.
-- Without them, a server did not notice when the command line ended a session.

CREATE TRIGGER IF NOT EXISTS change_log_sessions_update AFTER UPDATE OF secret_hash, remember, created_at, ends_at ON sessions BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, NEW.account_id FROM change_log;
END;

CREATE TRIGGER IF NOT EXISTS change_log_sessions_delete AFTER DELETE ON sessions BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, OLD.account_id FROM change_log;
END;

CREATE TRIGGER IF NOT EXISTS change_log_session_proofs_update AFTER UPDATE ON session_proofs BEGIN
    INSERT INTO change_log SELECT (SELECT coalesce(max(place), 0) + 1 FROM change_log), account_id FROM sessions WHERE id = OLD.session_id;
END;

CREATE TRIGGER IF NOT EXISTS change_log_session_proofs_delete AFTER DELETE ON session_proofs BEGIN
    INSERT INTO change_log SELECT (SELECT coalesce(max(place), 0) + 1 FROM change_log), account_id FROM sessions WHERE id = OLD.session_id;
END;
