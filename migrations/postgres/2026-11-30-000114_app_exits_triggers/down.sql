DROP TRIGGER change_log_app_exits ON app_exits;
DROP FUNCTION log_app_exit();
