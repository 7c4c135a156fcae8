-- Portable between SQLite and PostgreSQL: ids, words and JSON are text, times are UTC without a zone.

CREATE TABLE people (
    id TEXT PRIMARY KEY NOT NULL,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT,
    active BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE sites (
    id TEXT PRIMARY KEY NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    production_url TEXT NOT NULL,
    staging_url TEXT,
    time_zone TEXT NOT NULL,
    versions TEXT NOT NULL,
    setup_owner TEXT,
    hosting_contact TEXT,
    provider_contact TEXT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE grants (
    id TEXT PRIMARY KEY NOT NULL,
    person_id TEXT NOT NULL REFERENCES people (id),
    role TEXT NOT NULL,
    site_id TEXT REFERENCES sites (id),
    granted_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP
);
CREATE INDEX grants_by_person ON grants (person_id);

CREATE TABLE automations (
    id TEXT PRIMARY KEY NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    category TEXT NOT NULL,
    site_id TEXT NOT NULL REFERENCES sites (id),
    owner_id TEXT REFERENCES people (id),
    run_trigger TEXT,
    input_scope TEXT,
    expected_output TEXT,
    approval_gate TEXT,
    retry_limit INTEGER,
    notification_path TEXT,
    pause_rule TEXT,
    rollback_path TEXT,
    scope TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX automations_by_site ON automations (site_id);
CREATE INDEX automations_by_owner ON automations (owner_id);

CREATE TABLE tokens (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    person_id TEXT REFERENCES people (id),
    automation_id TEXT REFERENCES automations (id),
    scopes TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP
);
CREATE INDEX tokens_by_person ON tokens (person_id);
CREATE INDEX tokens_by_automation ON tokens (automation_id);

CREATE TABLE incidents (
    id TEXT PRIMARY KEY NOT NULL,
    reference TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    status TEXT NOT NULL,
    severity TEXT NOT NULL,
    impact TEXT NOT NULL,
    site_id TEXT NOT NULL REFERENCES sites (id),
    lead_id TEXT REFERENCES people (id),
    reported_by TEXT NOT NULL REFERENCES people (id),
    occurred_at TIMESTAMP NOT NULL,
    occurred_zone TEXT NOT NULL,
    detected_at TIMESTAMP,
    reported_at TIMESTAMP NOT NULL,
    mitigated_at TIMESTAMP,
    closed_at TIMESTAMP,
    facts TEXT NOT NULL,
    no_evidence_reason TEXT,
    secret_key TEXT NOT NULL,
    known_values TEXT,
    known_generation INTEGER NOT NULL,
    version INTEGER NOT NULL
);
CREATE INDEX incidents_by_site ON incidents (site_id, id);
CREATE INDEX incidents_by_status ON incidents (status, id);

CREATE TABLE incident_counters (
    year INTEGER PRIMARY KEY NOT NULL,
    last_number INTEGER NOT NULL
);

CREATE TABLE pauses (
    id TEXT PRIMARY KEY NOT NULL,
    target_kind TEXT NOT NULL,
    target TEXT NOT NULL,
    site_id TEXT REFERENCES sites (id),
    incident_id TEXT REFERENCES incidents (id),
    reason TEXT,
    set_by TEXT NOT NULL,
    set_at TIMESTAMP NOT NULL,
    released_by TEXT,
    released_at TIMESTAMP,
    release_reason TEXT
);
CREATE INDEX pauses_by_target ON pauses (target_kind, target, released_at);
CREATE INDEX pauses_by_incident ON pauses (incident_id);

CREATE TABLE timeline (
    id TEXT PRIMARY KEY NOT NULL,
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    happened_at TIMESTAMP NOT NULL,
    written_at TIMESTAMP NOT NULL,
    author TEXT NOT NULL,
    author_name TEXT NOT NULL,
    evidence_id TEXT,
    superseded_by TEXT
);
CREATE INDEX timeline_by_incident ON timeline (incident_id, happened_at);

CREATE TABLE evidence (
    id TEXT PRIMARY KEY NOT NULL,
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    name TEXT NOT NULL,
    media TEXT NOT NULL,
    note TEXT,
    sealed_file TEXT,
    sealed_key TEXT,
    sealed_size BIGINT NOT NULL,
    sealed_until TIMESTAMP NOT NULL,
    shredded_at TIMESTAMP,
    current_version INTEGER NOT NULL,
    added_by TEXT NOT NULL,
    added_at TIMESTAMP NOT NULL
);
CREATE INDEX evidence_by_incident ON evidence (incident_id, id);
CREATE INDEX evidence_by_expiry ON evidence (shredded_at, sealed_until);

CREATE TABLE evidence_versions (
    id TEXT PRIMARY KEY NOT NULL,
    evidence_id TEXT NOT NULL REFERENCES evidence (id),
    number INTEGER NOT NULL,
    file TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    counts TEXT NOT NULL,
    known_generation INTEGER NOT NULL,
    made_at TIMESTAMP NOT NULL,
    UNIQUE (evidence_id, number)
);

CREATE TABLE picture_releases (
    id TEXT PRIMARY KEY NOT NULL,
    evidence_id TEXT NOT NULL REFERENCES evidence (id),
    audience TEXT NOT NULL,
    person_id TEXT NOT NULL REFERENCES people (id),
    sha256 TEXT NOT NULL,
    released_at TIMESTAMP NOT NULL,
    used_by TEXT
);
CREATE INDEX picture_releases_by_evidence ON picture_releases (evidence_id);

CREATE TABLE alarms (
    id TEXT PRIMARY KEY NOT NULL,
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    fingerprint TEXT NOT NULL,
    rule TEXT NOT NULL,
    level TEXT NOT NULL,
    place TEXT NOT NULL,
    reason TEXT,
    asked_by TEXT REFERENCES people (id),
    asked_at TIMESTAMP,
    confirmed_by TEXT REFERENCES people (id),
    confirmed_at TIMESTAMP,
    UNIQUE (incident_id, fingerprint)
);

CREATE TABLE bundles (
    id TEXT PRIMARY KEY NOT NULL,
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    audience TEXT NOT NULL,
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    counts TEXT NOT NULL,
    withheld INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    built_by TEXT NOT NULL REFERENCES people (id),
    built_at TIMESTAMP NOT NULL
);
CREATE INDEX bundles_by_incident ON bundles (incident_id, id);

-- Keys of this installation, wrapped by the key file; never in the clear.
CREATE TABLE keys (
    id TEXT PRIMARY KEY NOT NULL,
    purpose TEXT NOT NULL,
    public_key TEXT,
    wrapped TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    retired_at TIMESTAMP
);

-- The audit chain: each entry holds the digest of the row it speaks of and the hash of the entry before it.
CREATE TABLE audit (
    seq BIGINT PRIMARY KEY NOT NULL,
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    subject_table TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX audit_by_subject ON audit (subject_table, subject_id);

CREATE TABLE audit_head (
    id INTEGER PRIMARY KEY NOT NULL,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);

CREATE TABLE audit_seals (
    seq BIGINT PRIMARY KEY NOT NULL,
    hash TEXT NOT NULL,
    key_id TEXT NOT NULL,
    signature TEXT NOT NULL,
    sealed_at TIMESTAMP NOT NULL
);

-- Below: what is not history. Rows here come and go and are outside the chain.

CREATE TABLE sessions (
    hash TEXT PRIMARY KEY NOT NULL,
    person_id TEXT NOT NULL REFERENCES people (id),
    created_at TIMESTAMP NOT NULL,
    seen_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX sessions_by_person ON sessions (person_id);

CREATE TABLE setup_links (
    hash TEXT PRIMARY KEY NOT NULL,
    expires_at TIMESTAMP NOT NULL
);

CREATE TABLE drafts (
    hash TEXT PRIMARY KEY NOT NULL,
    person_id TEXT,
    path TEXT NOT NULL,
    sealed TEXT NOT NULL,
    expires_at TIMESTAMP NOT NULL
);

CREATE TABLE idempotency (
    key_hash TEXT PRIMARY KEY NOT NULL,
    request_hash TEXT NOT NULL,
    status INTEGER NOT NULL,
    location TEXT,
    answer TEXT NOT NULL,
    expires_at TIMESTAMP NOT NULL
);

CREATE TABLE jobs (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    run_at TIMESTAMP NOT NULL,
    claimed_until TIMESTAMP,
    attempts INTEGER NOT NULL,
    last_error TEXT
);
CREATE INDEX jobs_by_time ON jobs (run_at);

INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
