-- Devices that wait for their user (RFC 8628). `user_code_hash` is keyed by the key file, because the code is short. `pause` is in
-- milliseconds. `decision`: waiting, allowed, denied.
CREATE TABLE oidc_device_codes (
    id INTEGER PRIMARY KEY NOT NULL,
    device_hash BLOB NOT NULL UNIQUE,
    user_code_hash BLOB NOT NULL UNIQUE,
    app_id BIGINT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    scopes TEXT NOT NULL,
    client_address TEXT,
    asked_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    pause BIGINT NOT NULL,
    polled_at BIGINT,
    decision TEXT NOT NULL,
    decided_at BIGINT,
    account_id BIGINT REFERENCES accounts (id) ON DELETE CASCADE,
    session_id BIGINT REFERENCES sessions (id) ON DELETE SET NULL,
    auth_time BIGINT NOT NULL,
    acr TEXT NOT NULL,
    amr TEXT NOT NULL
);
CREATE INDEX oidc_device_codes_by_app ON oidc_device_codes (app_id);
CREATE INDEX oidc_device_codes_by_account ON oidc_device_codes (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX oidc_device_codes_by_session ON oidc_device_codes (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX oidc_device_codes_by_end ON oidc_device_codes (expires_at);
-- Whether an app may sign in devices. Off, because a stranger's device can ask as well.
ALTER TABLE oidc_clients ADD COLUMN device_grant BOOLEAN NOT NULL DEFAULT FALSE;
