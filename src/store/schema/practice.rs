//! The tables of practices and playbooks as diesel sees them.

diesel::table! {
    practices (id) {
        id -> Text,
        name -> Text,
        version -> Integer,
        definition -> Text,
        shipped -> Bool,
        note -> Nullable<Text>,
        written_by -> Text,
        written_at -> Timestamp,
    }
}

diesel::table! {
    practice_runs (id) {
        id -> Text,
        practice -> Text,
        version -> Integer,
        subject_kind -> Text,
        subject_id -> Text,
        site_id -> Text,
        opened_by -> Text,
        opened_at -> Timestamp,
    }
}

diesel::table! {
    practice_attestations (id) {
        id -> Text,
        run_id -> Text,
        line_id -> Text,
        version -> Integer,
        role -> Text,
        evidence -> Nullable<Text>,
        attested_by -> Text,
        attested_at -> Timestamp,
    }
}

diesel::table! {
    practice_reviews (id) {
        id -> Text,
        run_id -> Text,
        line_id -> Text,
        occasion -> Text,
        opened_at -> Timestamp,
        due_at -> Timestamp,
        note -> Nullable<Text>,
        done_by -> Nullable<Text>,
        done_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    practice_escalations (id) {
        id -> Text,
        run_id -> Text,
        line_id -> Text,
        raised_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        dismissed_by -> Nullable<Text>,
        dismissed_at -> Nullable<Timestamp>,
        dismissed_because -> Nullable<Text>,
    }
}

diesel::table! {
    playbooks (id) {
        id -> Text,
        site_id -> Text,
        owner_id -> Nullable<Text>,
        state -> Text,
        provenance_id -> Text,
        source_site -> Nullable<Text>,
        source_version -> Nullable<Integer>,
        source_owner -> Nullable<Text>,
        exported_at -> Nullable<Text>,
        signed_by -> Nullable<Text>,
        file_sha256 -> Nullable<Text>,
        quarantined_because -> Nullable<Text>,
        version -> Integer,
        created_by -> Text,
        created_at -> Timestamp,
        released_by -> Nullable<Text>,
        released_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    playbook_versions (id) {
        id -> Text,
        playbook_id -> Text,
        version -> Integer,
        content -> Text,
        written_by -> Text,
        written_at -> Timestamp,
    }
}

diesel::table! {
    playbook_exports (id) {
        id -> Text,
        playbook_id -> Text,
        version -> Integer,
        sha256 -> Text,
        body -> Text,
        exported_by -> Text,
        exported_at -> Timestamp,
    }
}

diesel::table! {
    playbook_localisations (id) {
        id -> Text,
        playbook_id -> Text,
        topic -> Text,
        answer -> Text,
        changed_to -> Nullable<Text>,
        answered_by -> Text,
        answered_at -> Timestamp,
    }
}

diesel::table! {
    playbook_first_runs (id) {
        id -> Text,
        playbook_id -> Text,
        version -> Integer,
        place -> Text,
        outcome -> Text,
        what -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        acceptable -> Nullable<Bool>,
        review_note -> Nullable<Text>,
        reviewed_by -> Nullable<Text>,
        reviewed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    playbook_flags (id) {
        id -> Text,
        playbook_id -> Text,
        found_on -> Text,
        finding -> Text,
        raised_by -> Text,
        raised_at -> Timestamp,
        settled_because -> Nullable<Text>,
        settled_by -> Nullable<Text>,
        settled_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    playbook_runs (id) {
        id -> Text,
        incident_id -> Text,
        playbook_id -> Text,
        version -> Integer,
        title -> Text,
        started_by -> Text,
        started_at -> Timestamp,
    }
}

diesel::table! {
    playbook_steps (id) {
        id -> Text,
        run_id -> Text,
        number -> Integer,
        title -> Text,
        instructions -> Text,
        effect -> Text,
        approval -> Text,
        asked_by -> Nullable<Text>,
        asked_at -> Nullable<Timestamp>,
        approved_by -> Nullable<Text>,
        approved_at -> Nullable<Timestamp>,
        evidence -> Nullable<Text>,
        done_by -> Nullable<Text>,
        done_at -> Nullable<Timestamp>,
    }
}
