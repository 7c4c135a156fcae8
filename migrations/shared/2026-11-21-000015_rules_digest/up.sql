-- What rules made a redacted form: those of the product and the organisation's together, as a digest. Unknown for older ones.
ALTER TABLE evidence_versions ADD COLUMN rules_digest TEXT;
