-- Somebody told them by telephone, in a portal, by hand. What was said is an entry of the timeline.
CREATE TABLE hand_deliveries (
    id TEXT PRIMARY KEY NOT NULL,
    escalation_id TEXT NOT NULL REFERENCES escalations (id),
    entry_id TEXT NOT NULL REFERENCES timeline (id),
    way TEXT NOT NULL,
    with_bundle BOOLEAN NOT NULL,
    told_at TIMESTAMP NOT NULL,
    recorded_by TEXT NOT NULL REFERENCES people (id),
    recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX hand_deliveries_of_escalation ON hand_deliveries (escalation_id, id);
