-- The organisation's own rules of redaction, their preview, past evidence read again, and what must be rotated.

-- A version of a rule or an exception; versions are never changed. The revision is that of the whole set.
CREATE TABLE own_rules (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    revision INTEGER NOT NULL UNIQUE,
    definition TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    reason TEXT NOT NULL,
    written_by TEXT NOT NULL,
    written_at TIMESTAMP NOT NULL,
    UNIQUE (name, version)
);

-- A rule that is tried on past evidence before it is saved. Not part of the audit chain: it is forgotten after a day.
CREATE TABLE rule_previews (
    id TEXT PRIMARY KEY NOT NULL,
    definition TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    last_seen TEXT NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    found TEXT NOT NULL,
    finished_at TIMESTAMP
);
CREATE INDEX rule_previews_by_end ON rule_previews (expires_at);

-- Past evidence is read again with the rules of this revision.
CREATE TABLE rule_reruns (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL,
    reason TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at TIMESTAMP NOT NULL,
    incidents INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    flagged INTEGER NOT NULL,
    finished_at TIMESTAMP
);

-- How far that is. Not part of the audit chain: the row above is, when it begins and when it ends.
CREATE TABLE rule_rerun_progress (
    rerun_id TEXT PRIMARY KEY NOT NULL REFERENCES rule_reruns (id),
    last_seen TEXT NOT NULL,
    done INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    flagged INTEGER NOT NULL
);

-- A value that stands in a bundle and was found to be one only later. Never the value.
CREATE TABLE rotations (
    id TEXT PRIMARY KEY NOT NULL,
    incident_id TEXT NOT NULL REFERENCES incidents (id),
    bundle_id TEXT NOT NULL REFERENCES bundles (id),
    rule TEXT NOT NULL,
    place TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    found_at TIMESTAMP NOT NULL,
    note TEXT,
    rotated_by TEXT REFERENCES people (id),
    rotated_at TIMESTAMP,
    UNIQUE (bundle_id, fingerprint)
);
CREATE INDEX rotations_by_incident ON rotations (incident_id, id);
CREATE INDEX rotations_open ON rotations (rotated_at, id);

-- The rules that a redacted form was made with; unknown for those of before.
ALTER TABLE evidence_versions ADD COLUMN rules_revision INTEGER;
