//! The tables of the organisation's own rules of redaction as diesel sees them.

use super::incidents;

diesel::table! {
    own_rules (id) {
        id -> Text,
        name -> Text,
        version -> Integer,
        revision -> Integer,
        definition -> Text,
        active -> Bool,
        reason -> Text,
        written_by -> Text,
        written_at -> Timestamp,
    }
}

diesel::table! {
    rule_previews (id) {
        id -> Text,
        definition -> Text,
        asked_by -> Text,
        asked_at -> Timestamp,
        expires_at -> Timestamp,
        last_seen -> Text,
        done -> Integer,
        total -> Integer,
        found -> Text,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    rule_reruns (id) {
        id -> Text,
        revision -> Integer,
        reason -> Text,
        asked_by -> Text,
        asked_at -> Timestamp,
        incidents -> Integer,
        changed -> Integer,
        flagged -> Integer,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    rule_rerun_progress (rerun_id) {
        rerun_id -> Text,
        last_seen -> Text,
        done -> Integer,
        changed -> Integer,
        flagged -> Integer,
        failed -> Text,
    }
}

diesel::table! {
    rotations (id) {
        id -> Text,
        incident_id -> Text,
        bundle_id -> Text,
        rule -> Text,
        place -> Text,
        fingerprint -> Text,
        found_at -> Timestamp,
        note -> Nullable<Text>,
        rotated_by -> Nullable<Text>,
        rotated_at -> Nullable<Timestamp>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(rotations, incidents);
