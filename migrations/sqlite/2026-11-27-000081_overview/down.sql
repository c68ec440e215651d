DROP TABLE last_times;
DROP TABLE sign_in_hours;
