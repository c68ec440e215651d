-- Apps that users open through Gatepost. `requires`: one, two, passkey. `fresh_within` is in milliseconds.
-- `origin` says who made the app: admin, command_line.
CREATE TABLE apps (
    id INTEGER PRIMARY KEY NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    launch_url TEXT,
    icon BLOB,
    icon_version TEXT,
    hidden BOOLEAN NOT NULL,
    position INTEGER NOT NULL,
    requires TEXT NOT NULL,
    fresh_within BIGINT,
    everyone BOOLEAN NOT NULL,
    preflights BOOLEAN NOT NULL,
    popup BOOLEAN NOT NULL,
    origin TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT
);
-- Who may open an app: everyone, the members of groups, single accounts until a moment or for good.
CREATE TABLE app_groups (
    app_id BIGINT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    group_id BIGINT NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    PRIMARY KEY (app_id, group_id)
) WITHOUT ROWID;
CREATE INDEX app_groups_by_group ON app_groups (group_id);
CREATE TABLE app_people (
    app_id BIGINT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    ends_at BIGINT,
    PRIMARY KEY (app_id, account_id)
) WITHOUT ROWID;
CREATE INDEX app_people_by_account ON app_people (account_id);
CREATE INDEX app_people_ended ON app_people (ends_at) WHERE ends_at IS NOT NULL;
-- Where an app is. `port` is a number also where the scheme implies it.
CREATE TABLE app_hosts (
    host TEXT NOT NULL,
    port INTEGER NOT NULL,
    wildcard BOOLEAN NOT NULL,
    scheme TEXT NOT NULL,
    app_id BIGINT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    PRIMARY KEY (host, port, wildcard)
) WITHOUT ROWID;
CREATE INDEX app_hosts_by_app ON app_hosts (app_id);
CREATE TABLE app_public_paths (
    app_id BIGINT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    prefix TEXT NOT NULL,
    PRIMARY KEY (app_id, prefix)
) WITHOUT ROWID;
-- When an account last used an app, to the minute.
CREATE TABLE app_uses (
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    app_id BIGINT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, app_id)
) WITHOUT ROWID;
CREATE INDEX app_uses_by_app ON app_uses (app_id, last_at);
