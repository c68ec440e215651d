ALTER TABLE address_change_links DROP COLUMN made_at;
