DROP TABLE app_refusals;
