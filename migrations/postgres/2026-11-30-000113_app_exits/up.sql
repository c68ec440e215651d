-- Apps that a user signed out of, without ending the session. What led there before `left_at` counts no more. `is_out`: the next way in asks.
CREATE TABLE app_exits (
    session_id BIGINT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    app_id BIGINT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    left_at BIGINT NOT NULL,
    is_out BOOLEAN NOT NULL,
    PRIMARY KEY (session_id, app_id)
);
CREATE INDEX app_exits_by_app ON app_exits (app_id);
-- What proxies were last refused for: one moment for each app and kind of trouble. `app_id` is 0 where no app is concerned.
CREATE TABLE app_troubles (
    app_id BIGINT NOT NULL,
    trouble TEXT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (app_id, trouble)
);
