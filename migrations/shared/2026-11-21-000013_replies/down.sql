DROP INDEX escalations_by_message_id;
DROP TABLE replies;
