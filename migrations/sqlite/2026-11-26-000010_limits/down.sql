CREATE INDEX audit_by_subject ON audit (subject);
CREATE INDEX audit_by_actor ON audit (actor_id);
DROP INDEX audit_of_subject;
DROP INDEX audit_of_actor;
ALTER TABLE audit DROP COLUMN subject_id;
CREATE INDEX attempts_by_email ON attempts (email, ended_at);
DROP INDEX attempts_open_by_email;
DROP INDEX attempts_by_muting;
ALTER TABLE attempts DROP COLUMN muted_by;
