-- Guests: accounts that an admin invited to an app, until a moment. Then they are deleted. `guest_told_at`: when the account was told that.
ALTER TABLE accounts ADD COLUMN guest_until BIGINT;
ALTER TABLE accounts ADD COLUMN guest_told_at BIGINT;
CREATE INDEX accounts_guests ON accounts (guest_until) WHERE guest_until IS NOT NULL;
