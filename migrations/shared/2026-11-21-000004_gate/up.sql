-- The gate for real: what an automation touches and runs on, its runs and their reviews, phases, switches, overrides.

ALTER TABLE automations ADD COLUMN environment TEXT NOT NULL DEFAULT 'production';
ALTER TABLE automations ADD COLUMN writes_data BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE automations ADD COLUMN contacts_customers BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE automations ADD COLUMN spends_money BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE automations ADD COLUMN provider TEXT;
ALTER TABLE automations ADD COLUMN model TEXT;
ALTER TABLE automations ADD COLUMN prompt_version TEXT;
ALTER TABLE automations ADD COLUMN failure_limit INTEGER;
ALTER TABLE automations ADD COLUMN failure_minutes INTEGER;
ALTER TABLE automations ADD COLUMN daily_budget BIGINT;
ALTER TABLE automations ADD COLUMN approval_relaxed BOOLEAN NOT NULL DEFAULT FALSE;

-- Fates of running, queued, scheduled and retrying work; none: the default of the rules. A drill's pause names its drill.
ALTER TABLE pauses ADD COLUMN fates TEXT;
ALTER TABLE pauses ADD COLUMN drill_id TEXT;

-- What the tested automations were made of, and why a result no longer counts.
ALTER TABLE check_results ADD COLUMN configuration TEXT;
ALTER TABLE check_results ADD COLUMN voided_at TIMESTAMP;
ALTER TABLE check_results ADD COLUMN voided_because TEXT;
ALTER TABLE restart_requests ADD COLUMN configuration TEXT;

CREATE TABLE runs (
    id TEXT PRIMARY KEY NOT NULL,
    automation_id TEXT NOT NULL REFERENCES automations (id),
    client_key TEXT,
    environment TEXT NOT NULL,
    outcome TEXT NOT NULL,
    scope TEXT NOT NULL,
    what TEXT NOT NULL,
    why TEXT NOT NULL,
    cost BIGINT,
    affected_records TEXT,
    audit_reference TEXT,
    error_code TEXT,
    error_step TEXT,
    error_input TEXT,
    next_contact TEXT,
    incomplete BOOLEAN NOT NULL,
    gate_closed BOOLEAN NOT NULL,
    ended_at TIMESTAMP NOT NULL,
    reported_by TEXT NOT NULL,
    reported_at TIMESTAMP NOT NULL,
    incident_id TEXT REFERENCES incidents (id),
    explanation TEXT,
    explained_by TEXT REFERENCES people (id),
    explained_at TIMESTAMP,
    UNIQUE (automation_id, client_key)
);
CREATE INDEX runs_by_automation ON runs (automation_id, id);

CREATE TABLE run_reviews (
    id TEXT PRIMARY KEY NOT NULL REFERENCES runs (id),
    acceptable BOOLEAN NOT NULL,
    history TEXT NOT NULL,
    failures TEXT NOT NULL,
    cost TEXT NOT NULL,
    affected_records TEXT NOT NULL,
    audit_events TEXT NOT NULL,
    reviewed_by TEXT NOT NULL REFERENCES people (id),
    reviewed_at TIMESTAMP NOT NULL
);

-- Reviews of an automation that its cadence asks for.
CREATE TABLE automation_reviews (
    id TEXT PRIMARY KEY NOT NULL,
    automation_id TEXT NOT NULL REFERENCES automations (id),
    occasion TEXT NOT NULL,
    subject TEXT,
    opened_at TIMESTAMP NOT NULL,
    due_at TIMESTAMP NOT NULL,
    note TEXT,
    done_by TEXT REFERENCES people (id),
    done_at TIMESTAMP
);
CREATE INDEX automation_reviews_by_automation ON automation_reviews (automation_id, done_at);
CREATE INDEX automation_reviews_open ON automation_reviews (done_at, due_at);

