DROP TRIGGER change_log_apps ON apps;
DROP TRIGGER change_log_app_groups ON app_groups;
DROP TRIGGER change_log_app_people ON app_people;
DROP TRIGGER change_log_app_hosts ON app_hosts;
DROP TRIGGER change_log_app_public_paths ON app_public_paths;
DROP TRIGGER change_log_groups ON groups;
DROP TRIGGER change_log_group_members ON group_members;
DROP TRIGGER change_log_accounts_handle ON accounts;
DROP FUNCTION log_apps();
