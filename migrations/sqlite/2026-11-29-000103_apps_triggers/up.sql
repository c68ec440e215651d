-- The log of changes names apps and groups by the number -1, which no account has. An older version takes it for an unknown account.
-- Members of groups and handles belong to their account.

CREATE TRIGGER change_log_apps_insert AFTER INSERT ON apps BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, -1 FROM change_log;
END;

CREATE TRIGGER change_log_apps_update AFTER UPDATE ON apps BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, -1 FROM change_log;
END;

CREATE TRIGGER change_log_apps_delete AFTER DELETE ON apps BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, -1 FROM change_log;
END;

CREATE TRIGGER change_log_app_groups_insert AFTER INSERT ON app_groups BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, -1 FROM change_log;
END;

CREATE TRIGGER change_log_app_groups_update AFTER UPDATE ON app_groups BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, -1 FROM change_log;
END;

CREATE TRIGGER change_log_app_groups_delete AFTER DELETE ON app_groups BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, -1 FROM change_log;
END;

CREATE TRIGGER change_log_app_people_insert AFTER INSERT ON app_people BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, -1 FROM change_log;
END;

CREATE TRIGGER change_log_app_people_update AFTER UPDATE ON app_people BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, -1 FROM change_log;
END;

CREATE TRIGGER change_log_app_people_delete AFTER DELETE ON app_people BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, -1 FROM change_log;
END;

CREATE TRIGGER change_log_app_hosts_insert AFTER INSERT ON app_hosts BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, -1 FROM change_log;
END;

CREATE TRIGGER change_log_app_hosts_update AFTER UPDATE ON app_hosts BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, -1 FROM change_log;
END;

CREATE TRIGGER change_log_app_hosts_delete AFTER DELETE ON app_hosts BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, -1 FROM change_log;
END;

CREATE TRIGGER change_log_app_public_paths_insert AFTER INSERT ON app_public_paths BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, -1 FROM change_log;
END;

CREATE TRIGGER change_log_app_public_paths_update AFTER UPDATE ON app_public_paths BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, -1 FROM change_log;
END;

CREATE TRIGGER change_log_app_public_paths_delete AFTER DELETE ON app_public_paths BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, -1 FROM change_log;
END;

CREATE TRIGGER change_log_groups_insert AFTER INSERT ON groups BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, -1 FROM change_log;
END;

CREATE TRIGGER change_log_groups_update AFTER UPDATE ON groups BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, -1 FROM change_log;
END;

CREATE TRIGGER change_log_groups_delete AFTER DELETE ON groups BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, -1 FROM change_log;
END;

CREATE TRIGGER change_log_group_members_insert AFTER INSERT ON group_members BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, NEW.account_id FROM change_log;
END;

CREATE TRIGGER change_log_group_members_delete AFTER DELETE ON group_members BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, OLD.account_id FROM change_log;
END;

CREATE TRIGGER change_log_accounts_handle AFTER UPDATE OF handle ON accounts BEGIN
    INSERT INTO change_log SELECT coalesce(max(place), 0) + 1, NEW.id FROM change_log;
END;
