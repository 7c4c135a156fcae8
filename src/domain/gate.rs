//! The gate: may this automation run now?
//!
//! One pure function decides ([`decide`]): facts and a moment in, open or *all* the reasons out. Page, form, API, job
//! and command line go through it; nothing else in this program may say "open".

use super::automation::{self, Environment, Field, RunScope};
use super::ids::PauseId;
use super::moment::Moment;
use super::problem::Reason;
use super::words::words;

words! {
    /// What a pause covers.
    PauseTarget {
        Automation = "automation",
        Category = "category",
        Site = "site",
        Everything = "all",
    }
}

/// A pause that holds.
#[derive(Clone, Debug)]
pub struct HoldingPause {
    /// The pause.
    pub id: PauseId,
    /// What it covers.
    pub target: PauseTarget,
    /// Reference of the incident that holds it, if one does.
    pub incident: Option<String>,
    /// What the person who pressed said.
    pub reason: Option<String>,
    /// Since when.
    pub since: Moment,
}

/// All that the decision rests on.
#[derive(Clone, Debug)]
pub struct GateFacts {
    /// Where the run would take place.
    pub environment: Environment,
    /// Definition fields that are not filled.
    pub missing: Vec<Field>,
    /// False when the owner has left or was deactivated.
    pub owner_active: bool,
    /// The widest scope that was earned.
    pub scope: RunScope,
    /// Every pause that covers this automation.
    pub pauses: Vec<HoldingPause>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may run, within this scope.
    Open(RunScope),
    /// It may not, for all of these reasons (never empty).
    Closed(Vec<Reason>),
}

impl Verdict {
    /// True only for [`Verdict::Open`].
    pub fn is_open(&self) -> bool {
        matches!(self, Verdict::Open(_))
    }
}

/// Decides the gate.
pub fn decide(facts: &GateFacts) -> Verdict {
    let mut reasons = automation::missing_reasons(&facts.missing);
    if !facts.missing.contains(&Field::Owner) && !facts.owner_active {
        reasons.push(Reason::new(
            "owner_vacant",
            "The owner is no longer active. Name a new owner on the automation's page.",
            "administrator",
        ));
    }
    reasons.extend(facts.pauses.iter().map(pause_reason));
    if reasons.is_empty() { Verdict::Open(facts.scope) } else { Verdict::Closed(reasons) }
}

fn pause_reason(pause: &HoldingPause) -> Reason {
    let what = match pause.target {
        PauseTarget::Automation => "This automation",
        PauseTarget::Category => "Its category",
        PauseTarget::Site => "Its site",
        PauseTarget::Everything => "Everything",
    };
    // What belongs to no single site is released by whoever holds the role on every site.
    let who = match pause.target {
        PauseTarget::Automation | PauseTarget::Site => "owner, administrator, or who paused it",
        PauseTarget::Category | PauseTarget::Everything => "owner or administrator of every site, or who paused it",
    };
    let since = pause.since.utc().format("%Y-%m-%d %H:%M UTC");
    match (&pause.incident, &pause.reason) {
        (Some(reference), _) => Reason::new(
            "paused_by_incident",
            format!("{what} is paused by {reference} since {since}. It comes back by a restart decision only."),
            "administrator",
        ),
        (None, Some(reason)) => Reason::new("paused", format!("{what} is paused since {since}: {reason}"), who),
        (None, None) => Reason::new("paused", format!("{what} is paused since {since}; no reason was given yet."), who),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pause(incident: bool) -> HoldingPause {
        HoldingPause {
            id: PauseId::fresh(),
            target: PauseTarget::Automation,
            incident: incident.then(|| "INC-2026-0001".to_owned()),
            reason: None,
            since: Moment::from_naive_utc(chrono::NaiveDateTime::default()),
        }
    }

    proptest! {
        #[test]
        fn open_implies_every_rule_holds_and_closed_names_every_reason(
            missing in proptest::sample::subsequence(Field::ALL.to_vec(), 0..=Field::ALL.len()),
            owner_active: bool,
            pauses in proptest::collection::vec(any::<bool>(), 0..5),
        ) {
            let facts = GateFacts {
                environment: Environment::Production,
                missing: missing.clone(),
                owner_active,
                scope: RunScope::ReadOnly,
                pauses: pauses.iter().map(|by_incident| pause(*by_incident)).collect(),
            };
            let vacancy = usize::from(!owner_active && !missing.contains(&Field::Owner));
            match decide(&facts) {
                Verdict::Open(scope) => {
                    prop_assert_eq!(scope, RunScope::ReadOnly);
                    prop_assert!(missing.is_empty() && owner_active && pauses.is_empty());
                }
                Verdict::Closed(reasons) => {
                    prop_assert_eq!(reasons.len(), missing.len() + vacancy + pauses.len());
                }
            }
        }

        #[test]
        fn adding_a_pause_never_opens(open_before: bool, by_incident: bool) {
            let mut facts = GateFacts {
                environment: Environment::Staging,
                missing: if open_before { vec![] } else { vec![Field::Owner] },
                owner_active: true,
                scope: RunScope::ReadOnly,
                pauses: vec![],
            };
            prop_assert_eq!(decide(&facts).is_open(), open_before);
            facts.pauses.push(pause(by_incident));
            prop_assert!(!decide(&facts).is_open());
        }
    }
}
