-- Triggers add the rows, so that no way of ending a session can forget an app, nor an older version or an operator.
CREATE FUNCTION queue_logout_notice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO logout_notices
    SELECT OLD.id, OLD.app_id, OLD.account_id, 'waiting', 0, 0, 0, '', NULL FROM oidc_clients
    WHERE app_id = OLD.app_id AND backchannel_logout_uri IS NOT NULL
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

-- A session ends: the foreign key takes it from its grants.
CREATE TRIGGER logout_notices_of_session AFTER UPDATE OF session_id ON oidc_grants
    FOR EACH ROW WHEN (OLD.session_id IS NOT NULL AND NEW.session_id IS NULL) EXECUTE FUNCTION queue_logout_notice();

-- A grant is taken back while its session, or what outlasts it, still counts.
CREATE TRIGGER logout_notices_of_grant AFTER DELETE ON oidc_grants
    FOR EACH ROW WHEN (OLD.session_id IS NOT NULL OR OLD.offline AND OLD.ended_at IS NULL) EXECUTE FUNCTION queue_logout_notice();
