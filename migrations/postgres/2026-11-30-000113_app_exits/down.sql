DROP TABLE app_troubles;
DROP TABLE app_exits;
