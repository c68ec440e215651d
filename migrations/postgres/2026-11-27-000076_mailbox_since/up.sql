-- When an account last came to its address, by a move or by undoing one. NULL: it has always had this address. `proven_at` says when an account
-- was first verified, perhaps at another address.
ALTER TABLE accounts ADD COLUMN mailbox_since BIGINT;
UPDATE accounts SET mailbox_since =
    (SELECT max(changed_at) FROM address_changes WHERE account_id = accounts.id AND new_email = accounts.email);
