-- Practices as data, what is held against them, and playbooks that travel from site to site.

-- A version of a practice; versions are never changed.
CREATE TABLE practices (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    definition TEXT NOT NULL,
    shipped BOOLEAN NOT NULL,
    note TEXT,
    written_by TEXT NOT NULL,
    written_at TIMESTAMP NOT NULL,
    UNIQUE (name, version)
);

CREATE TABLE practice_runs (
    id TEXT PRIMARY KEY NOT NULL,
    practice TEXT NOT NULL,
    version INTEGER NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    site_id TEXT NOT NULL REFERENCES sites (id),
    opened_by TEXT NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    UNIQUE (practice, subject_kind, subject_id)
);
CREATE INDEX practice_runs_by_site ON practice_runs (site_id, id);
CREATE INDEX practice_runs_by_subject ON practice_runs (subject_kind, subject_id);

CREATE TABLE practice_attestations (
    id TEXT PRIMARY KEY NOT NULL,
    run_id TEXT NOT NULL REFERENCES practice_runs (id),
    line_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    role TEXT NOT NULL,
    evidence TEXT,
    attested_by TEXT NOT NULL REFERENCES people (id),
    attested_at TIMESTAMP NOT NULL
);
CREATE INDEX practice_attestations_by_run ON practice_attestations (run_id, id);

CREATE TABLE practice_reviews (
    id TEXT PRIMARY KEY NOT NULL,
    run_id TEXT NOT NULL REFERENCES practice_runs (id),
    line_id TEXT NOT NULL,
    occasion TEXT NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    due_at TIMESTAMP NOT NULL,
    note TEXT,
    done_by TEXT REFERENCES people (id),
    done_at TIMESTAMP
);
CREATE INDEX practice_reviews_by_run ON practice_reviews (run_id, done_at);
CREATE INDEX practice_reviews_open ON practice_reviews (done_at, due_at);

-- A playbook on one site. The provenance is the same for all that came from one playbook.
CREATE TABLE playbooks (
    id TEXT PRIMARY KEY NOT NULL,
    site_id TEXT NOT NULL REFERENCES sites (id),
    owner_id TEXT REFERENCES people (id),
    state TEXT NOT NULL,
    provenance_id TEXT NOT NULL,
    source_site TEXT,
    source_version INTEGER,
    source_owner TEXT,
    exported_at TEXT,
    signed_by TEXT,
    file_sha256 TEXT,
    quarantined_because TEXT,
    version INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    released_by TEXT REFERENCES people (id),
    released_at TIMESTAMP,
    UNIQUE (site_id, file_sha256)
);
CREATE INDEX playbooks_by_provenance ON playbooks (provenance_id);

CREATE TABLE playbook_versions (
    id TEXT PRIMARY KEY NOT NULL,
    playbook_id TEXT NOT NULL REFERENCES playbooks (id),
    version INTEGER NOT NULL,
    content TEXT NOT NULL,
    written_by TEXT NOT NULL,
    written_at TIMESTAMP NOT NULL,
    UNIQUE (playbook_id, version)
);

CREATE TABLE playbook_exports (
    id TEXT PRIMARY KEY NOT NULL,
    playbook_id TEXT NOT NULL REFERENCES playbooks (id),
    version INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    body TEXT NOT NULL,
    exported_by TEXT NOT NULL REFERENCES people (id),
    exported_at TIMESTAMP NOT NULL
);
CREATE INDEX playbook_exports_by_playbook ON playbook_exports (playbook_id, id);

-- Answers to the eight rows; the newest of a topic counts.
CREATE TABLE playbook_localisations (
    id TEXT PRIMARY KEY NOT NULL,
    playbook_id TEXT NOT NULL REFERENCES playbooks (id),
    topic TEXT NOT NULL,
    answer TEXT NOT NULL,
    changed_to TEXT,
    answered_by TEXT NOT NULL REFERENCES people (id),
    answered_at TIMESTAMP NOT NULL
);
CREATE INDEX playbook_localisations_by_playbook ON playbook_localisations (playbook_id, id);

CREATE TABLE playbook_first_runs (
    id TEXT PRIMARY KEY NOT NULL,
    playbook_id TEXT NOT NULL REFERENCES playbooks (id),
    version INTEGER NOT NULL,
    place TEXT NOT NULL,
    outcome TEXT NOT NULL,
    what TEXT NOT NULL,
    recorded_by TEXT NOT NULL REFERENCES people (id),
    recorded_at TIMESTAMP NOT NULL,
    acceptable BOOLEAN,
    review_note TEXT,
    reviewed_by TEXT REFERENCES people (id),
    reviewed_at TIMESTAMP
);
CREATE INDEX playbook_first_runs_by_playbook ON playbook_first_runs (playbook_id, id);

CREATE TABLE playbook_flags (
    id TEXT PRIMARY KEY NOT NULL,
    playbook_id TEXT NOT NULL REFERENCES playbooks (id),
    found_on TEXT NOT NULL REFERENCES playbooks (id),
    finding TEXT NOT NULL,
    raised_by TEXT NOT NULL REFERENCES people (id),
    raised_at TIMESTAMP NOT NULL,
    settled_because TEXT,
    settled_by TEXT REFERENCES people (id),
    settled_at TIMESTAMP
);
CREATE INDEX playbook_flags_by_playbook ON playbook_flags (playbook_id, settled_at);

CREATE TABLE playbook_runs (
    id TEXT PRIMARY KEY NOT NULL,
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    playbook_id TEXT NOT NULL REFERENCES playbooks (id),
    version INTEGER NOT NULL,
    title TEXT NOT NULL,
    started_by TEXT NOT NULL REFERENCES people (id),
    started_at TIMESTAMP NOT NULL
);
CREATE INDEX playbook_runs_by_incident ON playbook_runs (incident_id, id);

CREATE TABLE playbook_steps (
    id TEXT PRIMARY KEY NOT NULL,
    run_id TEXT NOT NULL REFERENCES playbook_runs (id),
    number INTEGER NOT NULL,
    title TEXT NOT NULL,
    instructions TEXT NOT NULL,
    effect TEXT NOT NULL,
    approval TEXT NOT NULL,
    asked_by TEXT REFERENCES people (id),
    asked_at TIMESTAMP,
    approved_by TEXT REFERENCES people (id),
    approved_at TIMESTAMP,
    evidence TEXT,
    done_by TEXT REFERENCES people (id),
    done_at TIMESTAMP,
    UNIQUE (run_id, number)
);
