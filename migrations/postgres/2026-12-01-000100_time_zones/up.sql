-- The time zone that the owner of an account chose, such as Europe/Berlin.
ALTER TABLE accounts ADD COLUMN time_zone TEXT;
