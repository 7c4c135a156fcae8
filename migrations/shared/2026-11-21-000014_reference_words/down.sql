-- Nothing to undo: an earlier version takes the documents as they are.
SELECT 1;
