CREATE INDEX audit_by_time ON audit (at);
DROP INDEX audit_by_action;
DROP INDEX audit_by_moment;
ALTER TABLE audit DROP COLUMN browser;
