DROP TABLE admin_acts;
