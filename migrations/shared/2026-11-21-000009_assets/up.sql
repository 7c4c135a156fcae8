-- Generated assets: their record, where they stand, what was decided about them.

CREATE TABLE assets (
    id TEXT PRIMARY KEY NOT NULL,
    site_id TEXT NOT NULL REFERENCES sites (id),
    name TEXT NOT NULL,
    asset_set TEXT,
    alt_text TEXT,
    source_note TEXT,
    rights_note TEXT,
    licence TEXT,
    owner_id TEXT REFERENCES people (id),
    placement TEXT,
    campaign TEXT,
    campaign_ends_on TEXT,
    expires_on TEXT,
    review_on TEXT,
    state TEXT NOT NULL,
    file TEXT,
    thumbnail TEXT,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    original_sha256 TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    version INTEGER NOT NULL,
    -- Counts changes of the record: what was approved or decided was one edition of it.
    edition INTEGER NOT NULL,
    prepared_by TEXT NOT NULL,
    added_by TEXT NOT NULL,
    added_at TIMESTAMP NOT NULL,
    decided_by TEXT,
    decided_at TIMESTAMP,
    decided_because TEXT,
    removed_at TIMESTAMP
);
CREATE INDEX assets_by_site ON assets (site_id, id);
CREATE INDEX assets_by_state ON assets (state, id);
CREATE INDEX assets_by_campaign ON assets (campaign, id);

CREATE TABLE asset_placements (
    id TEXT PRIMARY KEY NOT NULL,
    asset_id TEXT NOT NULL REFERENCES assets (id),
    place TEXT NOT NULL,
    noted_by TEXT NOT NULL REFERENCES people (id),
    noted_at TIMESTAMP NOT NULL,
    cleaned_link TEXT,
    cleaned_by TEXT REFERENCES people (id),
    cleaned_at TIMESTAMP
);
CREATE INDEX asset_placements_by_asset ON asset_placements (asset_id, id);
CREATE INDEX asset_placements_open ON asset_placements (cleaned_at, id);

-- The newest decision about an asset counts.
CREATE TABLE asset_reuse_decisions (
    id TEXT PRIMARY KEY NOT NULL,
    asset_id TEXT NOT NULL REFERENCES assets (id),
    edition INTEGER NOT NULL,
    product_accuracy BOOLEAN NOT NULL,
    campaign BOOLEAN NOT NULL,
    brand_fit BOOLEAN NOT NULL,
    licence BOOLEAN NOT NULL,
    current_claims BOOLEAN NOT NULL,
    note TEXT NOT NULL,
    decided_by TEXT NOT NULL REFERENCES people (id),
    decided_at TIMESTAMP NOT NULL
);
CREATE INDEX asset_reuse_decisions_by_asset ON asset_reuse_decisions (asset_id, id);

CREATE TABLE asset_changes (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    site_id TEXT NOT NULL REFERENCES sites (id),
    campaign TEXT,
    asset_set TEXT,
    note TEXT NOT NULL,
    reported_by TEXT NOT NULL,
    reported_at TIMESTAMP NOT NULL
);
CREATE INDEX asset_changes_by_site ON asset_changes (site_id, id);

CREATE TABLE asset_reviews (
    id TEXT PRIMARY KEY NOT NULL,
    asset_id TEXT NOT NULL REFERENCES assets (id),
    change_id TEXT REFERENCES asset_changes (id),
    cause TEXT NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    outcome TEXT,
    note TEXT,
    reviewed_by TEXT REFERENCES people (id),
    reviewed_at TIMESTAMP
);
CREATE INDEX asset_reviews_by_asset ON asset_reviews (asset_id, id);
