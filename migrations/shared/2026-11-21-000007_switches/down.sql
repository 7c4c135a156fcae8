DROP TABLE asks;
DROP TABLE settlements;
DROP INDEX notices_by_link;
ALTER TABLE drills DROP COLUMN observed;
