//! The facts that a practice can name. Each is computed by one function of `actions/practice_facts.rs`; a name that is not
//! in this list stops the start.

use crate::domain::words::words;

words! {
    /// What is held against a practice. Operators join when they have a register.
    SubjectKind {
        Automation = "automation",
        Incident = "incident",
        Playbook = "playbook",
        Asset = "asset",
        Site = "site",
    }
}

words! {
    /// A fact about a subject; the first word says of which kind.
    PracticeFact {
        /// A named owner who is active.
        AutomationOwner = "automation_owner",
        /// All nine fields of the definition.
        AutomationDefinition = "automation_definition",
        /// The same, as something that was settled before it could be enabled.
        AutomationDefined = "automation_defined",
        /// Its scope is read only, or was widened by a phase.
        AutomationStartedNarrow = "automation_started_narrow",
        /// A run on staging or read only was reviewed and found acceptable.
        AutomationTriedSafely = "automation_tried_safely",
        /// A run was reviewed and found acceptable.
        AutomationRunsReviewed = "automation_runs_reviewed",
        /// Every run said what happened and why, and there is one.
        AutomationRunsSayWhy = "automation_runs_say_why",
        /// A switch over it was tried, and stopped all that it covers.
        AutomationSwitchDrilled = "automation_switch_drilled",
        /// Nothing holds it.
        AutomationNotHeld = "automation_not_held",
        /// Its last failure was explained.
        AutomationFailuresExplained = "automation_failures_explained",
        /// No failure lacks code, step, input or next contact.
        AutomationFailuresComplete = "automation_failures_complete",
        /// It writes production data.
        AutomationWritesData = "automation_writes_data",
        /// It contacts customers.
        AutomationContactsCustomers = "automation_contacts_customers",
        /// An open flag says that it repeats failures.
        AutomationRepeatsFailures = "automation_repeats_failures",
        /// Somebody leads it.
        IncidentLead = "incident_lead",
        /// Every mandatory fact of the report.
        IncidentFacts = "incident_facts",
        /// Nothing of it is stored but in redacted form.
        IncidentRedacted = "incident_redacted",
        /// The five parts of the review.
        IncidentReview = "incident_review",
        /// Each prevention action has an active owner, and there is one.
        IncidentActionsOwned = "incident_actions_owned",
        /// A check passed, and none has another last result.
        IncidentChecked = "incident_checked",
        /// The documented change.
        IncidentDocumentedChange = "incident_documented_change",
        /// Nothing is missing of review, actions, checks and criteria.
        IncidentWorkDone = "incident_work_done",
        /// It was decided where it goes.
        IncidentRouted = "incident_routed",
        /// It is closed.
        IncidentClosed = "incident_closed",
        /// A named owner on this site who is active.
        PlaybookOwner = "playbook_owner",
        /// No finding in any of its texts.
        PlaybookClean = "playbook_clean",
        /// Source site, date, version, owner and required changes are known.
        PlaybookProvenance = "playbook_provenance",
        /// Each of the eight rows is answered.
        PlaybookLocalised = "playbook_localised",
        /// Every step that writes or reaches customers asks for an approval.
        PlaybookWritesApproved = "playbook_writes_approved",
        /// A first run was reviewed by a second person and found acceptable.
        PlaybookFirstRunReviewed = "playbook_first_run_reviewed",
        /// Every first run that failed was reviewed.
        PlaybookFailuresTold = "playbook_failures_told",
        /// No open flag.
        PlaybookUnflagged = "playbook_unflagged",
        /// A named owner on its site who is active.
        AssetOwner = "asset_owner",
        /// Nothing is missing of its record.
        AssetRecord = "asset_record",
        /// A sentence that says what it shows.
        AssetAltText = "asset_alt_text",
        /// Rights note and licence.
        AssetRights = "asset_rights",
        /// An expiry or a review date.
        AssetEnd = "asset_end",
        /// A second person decided about it as it is.
        AssetDecided = "asset_decided",
        /// Every review that a change or a date asked for was made.
        AssetChangesReviewed = "asset_changes_reviewed",
        /// The five questions were answered with yes, for its record as it is.
        AssetReuseDecided = "asset_reuse_decided",
        /// The last answers to the five questions, if any, were all yes.
        AssetReuseSafe = "asset_reuse_safe",
        /// Nobody has to clean it from anywhere.
        AssetPlacesClean = "asset_places_clean",
        /// Every image automation of its site has a whole definition.
        AssetMakersDefined = "asset_makers_defined",
        /// Every image automation of its site began read only, or earned more by reviewed runs.
        AssetMakersTried = "asset_makers_tried",
        /// Set-up owner.
        SiteSetupOwner = "site_setup_owner",
        /// Set-up owner, both addresses, three versions, theme.
        SiteRecord = "site_record",
        /// Hosting and provider contacts are written down.
        SiteSupportPath = "site_support_path",
        /// A switch over the site was tried, and stopped all that it covers.
        SiteSwitchDrilled = "site_switch_drilled",
        /// Somebody but administrators holds a role on it.
        SiteHasOperators = "site_has_operators",
        /// Each of the six topics has a procedure.
        SiteSixProcedures = "site_six_procedures",
        /// Each role that an active person holds on it has a procedure.
        SiteRolesHaveProcedures = "site_roles_have_procedures",
        /// Everybody who holds a role on it acknowledged its procedures and passed their situations.
        SitePeopleTrained = "site_people_trained",
        /// A first week was reviewed, and none waits for its review.
        SiteFirstWeeksReviewed = "site_first_weeks_reviewed",
        /// Every shortfall that came again was answered by a change of a procedure.
        SiteFindingsAnswered = "site_findings_answered",
        /// A shortfall came again and no procedure has changed.
        SiteFindingsRepeat = "site_findings_repeat",
        /// Outbound HTTPS, a restored backup, a mail round trip and the support route were shown.
        SiteReady = "site_ready",
        /// A second administrator repeated the set-up from the record as it is now.
        SiteSetupRepeated = "site_setup_repeated",
        /// Everybody who can pause held a drill and fetched the diagnostics.
        SiteOperatorsDrilled = "site_operators_drilled",
    }
}

impl PracticeFact {
    /// What it is a fact about.
    pub fn subject(self) -> SubjectKind {
        let word = self.as_str();
        SubjectKind::ALL
            .iter()
            .copied()
            .find(|kind| word.starts_with(kind.as_str()))
            // Every word above begins with one; a test says so.
            .unwrap_or(SubjectKind::Site)
    }

    /// Is it a field of a form that somebody fills?
    pub fn is_field(self) -> bool {
        matches!(
            self,
            PracticeFact::AutomationOwner
                | PracticeFact::AutomationDefinition
                | PracticeFact::IncidentLead
                | PracticeFact::IncidentFacts
                | PracticeFact::IncidentReview
                | PracticeFact::PlaybookOwner
                | PracticeFact::PlaybookProvenance
                | PracticeFact::AssetOwner
                | PracticeFact::AssetRecord
                | PracticeFact::AssetAltText
                | PracticeFact::AssetRights
                | PracticeFact::AssetEnd
                | PracticeFact::SiteSetupOwner
                | PracticeFact::SiteRecord
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_says_what_it_is_about() {
        for fact in PracticeFact::ALL {
            assert!(SubjectKind::ALL.iter().any(|kind| fact.as_str().starts_with(&format!("{kind}_"))), "{fact}");
        }
    }
}
