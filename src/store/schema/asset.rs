//! The tables of generated assets as diesel sees them.

diesel::table! {
    assets (id) {
        id -> Text,
        site_id -> Text,
        name -> Text,
        asset_set -> Nullable<Text>,
        alt_text -> Nullable<Text>,
        source_note -> Nullable<Text>,
        rights_note -> Nullable<Text>,
        licence -> Nullable<Text>,
        owner_id -> Nullable<Text>,
        placement -> Nullable<Text>,
        campaign -> Nullable<Text>,
        campaign_ends_on -> Nullable<Text>,
        expires_on -> Nullable<Text>,
        review_on -> Nullable<Text>,
        state -> Text,
        file -> Nullable<Text>,
        thumbnail -> Nullable<Text>,
        size -> BigInt,
        sha256 -> Text,
        original_sha256 -> Text,
        width -> Integer,
        height -> Integer,
        version -> Integer,
        edition -> Integer,
        prepared_by -> Text,
        added_by -> Text,
        added_at -> Timestamp,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<Timestamp>,
        decided_because -> Nullable<Text>,
        removed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    asset_placements (id) {
        id -> Text,
        asset_id -> Text,
        place -> Text,
        noted_by -> Text,
        noted_at -> Timestamp,
        cleaned_link -> Nullable<Text>,
        cleaned_by -> Nullable<Text>,
        cleaned_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    asset_reuse_decisions (id) {
        id -> Text,
        asset_id -> Text,
        edition -> Integer,
        product_accuracy -> Bool,
        campaign -> Bool,
        brand_fit -> Bool,
        licence -> Bool,
        current_claims -> Bool,
        note -> Text,
        decided_by -> Text,
        decided_at -> Timestamp,
    }
}

diesel::table! {
    asset_changes (id) {
        id -> Text,
        kind -> Text,
        site_id -> Text,
        campaign -> Nullable<Text>,
        asset_set -> Nullable<Text>,
        note -> Text,
        reported_by -> Text,
        reported_at -> Timestamp,
    }
}

diesel::table! {
    asset_reviews (id) {
        id -> Text,
        asset_id -> Text,
        change_id -> Nullable<Text>,
        cause -> Text,
        opened_at -> Timestamp,
        outcome -> Nullable<Text>,
        note -> Nullable<Text>,
        reviewed_by -> Nullable<Text>,
        reviewed_at -> Nullable<Timestamp>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(assets, asset_placements);
