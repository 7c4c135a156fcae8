//! The tables from the bundle to the restart, as diesel sees them.

diesel::table! {
    replies (id) {
        id -> Text,
        escalation_id -> Text,
        entry_id -> Text,
        message_key -> Text,
        sender -> Text,
        automatic -> Bool,
        files -> Integer,
        received_at -> Timestamp,
        read_by -> Nullable<Text>,
        read_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    hand_deliveries (id) {
        id -> Text,
        escalation_id -> Text,
        entry_id -> Text,
        way -> Text,
        with_bundle -> Bool,
        told_at -> Timestamp,
        recorded_by -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    escalations (id) {
        id -> Text,
        incident_id -> Text,
        bundle_id -> Text,
        destination -> Text,
        recipient -> Text,
        message -> Text,
        routing -> Text,
        override_reason -> Nullable<Text>,
        counts -> Text,
        message_id -> Text,
        sent_by -> Text,
        queued_at -> Timestamp,
        state -> Text,
        attempts -> Integer,
        attempting_since -> Nullable<Timestamp>,
        server_words -> Nullable<Text>,
        settled_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    reviews (id) {
        id -> Text,
        root_cause -> Nullable<Text>,
        detection_gaps -> Nullable<Text>,
        missing_evidence -> Nullable<Text>,
        safeguards_worked -> Nullable<Text>,
        safeguards_failed -> Nullable<Text>,
        change_kind -> Nullable<Text>,
        change_link -> Nullable<Text>,
        change_before -> Nullable<Text>,
        change_after -> Nullable<Text>,
        written_by -> Text,
        written_at -> Timestamp,
        version -> Integer,
    }
}

diesel::table! {
    review_points (id) {
        id -> Text,
        incident_id -> Text,
        point -> Text,
        since -> Timestamp,
        done_by -> Nullable<Text>,
        done_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    actions (id) {
        id -> Text,
        incident_id -> Text,
        kind -> Text,
        title -> Text,
        owner_id -> Text,
        former_owners -> Text,
        due_on -> Text,
        created_by -> Text,
        created_at -> Timestamp,
        proof -> Nullable<Text>,
        completed_by -> Nullable<Text>,
        completed_at -> Nullable<Timestamp>,
        verified_by -> Nullable<Text>,
        verified_at -> Nullable<Timestamp>,
        version -> Integer,
    }
}

diesel::table! {
    checks (id) {
        id -> Text,
        incident_id -> Text,
        title -> Text,
        expected -> Text,
        created_by -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    check_results (id) {
        id -> Text,
        check_id -> Text,
        outcome -> Text,
        evidence -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
        configuration -> Nullable<Text>,
        voided_at -> Nullable<Timestamp>,
        voided_because -> Nullable<Text>,
    }
}

diesel::table! {
    criteria (id) {
        id -> Text,
        incident_id -> Text,
        statement -> Text,
        created_by -> Text,
        created_at -> Timestamp,
        evidence -> Nullable<Text>,
        shown_by -> Nullable<Text>,
        shown_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    participations (id) {
        id -> Text,
        incident_id -> Text,
        person_id -> Text,
        part -> Text,
        since -> Timestamp,
    }
}

diesel::table! {
    restart_requests (id) {
        id -> Text,
        incident_id -> Text,
        scope -> Text,
        note -> Text,
        pauses -> Text,
        fingerprint -> Text,
        requested_by -> Text,
        requested_at -> Timestamp,
        state -> Text,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<Timestamp>,
        reason -> Nullable<Text>,
        voided_at -> Nullable<Timestamp>,
        voided_because -> Nullable<Text>,
        configuration -> Nullable<Text>,
    }
}
