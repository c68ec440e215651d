-- What an account has gained in the last days, so that the mailbox that was told can take it back. `thing_id` names the passkey, the app, the
-- remembered browser, or the account that became an admin. `former` holds what stood in its place before, as hashes; it is wiped after 7 days.
CREATE TABLE gains (
    id BIGINT PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    thing_id BIGINT,
    mail_id BIGINT,
    told TEXT NOT NULL,
    former TEXT,
    gained_at BIGINT NOT NULL,
    undone_at BIGINT
);
CREATE INDEX gains_by_account ON gains (account_id, gained_at);
CREATE INDEX gains_by_mail ON gains (mail_id);
CREATE INDEX gains_by_thing ON gains (thing_id);
CREATE INDEX gains_by_time ON gains (gained_at);

-- Every link that undoes one. An email that was sent twice has one each time, and all of them work. A change of address keeps its links in
-- `address_change_links`, where nodes of the version before read them.
CREATE TABLE gain_links (
    token_hash BLOB PRIMARY KEY NOT NULL,
    gain_id BIGINT NOT NULL REFERENCES gains (id) ON DELETE CASCADE
);
CREATE INDEX gain_links_by_gain ON gain_links (gain_id);
