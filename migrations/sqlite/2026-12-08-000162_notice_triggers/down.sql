DROP TRIGGER logout_notices_of_grant;
CREATE TRIGGER logout_notices_of_grant AFTER DELETE ON oidc_grants
WHEN OLD.ended_at IS NULL AND (OLD.session_id IS NOT NULL OR OLD.offline) BEGIN
    INSERT INTO logout_notices
    SELECT OLD.id, OLD.app_id, OLD.account_id, 'waiting', 0, 0, 0, '', NULL FROM oidc_clients
    WHERE app_id = OLD.app_id AND backchannel_logout_uri IS NOT NULL
    ON CONFLICT DO NOTHING;
END;
