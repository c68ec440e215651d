-- The name by which apps know an account. `handle_chosen_at`: when its owner chose it, which is possible once.
ALTER TABLE accounts ADD COLUMN handle TEXT;
ALTER TABLE accounts ADD COLUMN handle_chosen_at BIGINT;
CREATE UNIQUE INDEX accounts_by_handle ON accounts (handle) WHERE handle IS NOT NULL;
-- Every handle that was ever given, and to which account. Rows outlive the account, because apps keep data under a handle.
CREATE TABLE used_handles (
    handle TEXT PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL
) WITHOUT ROWID;
