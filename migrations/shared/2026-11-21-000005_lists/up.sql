-- What the home page and its lists look for: the few rows that are still worked on, whatever the size of the table.

CREATE INDEX incidents_open ON incidents (id, site_id, reported_by) WHERE status NOT IN ('closed', 'cancelled');
CREATE INDEX incidents_by_reporter ON incidents (reported_by, id);
CREATE INDEX pauses_holding ON pauses (id) WHERE released_at IS NULL;
CREATE INDEX actions_unverified ON actions (id) WHERE completed_at IS NOT NULL AND verified_at IS NULL;
CREATE INDEX alarms_questioned ON alarms (id) WHERE asked_by IS NOT NULL AND confirmed_by IS NULL;
CREATE INDEX restart_requests_by_state ON restart_requests (state, id);
