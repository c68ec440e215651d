-- A sign-in that outlasts its session can end after its app was told of the session's end. The app is then told again.
DROP TRIGGER logout_notices_of_grant;
CREATE TRIGGER logout_notices_of_grant AFTER DELETE ON oidc_grants
WHEN OLD.ended_at IS NULL AND (OLD.session_id IS NOT NULL OR OLD.offline) BEGIN
    INSERT INTO logout_notices
    SELECT OLD.id, OLD.app_id, OLD.account_id, 'waiting', 0, 0, 0, '', NULL FROM oidc_clients
    WHERE app_id = OLD.app_id AND backchannel_logout_uri IS NOT NULL
    ON CONFLICT (grant_id) DO UPDATE
    SET state = 'waiting', tries = 0, due_at = 0, give_up_at = 0, reply = '', settled_at = NULL WHERE state <> 'waiting';
END;
