-- The log of changes names apps and groups by the number -1, which no account has. An older version takes it for an unknown account.
-- Members of groups and handles belong to their account.
CREATE FUNCTION log_apps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO change_log (place, account_id) VALUES (txid_current(), -1);
    RETURN NULL;
END $$;

CREATE TRIGGER change_log_apps AFTER INSERT OR UPDATE OR DELETE ON apps
    FOR EACH ROW EXECUTE FUNCTION log_apps();

CREATE TRIGGER change_log_app_groups AFTER INSERT OR UPDATE OR DELETE ON app_groups
    FOR EACH ROW EXECUTE FUNCTION log_apps();

CREATE TRIGGER change_log_app_people AFTER INSERT OR UPDATE OR DELETE ON app_people
    FOR EACH ROW EXECUTE FUNCTION log_apps();

CREATE TRIGGER change_log_app_hosts AFTER INSERT OR UPDATE OR DELETE ON app_hosts
    FOR EACH ROW EXECUTE FUNCTION log_apps();

CREATE TRIGGER change_log_app_public_paths AFTER INSERT OR UPDATE OR DELETE ON app_public_paths
    FOR EACH ROW EXECUTE FUNCTION log_apps();

CREATE TRIGGER change_log_groups AFTER INSERT OR UPDATE OR DELETE ON groups
    FOR EACH ROW EXECUTE FUNCTION log_apps();

CREATE TRIGGER change_log_group_members AFTER INSERT OR DELETE ON group_members
    FOR EACH ROW EXECUTE FUNCTION log_change_of_account();

CREATE TRIGGER change_log_accounts_handle AFTER UPDATE OF handle ON accounts
    FOR EACH ROW EXECUTE FUNCTION log_account();
