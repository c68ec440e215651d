-- One row that the readiness check writes, so that "ready" means that the database can be written to.
CREATE TABLE heartbeats (
    id BIGINT PRIMARY KEY NOT NULL,
    beats BIGINT NOT NULL
);
INSERT INTO heartbeats (id, beats) VALUES (1, 0);

-- When housekeeping last ran, by a clock that it believed; and since when the clock has been far ahead of that.
CREATE TABLE housekeeping_runs (
    id BIGINT PRIMARY KEY NOT NULL,
    ran_at BIGINT NOT NULL,
    jumped_at BIGINT
);
