ALTER TABLE rule_rerun_progress DROP COLUMN failed;