-- What the cadence's source says must be escalated; dismissed only with a reason.
CREATE TABLE flags (
    id TEXT PRIMARY KEY NOT NULL,
    automation_id TEXT NOT NULL REFERENCES automations (id),
    kind TEXT NOT NULL,
    subject TEXT,
    raised_at TIMESTAMP NOT NULL,
    dismissed_by TEXT REFERENCES people (id),
    dismissed_at TIMESTAMP,
    dismissed_because TEXT
);
CREATE INDEX flags_by_automation ON flags (automation_id, dismissed_at);
CREATE INDEX flags_open ON flags (dismissed_at, id);

-- Outside events that pause what they concern.
CREATE TABLE changes (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    site_id TEXT NOT NULL REFERENCES sites (id),
    note TEXT NOT NULL,
    reported_by TEXT NOT NULL,
    reported_at TIMESTAMP NOT NULL,
    incident_id TEXT REFERENCES incidents (id),
    paused TEXT NOT NULL
);
CREATE INDEX changes_by_site ON changes (site_id, id);

-- A scope that was opened, with its soak time.
CREATE TABLE phases (
    id TEXT PRIMARY KEY NOT NULL,
    automation_id TEXT NOT NULL REFERENCES automations (id),
    request_id TEXT REFERENCES restart_requests (id),
    incident_id TEXT REFERENCES incidents (id),
    scope TEXT NOT NULL,
    ceiling TEXT NOT NULL,
    configuration TEXT NOT NULL,
    evidence TEXT,
    opened_by TEXT NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    soak_until TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    ended_because TEXT
);
CREATE INDEX phases_by_automation ON phases (automation_id, ended_at);

-- Break-glass: opens the gate above its pauses until it expires.
CREATE TABLE overrides (
    id TEXT PRIMARY KEY NOT NULL,
    automation_id TEXT NOT NULL REFERENCES automations (id),
    reason TEXT NOT NULL,
    asked_by TEXT NOT NULL REFERENCES people (id),
    asked_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    confirmed_by TEXT REFERENCES people (id),
    confirmed_at TIMESTAMP,
    incident_id TEXT REFERENCES incidents (id),
    action_id TEXT REFERENCES actions (id),
    ended_by TEXT REFERENCES people (id),
    ended_at TIMESTAMP,
    reviewed_by TEXT REFERENCES people (id),
    reviewed_at TIMESTAMP,
    review_note TEXT
);
CREATE INDEX overrides_by_automation ON overrides (automation_id, expires_at);

-- A switch that was tried: pressed, seen to close, released.
CREATE TABLE drills (
    id TEXT PRIMARY KEY NOT NULL,
    target_kind TEXT NOT NULL,
    target TEXT NOT NULL,
    site_id TEXT REFERENCES sites (id),
    held_by TEXT NOT NULL REFERENCES people (id),
    held_at TIMESTAMP NOT NULL,
    covered INTEGER NOT NULL,
    closed INTEGER NOT NULL,
    took_ms INTEGER NOT NULL
);
CREATE INDEX drills_by_target ON drills (target_kind, target, id);

-- The signed document of an approved restart.
CREATE TABLE certificates (
    id TEXT PRIMARY KEY NOT NULL REFERENCES restart_requests (id),
    statement TEXT NOT NULL,
    key_id TEXT NOT NULL,
    signature TEXT NOT NULL,
    issued_at TIMESTAMP NOT NULL
);

-- Rows that were altered outside this program, as the audit chain shows; each closes the gates it touches.
CREATE TABLE differences (
    id TEXT PRIMARY KEY NOT NULL,
    subject_table TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    automation_id TEXT REFERENCES automations (id),
    found_at TIMESTAMP NOT NULL,
    settled_at TIMESTAMP
);
CREATE INDEX differences_open ON differences (settled_at, automation_id);

-- Mail of this installation to one of its people.
CREATE TABLE notices (
    id TEXT PRIMARY KEY NOT NULL,
    person_id TEXT NOT NULL REFERENCES people (id),
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    link TEXT NOT NULL,
    queued_at TIMESTAMP NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    server_words TEXT,
    settled_at TIMESTAMP
);
CREATE INDEX notices_by_person ON notices (person_id, id);
