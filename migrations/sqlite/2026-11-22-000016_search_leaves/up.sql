-- Smaller leaves, in bytes. A search for a common and a rare word leaps from one place of the rare word to the next, and
-- reads half a leaf of the common one after each leap: with 100,000 incidents that was about a third of the search.
INSERT INTO search_index (search_index, rank) VALUES ('pgsz', 512);
INSERT INTO search_index (search_index) VALUES ('rebuild');
