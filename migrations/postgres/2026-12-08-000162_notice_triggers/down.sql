DROP TRIGGER logout_notices_of_grant ON oidc_grants;
CREATE TRIGGER logout_notices_of_grant AFTER DELETE ON oidc_grants
    FOR EACH ROW WHEN (OLD.ended_at IS NULL AND (OLD.session_id IS NOT NULL OR OLD.offline)) EXECUTE FUNCTION queue_logout_notice();
DROP FUNCTION queue_logout_notice_again();
