-- Where a grant came from. It stays when the session ends, because a thief may sign out before the owner says that it was a thief. No foreign
-- key: old attempts and browsers are deleted, and their ids are never given again.
ALTER TABLE oidc_grants ADD COLUMN attempt_id BIGINT;
ALTER TABLE oidc_grants ADD COLUMN known_browser_id BIGINT;
UPDATE oidc_grants SET
    attempt_id = (SELECT attempt_id FROM sessions WHERE sessions.id = oidc_grants.session_id),
    known_browser_id = (SELECT known_browser_id FROM sessions WHERE sessions.id = oidc_grants.session_id)
WHERE session_id IS NOT NULL;
CREATE INDEX oidc_grants_by_attempt ON oidc_grants (attempt_id) WHERE attempt_id IS NOT NULL;
