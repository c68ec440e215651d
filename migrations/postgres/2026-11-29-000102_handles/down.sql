DROP TABLE used_handles;
DROP INDEX accounts_by_handle;
ALTER TABLE accounts DROP COLUMN handle_chosen_at;
ALTER TABLE accounts DROP COLUMN handle;
