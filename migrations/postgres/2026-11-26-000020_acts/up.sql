-- When a link that undoes a change of address was made. NULL for links of a version before. A link that was made after another account proved the
-- mailbox shows that its holder reads that mailbox now.
ALTER TABLE address_change_links ADD COLUMN made_at BIGINT;
