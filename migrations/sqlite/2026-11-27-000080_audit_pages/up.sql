-- The browser that asked for what a line tells.
ALTER TABLE audit ADD COLUMN browser TEXT;

-- Each page of the log begins where the one before it ended. The id tells lines of one moment apart.
CREATE INDEX audit_by_moment ON audit (at, id);
CREATE INDEX audit_by_action ON audit (action, at, id);
DROP INDEX audit_by_time;
