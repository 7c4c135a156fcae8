-- Incidents that could not be read again: a damaged file of one does not keep the others from being read.
ALTER TABLE rule_rerun_progress ADD COLUMN failed TEXT NOT NULL DEFAULT '[]';
