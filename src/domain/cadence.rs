//! When an automation must be looked at, what must be escalated, and which outside events pause it.
//!
//! Source: seed "Workflow safety": "Review cadence: before first run, after failed runs, after provider changes, and
//! during monthly automation review", "Escalate when automation writes production data, repeats failures, sends
//! customer-facing output, or runs without a visible owner", "Pause automation after provider changes, hosting
//! incidents, plugin updates, or repeated failures".

use super::automation::{Environment, Touches};
use super::moment::Moment;
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
    /// Does it change what was tested, so that it asks for a review of what it concerns?
    pub fn asks_for_review(self) -> bool {
        !matches!(self, OutsideChange::HostingIncident | OutsideChange::Other)
    }

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
        PracticeEscalated = "practice_escalated",
        ReplyCame = "reply_came",
        Flagged = "flagged",
    }
}

/// The month of a moment, as a monthly review names it: `2026-11`.
pub fn month(at: Moment) -> String {
    at.utc().format("%Y-%m").to_string()
}

/// The flags that what an automation touches asks for.
pub fn standing_flags(touches: Touches, environment: Environment) -> Vec<FlagKind> {
    let mut flags = Vec::new();
    if touches.writes_data && environment == Environment::Production {
        flags.push(FlagKind::WritesProductionData);
    }
    if touches.contacts_customers {
        flags.push(FlagKind::CustomerFacingOutput);
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_writes_or_reaches_customers_is_escalated() {
        let all = Touches { writes_data: true, contacts_customers: true, spends_money: true };
        let both = [FlagKind::WritesProductionData, FlagKind::CustomerFacingOutput];
        assert_eq!(standing_flags(all, Environment::Production), both);
        assert_eq!(standing_flags(all, Environment::Staging), [FlagKind::CustomerFacingOutput]);
        assert_eq!(standing_flags(Touches::default(), Environment::Production), []);
    }

    #[test]
    fn the_three_events_of_the_seed_pause() {
        let pausing: Vec<_> = OutsideChange::ALL.iter().filter(|change| change.pauses()).collect();
        assert_eq!(pausing.len(), 3);
        assert!(!OutsideChange::HostingIncident.asks_for_review() && OutsideChange::ModelChange.asks_for_review());
    }
}
