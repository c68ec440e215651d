-- When a user may be offered a passkey again. NULL: at any time.
ALTER TABLE accounts ADD COLUMN passkey_offer_at BIGINT;
