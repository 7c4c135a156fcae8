DROP TABLE practice_escalations;
