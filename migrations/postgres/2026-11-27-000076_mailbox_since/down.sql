ALTER TABLE accounts DROP COLUMN mailbox_since;
