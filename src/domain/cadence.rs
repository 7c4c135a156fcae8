//! When an automation must be looked at, what must be escalated, and which outside events pause it.
//!
//! Source: seed "Workflow safety": "Review cadence: before first run, after failed runs, after provider changes, and
//! during monthly automation review", "Escalate when automation writes production data, repeats failures, sends
//! customer-facing output, or runs without a visible owner", "Pause automation after provider changes, hosting
//! incidents, plugin updates, or repeated failures".

use super::words::words;

words! {
    /// What asks for a review of an automation.
    Occasion {
        BeforeFirstRun = "before_first_run",
        AfterFailedRun = "after_failed_run",
        AfterProviderChange = "after_provider_change",
        Monthly = "monthly",
    }
}

words! {
    /// What the seed says must be escalated.
    FlagKind {
        WritesProductionData = "writes_production_data",
        RepeatsFailures = "repeats_failures",
        CustomerFacingOutput = "customer_facing_output",
        NoVisibleOwner = "no_visible_owner",
    }
}

words! {
    /// An event outside the automation that may change what it does.
    OutsideChange {
        ProviderChange = "provider_change",
        HostingIncident = "hosting_incident",
        PluginUpdate = "plugin_update",
        ModelChange = "model_change",
        PromptChange = "prompt_change",
        KnowledgeBaseChange = "knowledge_base_change",
        Other = "other",
    }
}

impl OutsideChange {
    /// Does it pause what it concerns? The three events that the seed names do; the rest is on record, and asks for a
    /// review where it changes what was tested.
    pub fn pauses(self) -> bool {
        matches!(self, OutsideChange::ProviderChange | OutsideChange::HostingIncident | OutsideChange::PluginUpdate)
    }
}

words! {
    /// Why a mail goes to one of our own people.
    NoticeKind {
        Paused = "paused",
        Vacancy = "vacancy",
        ReasonWanted = "reason_wanted",
        ReviewDue = "review_due",
        OverrideUsed = "override_used",
        Altered = "altered",
    }
}
