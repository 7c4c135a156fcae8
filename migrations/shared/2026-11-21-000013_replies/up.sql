-- An answer that came by mail to an escalation. Its words are an entry of the timeline.
CREATE TABLE replies (
    id TEXT PRIMARY KEY NOT NULL,
    escalation_id TEXT NOT NULL REFERENCES escalations (id),
    entry_id TEXT NOT NULL REFERENCES timeline (id),
    message_key TEXT NOT NULL,
    sender TEXT NOT NULL,
    automatic BOOLEAN NOT NULL,
    files INTEGER NOT NULL,
    received_at TIMESTAMP NOT NULL,
    read_by TEXT REFERENCES people (id),
    read_at TIMESTAMP,
    UNIQUE (escalation_id, message_key)
);
CREATE INDEX replies_unread ON replies (read_at, id);
CREATE INDEX escalations_by_message_id ON escalations (message_id);
