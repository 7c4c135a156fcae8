//! The tables as diesel sees them; `migrations/` makes them, a test compares the two.

mod asset;
mod gate;
mod operators;
mod practice;
mod rules;
mod story;

pub use asset::*;
pub use gate::*;
pub use operators::*;
pub use practice::*;
pub use rules::*;
pub use story::*;

diesel::table! {
    people (id) {
        id -> Text,
        email -> Text,
        name -> Text,
        password_hash -> Nullable<Text>,
        active -> Bool,
        created_at -> Timestamp,
    }
}

diesel::table! {
    sites (id) {
        id -> Text,
        slug -> Text,
        name -> Text,
        production_url -> Text,
        staging_url -> Nullable<Text>,
        time_zone -> Text,
        versions -> Text,
        setup_owner -> Nullable<Text>,
        hosting_contact -> Nullable<Text>,
        provider_contact -> Nullable<Text>,
        version -> Integer,
        created_at -> Timestamp,
    }
}

diesel::table! {
    grants (id) {
        id -> Text,
        person_id -> Text,
        role -> Text,
        site_id -> Nullable<Text>,
        granted_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    automations (id) {
        id -> Text,
        slug -> Text,
        name -> Text,
        kind -> Text,
        category -> Text,
        site_id -> Text,
        owner_id -> Nullable<Text>,
        run_trigger -> Nullable<Text>,
        input_scope -> Nullable<Text>,
        expected_output -> Nullable<Text>,
        approval_gate -> Nullable<Text>,
        retry_limit -> Nullable<Integer>,
        notification_path -> Nullable<Text>,
        pause_rule -> Nullable<Text>,
        rollback_path -> Nullable<Text>,
        scope -> Text,
        version -> Integer,
        created_at -> Timestamp,
        environment -> Text,
        writes_data -> Bool,
        contacts_customers -> Bool,
        spends_money -> Bool,
        provider -> Nullable<Text>,
        model -> Nullable<Text>,
        prompt_version -> Nullable<Text>,
        failure_limit -> Nullable<Integer>,
        failure_minutes -> Nullable<Integer>,
        daily_budget -> Nullable<BigInt>,
        approval_relaxed -> Bool,
    }
}

diesel::table! {
    tokens (id) {
        id -> Text,
        name -> Text,
        hash -> Text,
        person_id -> Nullable<Text>,
        automation_id -> Nullable<Text>,
        scopes -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    incidents (id) {
        id -> Text,
        reference -> Text,
        title -> Text,
        status -> Text,
        severity -> Text,
        impact -> Text,
        site_id -> Text,
        lead_id -> Nullable<Text>,
        reported_by -> Text,
        occurred_at -> Timestamp,
        occurred_zone -> Text,
        detected_at -> Nullable<Timestamp>,
        reported_at -> Timestamp,
        mitigated_at -> Nullable<Timestamp>,
        closed_at -> Nullable<Timestamp>,
        facts -> Text,
        no_evidence_reason -> Nullable<Text>,
        secret_key -> Text,
        known_values -> Nullable<Text>,
        known_generation -> Integer,
        version -> Integer,
    }
}

diesel::table! {
    incident_counters (year) {
        year -> Integer,
        last_number -> Integer,
    }
}

diesel::table! {
    pauses (id) {
        id -> Text,
        target_kind -> Text,
        target -> Text,
        site_id -> Nullable<Text>,
        incident_id -> Nullable<Text>,
        reason -> Nullable<Text>,
        set_by -> Text,
        set_at -> Timestamp,
        released_by -> Nullable<Text>,
        released_at -> Nullable<Timestamp>,
        release_reason -> Nullable<Text>,
        fates -> Nullable<Text>,
        drill_id -> Nullable<Text>,
    }
}

diesel::table! {
    timeline (id) {
        id -> Text,
        incident_id -> Text,
        kind -> Text,
        body -> Text,
        happened_at -> Timestamp,
        written_at -> Timestamp,
        author -> Text,
        author_name -> Text,
        evidence_id -> Nullable<Text>,
        superseded_by -> Nullable<Text>,
    }
}

diesel::table! {
    evidence (id) {
        id -> Text,
        incident_id -> Text,
        name -> Text,
        media -> Text,
        note -> Nullable<Text>,
        sealed_file -> Nullable<Text>,
        sealed_key -> Nullable<Text>,
        sealed_size -> BigInt,
        sealed_until -> Timestamp,
        shredded_at -> Nullable<Timestamp>,
        current_version -> Integer,
        added_by -> Text,
        added_at -> Timestamp,
    }
}

diesel::table! {
    evidence_versions (id) {
        id -> Text,
        evidence_id -> Text,
        number -> Integer,
        file -> Text,
        size -> BigInt,
        sha256 -> Text,
        counts -> Text,
        known_generation -> Integer,
        made_at -> Timestamp,
        rules_revision -> Nullable<Integer>,
        rules_digest -> Nullable<Text>,
    }
}

diesel::table! {
    picture_releases (id) {
        id -> Text,
        evidence_id -> Text,
        audience -> Text,
        person_id -> Text,
        sha256 -> Text,
        released_at -> Timestamp,
        used_by -> Nullable<Text>,
    }
}

diesel::table! {
    alarms (id) {
        id -> Text,
        incident_id -> Text,
        fingerprint -> Text,
        rule -> Text,
        level -> Text,
        place -> Text,
        reason -> Nullable<Text>,
        asked_by -> Nullable<Text>,
        asked_at -> Nullable<Timestamp>,
        confirmed_by -> Nullable<Text>,
        confirmed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    bundles (id) {
        id -> Text,
        incident_id -> Text,
        audience -> Text,
        file -> Text,
        sha256 -> Text,
        size -> BigInt,
        counts -> Text,
        withheld -> Integer,
        key_id -> Text,
        built_by -> Text,
        built_at -> Timestamp,
    }
}

diesel::table! {
    keys (id) {
        id -> Text,
        purpose -> Text,
        public_key -> Nullable<Text>,
        wrapped -> Text,
        made_at -> Timestamp,
        retired_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    audit (seq) {
        seq -> BigInt,
        at -> Timestamp,
        actor -> Text,
        act -> Text,
        subject_table -> Text,
        subject_id -> Text,
        digest -> Text,
        previous -> Text,
        hash -> Text,
    }
}

diesel::table! {
    audit_head (id) {
        id -> Integer,
        seq -> BigInt,
        hash -> Text,
    }
}

diesel::table! {
    audit_seals (seq) {
        seq -> BigInt,
        hash -> Text,
        key_id -> Text,
        signature -> Text,
        sealed_at -> Timestamp,
    }
}

diesel::table! {
    sessions (hash) {
        hash -> Text,
        person_id -> Text,
        created_at -> Timestamp,
        seen_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    setup_links (hash) {
        hash -> Text,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    drafts (hash) {
        hash -> Text,
        person_id -> Nullable<Text>,
        path -> Text,
        sealed -> Text,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    idempotency (key_hash) {
        key_hash -> Text,
        request_hash -> Text,
        status -> Integer,
        location -> Nullable<Text>,
        answer -> Text,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    jobs (id) {
        id -> Text,
        kind -> Text,
        subject -> Text,
        run_at -> Timestamp,
        claimed_until -> Nullable<Timestamp>,
        attempts -> Integer,
        last_error -> Nullable<Text>,
    }
}

diesel::table! {
    search_documents (number) {
        number -> Integer,
        incident_id -> Text,
        body -> Text,
        marks -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    people,
    sites,
    grants,
    automations,
    tokens,
    incidents,
    incident_counters,
    pauses,
    timeline,
    evidence,
    evidence_versions,
    picture_releases,
    alarms,
    bundles,
    keys,
    audit,
    audit_head,
    audit_seals,
    sessions,
    setup_links,
    drafts,
    idempotency,
    jobs,
    escalations,
    reviews,
    review_points,
    actions,
    checks,
    check_results,
    criteria,
    participations,
    restart_requests,
    runs,
    run_reviews,
    automation_reviews,
    flags,
    changes,
    phases,
    overrides,
    drills,
    certificates,
    differences,
    settlements,
    asks,
    notices,
    search_documents,
    practices,
    practice_runs,
    practice_attestations,
    practice_reviews,
    practice_escalations,
    hand_deliveries,
    replies,
    playbooks,
    playbook_versions,
    playbook_exports,
    playbook_localisations,
    playbook_first_runs,
    playbook_flags,
    playbook_runs,
    playbook_steps,
    procedures,
    acknowledgements,
    scenario_checks,
    enrolments,
    rollouts,
    waivers,
    week_reviews,
    week_notes,
    procedure_tasks,
    readiness_proofs,
    setups,
    diagnostics_downloads,
);
