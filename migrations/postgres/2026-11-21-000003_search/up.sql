-- Full-text search. One document for each incident: its distinct words, derived from redacted rows, outside the audit
-- chain. `number` is made of the reference, so that the newest incident comes first. `marks` says where the incident
-- happened, who filed it and how it stands; only SQLite's index needs it.

CREATE TABLE search_documents (
    number INTEGER PRIMARY KEY NOT NULL,
    incident_id TEXT NOT NULL UNIQUE REFERENCES incidents (id),
    body TEXT NOT NULL,
    marks TEXT NOT NULL
);

-- The body is cut into words already, in lower case, with a space between, so that both databases see the same words.
CREATE INDEX search_index ON search_documents USING gin (to_tsvector('simple', body));
