DROP TABLE app_uses;
DROP TABLE app_public_paths;
DROP TABLE app_hosts;
DROP TABLE app_people;
DROP TABLE app_groups;
DROP TABLE apps;
