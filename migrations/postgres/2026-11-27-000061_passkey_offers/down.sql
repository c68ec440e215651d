ALTER TABLE accounts DROP COLUMN passkey_offer_at;
