-- Seals of the audit log: each covers the lines up to (until_at, until_id) that the one before it does not. Never deleted, so that the chain holds
-- when its oldest lines are gone.
CREATE TABLE audit_seals (
    number BIGINT PRIMARY KEY NOT NULL,
    until_at BIGINT NOT NULL,
    until_id BIGINT NOT NULL,
    lines BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    sealed_at BIGINT NOT NULL,
    deleted_at BIGINT
);
