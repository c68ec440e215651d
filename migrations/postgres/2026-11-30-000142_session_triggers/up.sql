-- Nothing to do here: the twin makes triggers again that only SQLite could lose.
SELECT 1;
