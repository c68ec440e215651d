-- Invitations of accounts, one for each. `token_hash` is that of the link in the newest email, NULL until the email leaves. `mail_id` is that email.
CREATE TABLE invitations (
    account_id BIGINT PRIMARY KEY NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    inviter TEXT NOT NULL,
    mail_id BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    token_hash BYTEA,
    accepted_at BIGINT,
    expires_at BIGINT,
    opened_at BIGINT
);
CREATE UNIQUE INDEX invitations_by_token ON invitations (token_hash) WHERE token_hash IS NOT NULL;
CREATE INDEX invitations_by_moment ON invitations (asked_at, account_id);
