//! The tables of the gate as diesel sees them: runs, reviews, phases, switches, overrides.

diesel::table! {
    runs (id) {
        id -> Text,
        automation_id -> Text,
        client_key -> Nullable<Text>,
        environment -> Text,
        outcome -> Text,
        scope -> Text,
        what -> Text,
        why -> Text,
        cost -> Nullable<BigInt>,
        affected_records -> Nullable<Text>,
        audit_reference -> Nullable<Text>,
        error_code -> Nullable<Text>,
        error_step -> Nullable<Text>,
        error_input -> Nullable<Text>,
        next_contact -> Nullable<Text>,
        incomplete -> Bool,
        gate_closed -> Bool,
        ended_at -> Timestamp,
        reported_by -> Text,
        reported_at -> Timestamp,
        incident_id -> Nullable<Text>,
        explanation -> Nullable<Text>,
        explained_by -> Nullable<Text>,
        explained_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    run_reviews (id) {
        id -> Text,
        acceptable -> Bool,
        history -> Text,
        failures -> Text,
        cost -> Text,
        affected_records -> Text,
        audit_events -> Text,
        reviewed_by -> Text,
        reviewed_at -> Timestamp,
    }
}

diesel::table! {
    automation_reviews (id) {
        id -> Text,
        automation_id -> Text,
        occasion -> Text,
        subject -> Nullable<Text>,
        opened_at -> Timestamp,
        due_at -> Timestamp,
        note -> Nullable<Text>,
        done_by -> Nullable<Text>,
        done_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    flags (id) {
        id -> Text,
        automation_id -> Text,
        kind -> Text,
        subject -> Nullable<Text>,
        raised_at -> Timestamp,
        dismissed_by -> Nullable<Text>,
        dismissed_at -> Nullable<Timestamp>,
        dismissed_because -> Nullable<Text>,
    }
}

diesel::table! {
    changes (id) {
        id -> Text,
        kind -> Text,
        site_id -> Text,
        note -> Text,
        reported_by -> Text,
        reported_at -> Timestamp,
        incident_id -> Nullable<Text>,
        paused -> Text,
    }
}

diesel::table! {
    phases (id) {
        id -> Text,
        automation_id -> Text,
        request_id -> Nullable<Text>,
        incident_id -> Nullable<Text>,
        scope -> Text,
        ceiling -> Text,
        configuration -> Text,
        evidence -> Nullable<Text>,
        opened_by -> Text,
        opened_at -> Timestamp,
        soak_until -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        ended_because -> Nullable<Text>,
    }
}

diesel::table! {
    overrides (id) {
        id -> Text,
        automation_id -> Text,
        reason -> Text,
        asked_by -> Text,
        asked_at -> Timestamp,
        expires_at -> Timestamp,
        confirmed_by -> Nullable<Text>,
        confirmed_at -> Nullable<Timestamp>,
        incident_id -> Nullable<Text>,
        action_id -> Nullable<Text>,
        ended_by -> Nullable<Text>,
        ended_at -> Nullable<Timestamp>,
        reviewed_by -> Nullable<Text>,
        reviewed_at -> Nullable<Timestamp>,
        review_note -> Nullable<Text>,
    }
}

diesel::table! {
    drills (id) {
        id -> Text,
        target_kind -> Text,
        target -> Text,
        site_id -> Nullable<Text>,
        held_by -> Text,
        held_at -> Timestamp,
        covered -> Integer,
        closed -> Integer,
        took_ms -> Integer,
        observed -> Nullable<Text>,
    }
}

diesel::table! {
    certificates (id) {
        id -> Text,
        statement -> Text,
        key_id -> Text,
        signature -> Text,
        issued_at -> Timestamp,
    }
}

diesel::table! {
    differences (id) {
        id -> Text,
        subject_table -> Text,
        subject_id -> Text,
        automation_id -> Nullable<Text>,
        found_at -> Timestamp,
        settled_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    notices (id) {
        id -> Text,
        person_id -> Text,
        kind -> Text,
        subject -> Text,
        body -> Text,
        link -> Text,
        queued_at -> Timestamp,
        state -> Text,
        attempts -> Integer,
        server_words -> Nullable<Text>,
        settled_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    settlements (id) {
        id -> Text,
        subject_table -> Text,
        subject_id -> Text,
        digest -> Text,
        reason -> Text,
        settled_by -> Text,
        settled_at -> Timestamp,
    }
}

diesel::table! {
    asks (automation_id) {
        automation_id -> Text,
        times -> BigInt,
        last_at -> Timestamp,
    }
}
