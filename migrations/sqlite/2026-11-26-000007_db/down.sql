DROP TABLE housekeeping_runs;
DROP TABLE heartbeats;
