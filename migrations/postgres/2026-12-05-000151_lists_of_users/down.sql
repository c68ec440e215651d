DROP INDEX accounts_by_age;
DROP INDEX accounts_by_sign_in;
DROP INDEX accounts_admins;
