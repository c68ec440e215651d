DROP TABLE app_asks;
