-- How many sign-ins there were in each hour, by method, and how many attempts failed. No user is named.
CREATE TABLE sign_in_hours (
    hour BIGINT NOT NULL,
    what TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (hour, what)
);

-- When something was last done, by its name.
CREATE TABLE last_times (
    name TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);
