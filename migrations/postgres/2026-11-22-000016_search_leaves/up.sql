-- Nothing to change here: the leaves of this index are pages of PostgreSQL.
SELECT 1;
