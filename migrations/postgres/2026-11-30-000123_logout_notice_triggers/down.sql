DROP TRIGGER logout_notices_of_session ON oidc_grants;
DROP TRIGGER logout_notices_of_grant ON oidc_grants;
DROP FUNCTION queue_logout_notice();
