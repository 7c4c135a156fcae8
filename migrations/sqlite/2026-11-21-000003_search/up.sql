-- Full-text search. One document for each incident: its distinct words, derived from redacted rows, outside the audit
-- chain. `number` is made of the reference, so that the newest incident comes first. `marks` says where the incident
-- happened, who filed it and how it stands, so that the index itself can narrow a search.

CREATE TABLE search_documents (
    number INTEGER PRIMARY KEY NOT NULL,
    incident_id TEXT NOT NULL UNIQUE REFERENCES incidents (id),
    body TEXT NOT NULL,
    marks TEXT NOT NULL
);

-- The body is cut into words already, in lower case, with a space between: every other character is part of a word
-- here, so that both databases see the same words. No ranking is asked for, hence no positions and no sizes. Beginnings
-- of up to five letters are kept; longer ones are few words, and found in the list of all words.
CREATE VIRTUAL TABLE search_index USING fts5 (
    body,
    marks,
    content = 'search_documents',
    content_rowid = 'number',
    columnsize = 0,
    detail = 'none',
    prefix = '2 3 4 5',
    tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M* S* P* C*'"
);
CREATE VIRTUAL TABLE search_terms USING fts5vocab (search_index, instance);
-- What is deleted leaves the index at once: it may be what a later redaction removed.
INSERT INTO search_index (search_index, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER search_documents_after_insert AFTER INSERT ON search_documents BEGIN
    INSERT INTO search_index (rowid, body, marks) VALUES (new.number, new.body, new.marks);
END;
CREATE TRIGGER search_documents_after_delete AFTER DELETE ON search_documents BEGIN
    INSERT INTO search_index (search_index, rowid, body, marks) VALUES ('delete', old.number, old.body, old.marks);
END;
CREATE TRIGGER search_documents_after_update AFTER UPDATE ON search_documents BEGIN
    INSERT INTO search_index (search_index, rowid, body, marks) VALUES ('delete', old.number, old.body, old.marks);
    INSERT INTO search_index (rowid, body, marks) VALUES (new.number, new.body, new.marks);
END;
