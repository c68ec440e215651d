-- Where the change that an email tells of was made: the browser in our words, and its network address. Both are empty where no browser did it.
ALTER TABLE outbox ADD COLUMN browser TEXT;
ALTER TABLE outbox ADD COLUMN client_address TEXT;
