//! Identifiers: one type per thing, so that an incident's id cannot be handed to what wants a site's.

/// Declares string newtypes that only their owners create, and `every_id!`, which hands all of them to another macro. The
/// first token is the sign with which that macro names its parameter.
macro_rules! ids {
    ($dollar:tt: $($(#[$meta:meta])* $name:ident),+ $(,)?) => {
        /// Gives the names of all identifiers to a macro.
        macro_rules! every_id {
            ($dollar to:ident) => { $dollar to! { $($name),+ } };
        }
        pub(crate) use every_id;
        $(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// An id read from a table, an address or a request; whether it names anything is the store's answer.
            pub fn from_text(text: impl Into<String>) -> Self { Self(text.into()) }
            /// The id as text.
            pub fn as_str(&self) -> &str { &self.0 }
        }

        impl $name {
            /// A new id. Version 7 of RFC 9562: ids sort by the time of their making, which keeps indexes dense.
            pub fn fresh() -> Self { Self(uuid::Uuid::now_v7().simple().to_string()) }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(&self.0) }
        }
        )+
    };
}

ids! { $:
    /// One WordPress installation.
    SiteId,
    /// A person who signs in.
    PersonId,
    /// A role given to a person, on one site or on all.
    GrantId,
    /// An API token, of a person or of an automation.
    TokenId,
    /// A thing that can be paused.
    AutomationId,
    /// A layer that holds automations.
    PauseId,
    /// An incident; people use its reference (`INC-2026-0001`).
    IncidentId,
    /// An entry of an incident's timeline.
    EntryId,
    /// A file or a pasted text that belongs to an incident.
    EvidenceId,
    /// One redacted form of a piece of evidence.
    VersionId,
    /// A person's word that a picture shows no secret, for one audience.
    ReleaseId,
    /// An immutable support bundle.
    BundleId,
    /// A refusal of the second scan.
    AlarmId,
    /// A bundle on its way to somebody.
    EscalationId,
    /// A look that the cadence asks for.
    PointId,
    /// A prevention action.
    ActionId,
    /// A regression check.
    CheckId,
    /// A result of a check.
    ResultId,
    /// A restart criterion.
    CriterionId,
    /// Somebody's part in an incident.
    ParticipationId,
    /// A request to restart.
    RequestId,
    /// A run that an automation reported.
    RunId,
    /// A review of an automation that its cadence asks for.
    AutomationReviewId,
    /// Something about an automation that must be escalated.
    FlagId,
    /// An outside event that was reported.
    ChangeId,
    /// A scope that was opened, with its soak time.
    PhaseId,
    /// A break-glass opening.
    OverrideId,
    /// A switch that was tried.
    DrillId,
    /// A row that was altered outside this program.
    DifferenceId,
    /// An altered row that somebody looked at and settled.
    SettlementId,
    /// A mail to one of our own people.
    NoticeId,
    /// A version of a practice.
    PracticeId,
    /// A subject held against a practice.
    PracticeRunId,
    /// A person's word about one line of a practice.
    AttestationId,
    /// A review that a practice's cadence asks for.
    PracticeReviewId,
    /// An answer to an escalation.
    ReplyId,
    /// An escalation that somebody delivered by hand.
    HandDeliveryId,
    /// An escalation line of a practice whose condition came to hold.
    PracticeEscalationId,
    /// A playbook on one site.
    PlaybookId,
    /// A version of a playbook.
    PlaybookVersionId,
    /// A file that a playbook left in.
    PlaybookExportId,
    /// An answer to one of the eight rows of an imported playbook.
    LocalisationId,
    /// A first run of an imported playbook.
    FirstRunId,
    /// Something that was reported about a playbook or one of its line.
    PlaybookFlagId,
    /// A playbook that is gone through in an incident.
    PlaybookRunId,
    /// A step of that.
    PlaybookStepId,
    /// A version of a procedure.
    ProcedureId,
    /// Somebody's word that they read a procedure.
    AcknowledgementId,
    /// Answers to the situations of a procedure.
    ScenarioCheckId,
    /// Somebody who learns for a role.
    EnrolmentId,
    /// The roll-out of a site.
    RolloutId,
    /// A role given without training.
    WaiverId,
    /// The review of a first week.
    WeekReviewId,
    /// A note of such a review.
    WeekNoteId,
    /// A procedure that has to change.
    ProcedureTaskId,
    /// What shows that a part of a site's set-up works.
    ReadinessProofId,
    /// A set-up as it was written down.
    SetupId,
    /// A download of a site's diagnostics.
    DownloadId,
    /// A generated asset.
    AssetId,
    /// A place where an asset stands.
    PlacementId,
    /// A decision about using an asset again.
    ReuseDecisionId,
    /// A change of offer, packaging, season or brand.
    AssetChangeId,
    /// A review that an asset waits for.
    AssetReviewId,
    /// A version of a rule of the organisation's own.
    OwnRuleId,
    /// A rule that is tried on past evidence before it is saved.
    RulePreviewId,
    /// Past evidence that is read again with newer rules.
    RuleRerunId,
    /// A value that went out in a bundle and must be rotated.
    RotationId,
    /// A signing key of this installation.
    KeyId,
    /// A piece of background work.
    JobId,
}
