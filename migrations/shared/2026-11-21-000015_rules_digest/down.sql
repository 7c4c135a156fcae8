ALTER TABLE evidence_versions DROP COLUMN rules_digest;
