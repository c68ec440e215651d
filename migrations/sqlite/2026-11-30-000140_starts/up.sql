-- What a server found when it started: written only when something had changed since the start before. Admins see what an upgrade did.
CREATE TABLE starts (
    at INTEGER PRIMARY KEY NOT NULL,
    version TEXT NOT NULL,
    built_from TEXT NOT NULL,
    migrations TEXT NOT NULL
);
