-- Which accounts have changed, for nodes that keep sessions and settings in memory. Triggers write it. NULL: the settings.
-- `place` orders the rows: on SQLite a count, on PostgreSQL the number of the transaction.
CREATE TABLE change_log (
    place BIGINT NOT NULL,
    account_id BIGINT
);
CREATE INDEX change_log_by_place ON change_log (place);
-- Readers tell by the first row how far back the log reaches.
INSERT INTO change_log VALUES (0, NULL);
