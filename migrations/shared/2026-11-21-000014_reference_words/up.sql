-- A reference is a word of its own from now on. Documents are derived: background work makes them all again, the newest
-- incidents first.
DELETE FROM search_documents;
