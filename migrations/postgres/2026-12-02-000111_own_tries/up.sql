-- The secret by which a browser has its own tries, for each account that signed in there.
ALTER TABLE known_browsers ADD COLUMN device_hash BYTEA;
UPDATE known_browsers SET device_hash = (
    SELECT devices.secret_hash FROM devices
    WHERE devices.account_id = known_browsers.account_id AND devices.last_used_at = known_browsers.last_used_at LIMIT 1
) WHERE signed_out_at IS NULL;
CREATE INDEX known_browsers_by_device ON known_browsers (device_hash) WHERE device_hash IS NOT NULL;

-- Since when it has none of its own, until it signs in again.
ALTER TABLE known_browsers ADD COLUMN tries_ended_at BIGINT;

-- The browser that used the email. "This wasn't me" also ends later sign-ins there.
ALTER TABLE attempts ADD COLUMN known_browser_id BIGINT;
