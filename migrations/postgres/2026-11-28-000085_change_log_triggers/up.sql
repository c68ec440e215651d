-- Every change to what a node keeps in memory leaves a row in `change_log`: also one by an older version, by the command line or by a foreign key.
-- Two kinds of change are left out, because each request would cause one: when a session was last seen and when an account last signed in.
-- A new session or proof needs no row: no node knows the secret that comes with it.
-- On PostgreSQL transactions commit in another order than they begin. `place` is the transaction's number, so that a reader can ask which
-- of them an earlier snapshot did not see.
CREATE FUNCTION log_change_of_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO change_log (place, account_id)
    VALUES (txid_current(), CASE WHEN TG_OP = 'DELETE' THEN OLD.account_id ELSE NEW.account_id END);
    RETURN NULL;
END $$;

CREATE FUNCTION log_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO change_log (place, account_id) VALUES (txid_current(), OLD.id);
    RETURN NULL;
END $$;

CREATE FUNCTION log_session_proof() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO change_log (place, account_id)
    SELECT txid_current(), account_id FROM sessions WHERE id = OLD.session_id;
    RETURN NULL;
END $$;

CREATE FUNCTION log_settings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO change_log (place, account_id) VALUES (txid_current(), NULL);
    RETURN NULL;
END $$;

CREATE TRIGGER change_log_accounts AFTER UPDATE OF email, name, is_admin, disabled_at, proven_at, created_at, language OR DELETE ON accounts
    FOR EACH ROW EXECUTE FUNCTION log_account();

CREATE TRIGGER change_log_sessions AFTER UPDATE OF secret_hash, remember, created_at, ends_at OR DELETE ON sessions
    FOR EACH ROW EXECUTE FUNCTION log_change_of_account();

CREATE TRIGGER change_log_passwords AFTER INSERT OR DELETE ON passwords
    FOR EACH ROW EXECUTE FUNCTION log_change_of_account();

CREATE TRIGGER change_log_totp_authenticators AFTER INSERT OR UPDATE OF confirmed_at OR DELETE ON totp_authenticators
    FOR EACH ROW EXECUTE FUNCTION log_change_of_account();

CREATE TRIGGER change_log_passkeys AFTER INSERT OR DELETE ON passkeys
    FOR EACH ROW EXECUTE FUNCTION log_change_of_account();

CREATE TRIGGER change_log_recovery_codes AFTER INSERT OR UPDATE OF used_at OR DELETE ON recovery_codes
    FOR EACH ROW EXECUTE FUNCTION log_change_of_account();

CREATE TRIGGER change_log_recoveries AFTER INSERT OR UPDATE OR DELETE ON recoveries
    FOR EACH ROW EXECUTE FUNCTION log_change_of_account();

CREATE TRIGGER change_log_session_proofs AFTER UPDATE OR DELETE ON session_proofs
    FOR EACH ROW EXECUTE FUNCTION log_session_proof();

CREATE TRIGGER change_log_settings AFTER INSERT OR UPDATE OR DELETE ON settings
    FOR EACH ROW EXECUTE FUNCTION log_settings();

CREATE TRIGGER change_log_logo AFTER INSERT OR UPDATE OR DELETE ON logo
    FOR EACH ROW EXECUTE FUNCTION log_settings();
