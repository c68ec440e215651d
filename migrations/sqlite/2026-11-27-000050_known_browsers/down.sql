ALTER TABLE sessions DROP COLUMN known_browser_id;
DROP TABLE known_browser_links;
DROP TABLE known_browsers;
