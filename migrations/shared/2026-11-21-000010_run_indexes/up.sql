-- Each report counts the failures of a window and sums the costs of a day; home asks for failures without an explanation.
CREATE INDEX runs_by_outcome ON runs (automation_id, outcome, reported_at);
CREATE INDEX runs_by_time ON runs (automation_id, reported_at);
