-- Memory keeps with a session which apps its user signed out of.
CREATE FUNCTION log_app_exit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO change_log (place, account_id)
    SELECT txid_current(), account_id FROM sessions WHERE id = NEW.session_id;
    RETURN NULL;
END $$;

CREATE TRIGGER change_log_app_exits AFTER INSERT OR UPDATE ON app_exits
    FOR EACH ROW EXECUTE FUNCTION log_app_exit();
