ALTER TABLE attempts DROP COLUMN known_browser_id;
ALTER TABLE known_browsers DROP COLUMN tries_ended_at;
DROP INDEX known_browsers_by_device;
ALTER TABLE known_browsers DROP COLUMN device_hash;
