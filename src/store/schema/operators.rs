//! The tables of operators as diesel sees them: procedures, training, first weeks, set-ups.

diesel::table! {
    procedures (id) {
        id -> Text,
        slug -> Text,
        version -> Integer,
        role -> Text,
        topic -> Text,
        content -> Text,
        note -> Nullable<Text>,
        written_by -> Text,
        written_at -> Timestamp,
    }
}

diesel::table! {
    acknowledgements (id) {
        id -> Text,
        procedure_id -> Text,
        person_id -> Text,
        acknowledged_at -> Timestamp,
    }
}

diesel::table! {
    scenario_checks (id) {
        id -> Text,
        procedure_id -> Text,
        person_id -> Text,
        answers -> Text,
        all_fit -> Bool,
        answered_at -> Timestamp,
        passed -> Nullable<Bool>,
        note -> Nullable<Text>,
        judged_by -> Nullable<Text>,
        judged_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    enrolments (id) {
        id -> Text,
        person_id -> Text,
        role -> Text,
        site_id -> Nullable<Text>,
        opened_by -> Text,
        opened_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    rollouts (id) {
        id -> Text,
        site_id -> Text,
        started_by -> Text,
        started_at -> Timestamp,
    }
}

diesel::table! {
    waivers (id) {
        id -> Text,
        grant_id -> Text,
        person_id -> Text,
        role -> Text,
        site_id -> Nullable<Text>,
        lacked -> Text,
        granted_by -> Text,
        granted_at -> Timestamp,
        note -> Nullable<Text>,
        acknowledged_by -> Nullable<Text>,
        acknowledged_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    week_reviews (id) {
        id -> Text,
        person_id -> Text,
        role -> Text,
        site_id -> Nullable<Text>,
        opened_at -> Timestamp,
        week_ends_at -> Timestamp,
        note -> Nullable<Text>,
        closed_by -> Nullable<Text>,
        closed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    week_notes (id) {
        id -> Text,
        review_id -> Text,
        source -> Text,
        what -> Text,
        finding -> Nullable<Text>,
        noted_by -> Text,
        noted_at -> Timestamp,
    }
}

diesel::table! {
    procedure_tasks (id) {
        id -> Text,
        review_id -> Text,
        role -> Text,
        site_id -> Nullable<Text>,
        finding -> Text,
        opened_at -> Timestamp,
        procedure_id -> Nullable<Text>,
        done_by -> Nullable<Text>,
        done_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    readiness_proofs (id) {
        id -> Text,
        site_id -> Text,
        item -> Text,
        reference -> Text,
        evidence -> Text,
        shown_by -> Text,
        shown_at -> Timestamp,
    }
}

diesel::table! {
    setups (id) {
        id -> Text,
        site_id -> Text,
        record -> Text,
        steps -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        repeated -> Nullable<Text>,
        signed_by -> Nullable<Text>,
        signed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    diagnostics_downloads (id) {
        id -> Text,
        site_id -> Text,
        person_id -> Text,
        sha256 -> Text,
        fetched_at -> Timestamp,
    }
}
