DROP TABLE asset_reviews;
DROP TABLE asset_changes;
DROP TABLE asset_reuse_decisions;
DROP TABLE asset_placements;
DROP TABLE assets;
