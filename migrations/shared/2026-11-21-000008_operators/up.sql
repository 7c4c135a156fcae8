-- Operators: procedures that are read and passed before a role is given, what the first week shows, and how a site was set up.

-- A version of a procedure; versions are never changed.
CREATE TABLE procedures (
    id TEXT PRIMARY KEY NOT NULL,
    slug TEXT NOT NULL,
    version INTEGER NOT NULL,
    role TEXT NOT NULL,
    topic TEXT NOT NULL,
    content TEXT NOT NULL,
    note TEXT,
    written_by TEXT NOT NULL,
    written_at TIMESTAMP NOT NULL,
    UNIQUE (slug, version)
);

CREATE TABLE acknowledgements (
    id TEXT PRIMARY KEY NOT NULL,
    procedure_id TEXT NOT NULL REFERENCES procedures (id),
    person_id TEXT NOT NULL REFERENCES people (id),
    acknowledged_at TIMESTAMP NOT NULL,
    UNIQUE (procedure_id, person_id)
);
CREATE INDEX acknowledgements_by_person ON acknowledgements (person_id, id);

-- An answer to the five situations of a procedure, and what another person says of it.
CREATE TABLE scenario_checks (
    id TEXT PRIMARY KEY NOT NULL,
    procedure_id TEXT NOT NULL REFERENCES procedures (id),
    person_id TEXT NOT NULL REFERENCES people (id),
    answers TEXT NOT NULL,
    all_fit BOOLEAN NOT NULL,
    answered_at TIMESTAMP NOT NULL,
    passed BOOLEAN,
    note TEXT,
    judged_by TEXT REFERENCES people (id),
    judged_at TIMESTAMP
);
CREATE INDEX scenario_checks_by_person ON scenario_checks (person_id, id);
CREATE INDEX scenario_checks_open ON scenario_checks (judged_at, all_fit);

-- Somebody learns for a role before it is given to them.
CREATE TABLE enrolments (
    id TEXT PRIMARY KEY NOT NULL,
    person_id TEXT NOT NULL REFERENCES people (id),
    role TEXT NOT NULL,
    site_id TEXT REFERENCES sites (id),
    opened_by TEXT NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP
);
CREATE INDEX enrolments_by_person ON enrolments (person_id, ended_at);

CREATE TABLE rollouts (
    id TEXT PRIMARY KEY NOT NULL,
    site_id TEXT UNIQUE NOT NULL REFERENCES sites (id),
    started_by TEXT NOT NULL,
    started_at TIMESTAMP NOT NULL
);

-- A role that the installer gave without training.
CREATE TABLE waivers (
    id TEXT PRIMARY KEY NOT NULL,
    grant_id TEXT NOT NULL REFERENCES grants (id),
    person_id TEXT NOT NULL REFERENCES people (id),
    role TEXT NOT NULL,
    site_id TEXT REFERENCES sites (id),
    lacked TEXT NOT NULL,
    granted_by TEXT NOT NULL,
    granted_at TIMESTAMP NOT NULL,
    note TEXT,
    acknowledged_by TEXT REFERENCES people (id),
    acknowledged_at TIMESTAMP
);
CREATE INDEX waivers_open ON waivers (acknowledged_at, id);

CREATE TABLE week_reviews (
    id TEXT PRIMARY KEY NOT NULL,
    person_id TEXT NOT NULL REFERENCES people (id),
    role TEXT NOT NULL,
    site_id TEXT REFERENCES sites (id),
    opened_at TIMESTAMP NOT NULL,
    week_ends_at TIMESTAMP NOT NULL,
    note TEXT,
    closed_by TEXT REFERENCES people (id),
    closed_at TIMESTAMP
);
CREATE INDEX week_reviews_by_person ON week_reviews (person_id, id);
CREATE INDEX week_reviews_open ON week_reviews (closed_at, week_ends_at);

-- What the reviewer read of one source, and what it showed.
CREATE TABLE week_notes (
    id TEXT PRIMARY KEY NOT NULL,
    review_id TEXT NOT NULL REFERENCES week_reviews (id),
    source TEXT NOT NULL,
    what TEXT NOT NULL,
    finding TEXT,
    noted_by TEXT NOT NULL REFERENCES people (id),
    noted_at TIMESTAMP NOT NULL
);
CREATE INDEX week_notes_by_review ON week_notes (review_id, id);

-- A finding that came again: a procedure of the role has to change.
CREATE TABLE procedure_tasks (
    id TEXT PRIMARY KEY NOT NULL,
    review_id TEXT NOT NULL REFERENCES week_reviews (id),
    role TEXT NOT NULL,
    site_id TEXT REFERENCES sites (id),
    finding TEXT NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    procedure_id TEXT REFERENCES procedures (id),
    done_by TEXT REFERENCES people (id),
    done_at TIMESTAMP
);
CREATE INDEX procedure_tasks_by_review ON procedure_tasks (review_id, id);
CREATE INDEX procedure_tasks_open ON procedure_tasks (done_at, role);

-- What shows that a part of a site's set-up works; the newest of an item counts.
CREATE TABLE readiness_proofs (
    id TEXT PRIMARY KEY NOT NULL,
    site_id TEXT NOT NULL REFERENCES sites (id),
    item TEXT NOT NULL,
    reference TEXT NOT NULL,
    evidence TEXT NOT NULL,
    shown_by TEXT NOT NULL REFERENCES people (id),
    shown_at TIMESTAMP NOT NULL
);
CREATE INDEX readiness_proofs_by_site ON readiness_proofs (site_id, id);

-- The set-up record as one administrator wrote it down and another repeated it.
CREATE TABLE setups (
    id TEXT PRIMARY KEY NOT NULL,
    site_id TEXT NOT NULL REFERENCES sites (id),
    record TEXT NOT NULL,
    steps TEXT NOT NULL,
    recorded_by TEXT NOT NULL REFERENCES people (id),
    recorded_at TIMESTAMP NOT NULL,
    repeated TEXT,
    signed_by TEXT REFERENCES people (id),
    signed_at TIMESTAMP
);
CREATE INDEX setups_by_site ON setups (site_id, id);

CREATE TABLE diagnostics_downloads (
    id TEXT PRIMARY KEY NOT NULL,
    site_id TEXT NOT NULL REFERENCES sites (id),
    person_id TEXT NOT NULL REFERENCES people (id),
    sha256 TEXT NOT NULL,
    fetched_at TIMESTAMP NOT NULL
);
CREATE INDEX diagnostics_downloads_by_person ON diagnostics_downloads (person_id, site_id);
