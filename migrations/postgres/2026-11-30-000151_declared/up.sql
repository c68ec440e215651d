-- Settings, groups and apps that a file of the operator owns: see `gatepost apply`. Pages only show them. `kind`: setting, group, app, secret (of an app).
CREATE TABLE declared (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (kind, name)
);
