INSERT INTO search_index (search_index, rank) VALUES ('pgsz', 4050);
INSERT INTO search_index (search_index) VALUES ('rebuild');
