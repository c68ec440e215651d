DROP TABLE domain_openings;
ALTER TABLE attempt_links DROP COLUMN scanned_at;
ALTER TABLE attempt_links DROP COLUMN opened_at;
