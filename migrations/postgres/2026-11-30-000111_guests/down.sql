DROP INDEX accounts_guests;
ALTER TABLE accounts DROP COLUMN guest_told_at;
ALTER TABLE accounts DROP COLUMN guest_until;
