-- What admins did to the rights of accounts in the last days: `granted`, `revoked` or `disabled`. No row names an account by a foreign key, so that
-- a chain of admins survives accounts that are closed. `id` is the order of the acts, also where the clocks of the nodes differ. `by_id` is NULL for the
-- command line and the set-up link. `gain_id` is the gain of the admin who granted.
CREATE TABLE admin_acts (
    id BIGINT PRIMARY KEY NOT NULL,
    deed TEXT NOT NULL,
    by_id BIGINT,
    account_id BIGINT NOT NULL,
    gain_id BIGINT,
    done_at BIGINT NOT NULL,
    undone_at BIGINT
);
CREATE INDEX admin_acts_by_account ON admin_acts (account_id, done_at);
CREATE INDEX admin_acts_by_gain ON admin_acts (gain_id);
CREATE INDEX admin_acts_by_time ON admin_acts (done_at);

INSERT INTO admin_acts
SELECT row_number() OVER (ORDER BY gained_at, id), 'granted', account_id, thing_id, id, gained_at, undone_at
FROM gains WHERE kind = 'admin_rights' AND thing_id IS NOT NULL;
