-- Switches that are tried, pauses that want a reason, altered rows that a person settles, and how often a gate is asked.

-- What somebody saw when they tried a switch by hand; none: this program pressed it and looked itself.
ALTER TABLE drills ADD COLUMN observed TEXT;

-- Finds the reminders of one pause.
CREATE INDEX notices_by_link ON notices (kind, link);

-- An altered row that an administrator looked at and accepted as it stands.
CREATE TABLE settlements (
    id TEXT PRIMARY KEY NOT NULL,
    subject_table TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    reason TEXT NOT NULL,
    settled_by TEXT NOT NULL REFERENCES people (id),
    settled_at TIMESTAMP NOT NULL
);

-- Asks are counted, not audited.
CREATE TABLE asks (
    automation_id TEXT PRIMARY KEY NOT NULL REFERENCES automations (id),
    times BIGINT NOT NULL,
    last_at TIMESTAMP NOT NULL
);
