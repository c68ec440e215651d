-- The network whose ask was over a limit; NULL where an email was due. Each network keeps only so many of these attempts, and what goes
-- through the attempts of an address passes over them.
ALTER TABLE attempts ADD COLUMN muted_by TEXT;
CREATE INDEX attempts_by_muting ON attempts (muted_by, requested_at) WHERE muted_by IS NOT NULL;
CREATE INDEX attempts_open_by_email ON attempts (email) WHERE ended_at IS NULL AND muted_by IS NULL;
DROP INDEX attempts_by_email;

-- The account that a line is about, as it was when the line was written: another account may have its address later.
ALTER TABLE audit ADD COLUMN subject_id BIGINT;
CREATE INDEX audit_of_actor ON audit (actor_id, at) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_of_subject ON audit (subject_id, at) WHERE subject_id IS NOT NULL;
DROP INDEX audit_by_actor;
DROP INDEX audit_by_subject;
