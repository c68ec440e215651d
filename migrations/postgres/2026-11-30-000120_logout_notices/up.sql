-- Apps that are to hear that a user has signed out. `grant_id` is the app's session (`sid`). `state`: waiting, ended, gave_up.
-- Triggers add the rows (2026-11-30-000123). No foreign keys: an app hears also of a closed account. Times are 0 until a server takes the row.
CREATE TABLE logout_notices (
    grant_id BIGINT PRIMARY KEY NOT NULL,
    app_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL,
    due_at BIGINT NOT NULL,
    give_up_at BIGINT NOT NULL,
    reply TEXT NOT NULL,
    settled_at BIGINT
);
CREATE INDEX logout_notices_waiting ON logout_notices (due_at) WHERE state = 'waiting';
CREATE INDEX logout_notices_by_app ON logout_notices (app_id, settled_at);
