-- Every change to what a node keeps in memory leaves a row in `change_log`: also one by an older version, by the command line or by a foreign key.
-- Two kinds of change are left out, because each request would cause one: when a session was last seen and when an account last signed in.
-- A new session or proof needs no row: no node knows the secret that comes with it.
-- SQLite has one writer, so that a count is enough.

CREATE TRIGGER change_log_accounts_update AFTER UPDATE OF email, name, is_admin, disabled_at, proven_at, created_at, language ON accounts BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, NEW.id FROM change_log;
END;

CREATE TRIGGER change_log_accounts_delete AFTER DELETE ON accounts BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, OLD.id FROM change_log;
END;

CREATE TRIGGER change_log_sessions_update AFTER UPDATE OF secret_hash, remember, created_at, ends_at ON sessions BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, NEW.account_id FROM change_log;
END;

CREATE TRIGGER change_log_sessions_delete AFTER DELETE ON sessions BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, OLD.account_id FROM change_log;
END;

CREATE TRIGGER change_log_passwords_insert AFTER INSERT ON passwords BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, NEW.account_id FROM change_log;
END;

CREATE TRIGGER change_log_passwords_delete AFTER DELETE ON passwords BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, OLD.account_id FROM change_log;
END;

CREATE TRIGGER change_log_totp_authenticators_insert AFTER INSERT ON totp_authenticators BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, NEW.account_id FROM change_log;
END;

CREATE TRIGGER change_log_totp_authenticators_update AFTER UPDATE OF confirmed_at ON totp_authenticators BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, NEW.account_id FROM change_log;
END;

CREATE TRIGGER change_log_totp_authenticators_delete AFTER DELETE ON totp_authenticators BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, OLD.account_id FROM change_log;
END;

CREATE TRIGGER change_log_passkeys_insert AFTER INSERT ON passkeys BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, NEW.account_id FROM change_log;
END;

CREATE TRIGGER change_log_passkeys_delete AFTER DELETE ON passkeys BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, OLD.account_id FROM change_log;
END;

CREATE TRIGGER change_log_recovery_codes_insert AFTER INSERT ON recovery_codes BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, NEW.account_id FROM change_log;
END;

CREATE TRIGGER change_log_recovery_codes_update AFTER UPDATE OF used_at ON recovery_codes BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, NEW.account_id FROM change_log;
END;

CREATE TRIGGER change_log_recovery_codes_delete AFTER DELETE ON recovery_codes BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, OLD.account_id FROM change_log;
END;

CREATE TRIGGER change_log_recoveries_insert AFTER INSERT ON recoveries BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, NEW.account_id FROM change_log;
END;

CREATE TRIGGER change_log_recoveries_update AFTER UPDATE ON recoveries BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, NEW.account_id FROM change_log;
END;

CREATE TRIGGER change_log_recoveries_delete AFTER DELETE ON recoveries BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, OLD.account_id FROM change_log;
END;

CREATE TRIGGER change_log_session_proofs_update AFTER UPDATE ON session_proofs BEGIN
    INSERT INTO change_log SELECT (SELECT coalesce(max(place), 0) + 1 FROM change_log), account_id FROM sessions WHERE id = OLD.session_id;
END;

CREATE TRIGGER change_log_session_proofs_delete AFTER DELETE ON session_proofs BEGIN
    INSERT INTO change_log SELECT (SELECT coalesce(max(place), 0) + 1 FROM change_log), account_id FROM sessions WHERE id = OLD.session_id;
END;

CREATE TRIGGER change_log_settings_insert AFTER INSERT ON settings BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, NULL FROM change_log;
END;

CREATE TRIGGER change_log_settings_update AFTER UPDATE ON settings BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, NULL FROM change_log;
END;

CREATE TRIGGER change_log_settings_delete AFTER DELETE ON settings BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, NULL FROM change_log;
END;

CREATE TRIGGER change_log_logo_insert AFTER INSERT ON logo BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, NULL FROM change_log;
END;

CREATE TRIGGER change_log_logo_update AFTER UPDATE ON logo BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, NULL FROM change_log;
END;

CREATE TRIGGER change_log_logo_delete AFTER DELETE ON logo BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, NULL FROM change_log;
END;
