-- Requests of apps by OpenID Connect that were refused, on all nodes: a few of each app. `cause_hash` is of cause and detail.
CREATE TABLE app_refusals (
    app_id BIGINT NOT NULL,
    cause_hash BLOB NOT NULL,
    cause TEXT NOT NULL,
    detail TEXT NOT NULL,
    times BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (app_id, cause_hash)
) WITHOUT ROWID;
