DROP TRIGGER logout_notices_of_session;
DROP TRIGGER logout_notices_of_grant;
