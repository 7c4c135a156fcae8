-- From bundle to restart: escalations, the review and what it asks for, restart requests and decisions.

CREATE TABLE escalations (
    id TEXT PRIMARY KEY NOT NULL,
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    bundle_id TEXT NOT NULL REFERENCES bundles (id),
    destination TEXT NOT NULL,
    recipient TEXT NOT NULL,
    message TEXT NOT NULL,
    routing TEXT NOT NULL,
    override_reason TEXT,
    counts TEXT NOT NULL,
    message_id TEXT NOT NULL,
    sent_by TEXT NOT NULL REFERENCES people (id),
    queued_at TIMESTAMP NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    attempting_since TIMESTAMP,
    server_words TEXT,
    settled_at TIMESTAMP
);
CREATE INDEX escalations_by_incident ON escalations (incident_id, id);
CREATE INDEX escalations_by_state ON escalations (state, id);

CREATE TABLE reviews (
    id TEXT PRIMARY KEY NOT NULL REFERENCES incidents (id),
    root_cause TEXT,
    detection_gaps TEXT,
    missing_evidence TEXT,
    safeguards_worked TEXT,
    safeguards_failed TEXT,
    change_kind TEXT,
    change_link TEXT,
    change_before TEXT,
    change_after TEXT,
    written_by TEXT NOT NULL REFERENCES people (id),
    written_at TIMESTAMP NOT NULL,
    version INTEGER NOT NULL
);

CREATE TABLE review_points (
    id TEXT PRIMARY KEY NOT NULL,
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    point TEXT NOT NULL,
    since TIMESTAMP NOT NULL,
    done_by TEXT REFERENCES people (id),
    done_at TIMESTAMP,
    UNIQUE (incident_id, point)
);

CREATE TABLE actions (
    id TEXT PRIMARY KEY NOT NULL,
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    owner_id TEXT NOT NULL REFERENCES people (id),
    former_owners TEXT NOT NULL,
    due_on TEXT NOT NULL,
    created_by TEXT NOT NULL REFERENCES people (id),
    created_at TIMESTAMP NOT NULL,
    proof TEXT,
    completed_by TEXT REFERENCES people (id),
    completed_at TIMESTAMP,
    verified_by TEXT REFERENCES people (id),
    verified_at TIMESTAMP,
    version INTEGER NOT NULL
);
CREATE INDEX actions_by_incident ON actions (incident_id, id);
CREATE INDEX actions_by_owner ON actions (owner_id, completed_at);

CREATE TABLE checks (
    id TEXT PRIMARY KEY NOT NULL,
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    title TEXT NOT NULL,
    expected TEXT NOT NULL,
    created_by TEXT NOT NULL REFERENCES people (id),
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX checks_by_incident ON checks (incident_id, id);

CREATE TABLE check_results (
    id TEXT PRIMARY KEY NOT NULL,
    check_id TEXT NOT NULL REFERENCES checks (id),
    outcome TEXT NOT NULL,
    evidence TEXT NOT NULL,
    recorded_by TEXT NOT NULL REFERENCES people (id),
    recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX check_results_by_check ON check_results (check_id, id);

CREATE TABLE criteria (
    id TEXT PRIMARY KEY NOT NULL,
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    statement TEXT NOT NULL,
    created_by TEXT NOT NULL REFERENCES people (id),
    created_at TIMESTAMP NOT NULL,
    evidence TEXT,
    shown_by TEXT REFERENCES people (id),
    shown_at TIMESTAMP
);
CREATE INDEX criteria_by_incident ON criteria (incident_id, id);

-- Who ever took part in an incident's restart: history counts, not the present owner.
CREATE TABLE participations (
    id TEXT PRIMARY KEY NOT NULL,
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    person_id TEXT NOT NULL REFERENCES people (id),
    part TEXT NOT NULL,
    since TIMESTAMP NOT NULL,
    UNIQUE (incident_id, person_id, part)
);

CREATE TABLE restart_requests (
    id TEXT PRIMARY KEY NOT NULL,
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    scope TEXT NOT NULL,
    note TEXT NOT NULL,
    pauses TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    requested_by TEXT NOT NULL REFERENCES people (id),
    requested_at TIMESTAMP NOT NULL,
    state TEXT NOT NULL,
    decided_by TEXT REFERENCES people (id),
    decided_at TIMESTAMP,
    reason TEXT,
    voided_at TIMESTAMP,
    voided_because TEXT
);
CREATE INDEX restart_requests_by_incident ON restart_requests (incident_id, id);
