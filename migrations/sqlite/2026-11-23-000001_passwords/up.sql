-- One for each account that wants one. The hash is a PHC string with its own parameters.
CREATE TABLE passwords (
    account_id BIGINT PRIMARY KEY NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    hash TEXT NOT NULL,
    set_at BIGINT NOT NULL
);
