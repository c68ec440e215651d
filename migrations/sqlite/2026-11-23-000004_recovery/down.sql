ALTER TABLE passwords DROP COLUMN from_mail;
DROP INDEX recoveries_under_way;
DROP TABLE recovery_links;
