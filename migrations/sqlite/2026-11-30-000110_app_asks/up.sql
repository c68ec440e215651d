-- Users who ask to open an app: the newest ask of each user for each app. `answer`: yes, no.
CREATE TABLE app_asks (
    id INTEGER PRIMARY KEY NOT NULL,
    app_id BIGINT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    asked_at BIGINT NOT NULL,
    answered_at BIGINT,
    answer TEXT,
    UNIQUE (account_id, app_id)
);
CREATE INDEX app_asks_by_app ON app_asks (app_id, asked_at);
CREATE INDEX app_asks_by_moment ON app_asks (asked_at);
