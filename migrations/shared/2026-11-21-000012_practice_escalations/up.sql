-- An escalation line of a practice whose condition holds: who had to be told was told, and it stands until the condition
-- ends or somebody dismisses it with a reason.
CREATE TABLE practice_escalations (
    id TEXT PRIMARY KEY NOT NULL,
    run_id TEXT NOT NULL REFERENCES practice_runs (id),
    line_id TEXT NOT NULL,
    raised_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    dismissed_by TEXT REFERENCES people (id),
    dismissed_at TIMESTAMP,
    dismissed_because TEXT
);
CREATE INDEX practice_escalations_by_run ON practice_escalations (run_id, id);
CREATE INDEX practice_escalations_standing ON practice_escalations (ended_at, dismissed_at);
