DROP INDEX runs_by_time;
DROP INDEX runs_by_outcome;
