ALTER TABLE evidence_versions DROP COLUMN rules_revision;
DROP TABLE rotations;
DROP TABLE rule_rerun_progress;
DROP TABLE rule_reruns;
DROP TABLE rule_previews;
DROP TABLE own_rules;
