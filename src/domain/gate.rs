//! The gate: may this automation run now?
//!
//! One pure function decides ([`decide`]): facts and a moment in, open or *all* the reasons out. Page, form, API, job
//! and command line go through it; nothing else in this program may say "open".

use super::automation::{self, Environment, Field, RunScope};
use super::ids::PauseId;
use super::moment::Moment;
use super::problem::Reason;
use super::switch::Fates;
use super::words::words;

/// Code of the one reason that says nothing of the automation: the server cannot show that what it knows is up to date.
/// Nothing starts then; a lease that is held stays good until it ends.
pub const STALE: &str = "gate_stale";

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
    /// What becomes of work that was running or waiting.
    pub fates: Fates,
}

/// A break-glass opening that two people have agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// When the second person confirmed it.
    pub from: Moment,
    /// When it ends by itself.
    pub until: Moment,
}

/// All that the decision rests on.
#[derive(Clone, Debug)]
pub struct GateFacts {
    /// Where the run would take place.
    pub environment: Environment,
    /// Where the automation is registered to run; one of staging never runs on production.
    pub registered: Environment,
    /// Definition fields that are not filled.
    pub missing: Vec<Field>,
    /// False when the owner has left or was deactivated.
    pub owner_active: bool,
    /// The widest scope that was earned.
    pub scope: RunScope,
    /// Every pause that covers this automation.
    pub pauses: Vec<HoldingPause>,
    /// The confirmed overrides of this automation that were not ended.
    pub overrides: Vec<Override>,
    /// Rows that the gate rests on and that were altered outside this program, as `table id`.
    pub differences: Vec<String>,
    /// What keeps wider scopes closed for now: overdue reviews, a configuration that drifted.
    pub narrowing: Vec<Narrowing>,
}

/// Something that keeps wider scopes closed while the gate itself may be open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrowing {
    /// From this moment on.
    pub from: Moment,
    /// Why, and who can settle it.
    pub reason: Reason,
}

/// How far an open gate opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The scope of a run that starts now.
    pub scope: RunScope,
    /// Why it is not as wide as what was earned; empty when it is.
    pub narrowed_by: Vec<Reason>,
    /// Set while only an override holds it open: it closes by itself then.
    pub override_until: Option<Moment>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may run.
    Open(Opening),
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
///
/// An override lies above the pauses and above nothing else: an incomplete definition, a vacancy, a wrong environment
/// and altered rows keep the gate closed whatever two people agreed on.
pub fn decide(facts: &GateFacts, now: Moment) -> Verdict {
    let mut reasons = automation::missing_reasons(&facts.missing);
    if !facts.missing.contains(&Field::Owner) && !facts.owner_active {
        reasons.push(Reason::new(
            "owner_vacant",
            "The owner is no longer active. Name a new owner on the automation's page.",
            "administrator",
        ));
    }
    if facts.environment == Environment::Production && facts.registered == Environment::Staging {
        reasons.push(Reason::new(
            "not_for_production",
            "This automation is registered for staging only. Register it for production on its page.",
            "administrator",
        ));
    }
    reasons.extend(facts.differences.iter().map(|row| altered_reason(row)));
    let override_until = live_override(&facts.overrides, now);
    if override_until.is_none() {
        reasons.extend(facts.pauses.iter().map(pause_reason));
    }
    if !reasons.is_empty() {
        return Verdict::Closed(reasons);
    }
    let narrowing = facts.narrowing.iter().filter(|narrowing| narrowing.from <= now);
    let narrowed_by: Vec<Reason> = match facts.scope {
        RunScope::ReadOnly => Vec::new(),
        _ => narrowing.map(|narrowing| narrowing.reason.clone()).collect(),
    };
    Verdict::Open(Opening {
        scope: if narrowed_by.is_empty() { facts.scope } else { RunScope::ReadOnly },
        narrowed_by,
        override_until: override_until.filter(|_| !facts.pauses.is_empty()),
    })
}

/// The first moment after `now` at which the same facts may be decided otherwise; none: never by time alone.
pub fn next_change(facts: &GateFacts, now: Moment) -> Option<Moment> {
    let overrides = facts.overrides.iter().flat_map(|agreed| [agreed.from, agreed.until]);
    overrides.chain(facts.narrowing.iter().map(|narrowing| narrowing.from)).filter(|moment| *moment > now).min()
}

fn live_override(overrides: &[Override], now: Moment) -> Option<Moment> {
    overrides.iter().filter(|agreed| agreed.from <= now && now < agreed.until).map(|agreed| agreed.until).max()
}

fn altered_reason(row: &str) -> Reason {
    Reason::new(
        "altered_outside",
        format!(
            "The row {row} was changed outside Allclear. Restore what was written (from a backup), or look at it on the audit page and settle it: then the gate is answered by the rules again."
        ),
        "administrator",
    )
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

    fn at(minutes: i64) -> Moment {
        Moment::from_naive_utc(chrono::NaiveDateTime::default()).plus(chrono::Duration::minutes(minutes))
    }

    fn pause(incident: bool) -> HoldingPause {
        HoldingPause {
            id: PauseId::fresh(),
            target: PauseTarget::Automation,
            incident: incident.then(|| "INC-2026-0001".to_owned()),
            reason: None,
            since: at(0),
            fates: Fates::default(),
        }
    }

    fn narrowing(from: i64) -> Narrowing {
        let reason = Reason::new("review_overdue", "The monthly review is overdue.", "owner");
        Narrowing { from: at(from), reason }
    }

    prop_compose! {
        fn any_facts()(
            missing in proptest::sample::subsequence(Field::ALL.to_vec(), 0..=2),
            owner_active in proptest::bool::weighted(0.8),
            environment in proptest::sample::select(Environment::ALL),
            registered in proptest::sample::select(Environment::ALL),
            scope in proptest::sample::select(RunScope::ALL),
            pauses in proptest::collection::vec(any::<bool>(), 0..4),
            overrides in proptest::collection::vec((0..20i64, 0..20i64), 0..3),
            altered in 0..2usize,
            narrowed in proptest::collection::vec(0..20i64, 0..3),
        ) -> GateFacts {
            GateFacts {
                environment,
                registered,
                missing,
                owner_active,
                scope,
                pauses: pauses.into_iter().map(pause).collect(),
                overrides: overrides.into_iter().map(|(from, span)| Override { from: at(from), until: at(from + span) }).collect(),
                differences: vec!["automations 1".to_owned(); altered],
                narrowing: narrowed.into_iter().map(narrowing).collect(),
            }
        }
    }

    fn overridden(facts: &GateFacts, now: Moment) -> bool {
        facts.overrides.iter().any(|agreed| agreed.from <= now && now < agreed.until)
    }

    proptest! {
        #[test]
        fn open_implies_every_rule_holds_and_closed_names_every_reason(facts in any_facts(), minute in 0..40i64) {
            let now = at(minute);
            let misplaced = facts.environment == Environment::Production && facts.registered == Environment::Staging;
            let vacancy = usize::from(!facts.owner_active && !facts.missing.contains(&Field::Owner));
            let held = if overridden(&facts, now) { 0 } else { facts.pauses.len() };
            let against = facts.missing.len() + vacancy + usize::from(misplaced) + facts.differences.len() + held;
            match decide(&facts, now) {
                Verdict::Open(opening) => {
                    prop_assert_eq!(against, 0);
                    prop_assert!(opening.scope <= facts.scope);
                    let narrow = facts.narrowing.iter().any(|narrowing| narrowing.from <= now);
                    prop_assert_eq!(opening.scope < facts.scope, narrow && facts.scope > RunScope::ReadOnly);
                    prop_assert_eq!(opening.override_until.is_some(), !facts.pauses.is_empty());
                }
                Verdict::Closed(reasons) => {
                    prop_assert!(against > 0);
                    prop_assert_eq!(reasons.len(), against);
                }
            }
        }

        #[test]
        fn adding_a_pause_never_opens_and_releasing_it_restores(facts in any_facts(), minute in 0..40i64) {
            let now = at(minute);
            let before = decide(&facts, now);
            let mut paused = facts.clone();
            paused.pauses.push(pause(true));
            let while_paused = decide(&paused, now);
            prop_assert!(before.is_open() || !while_paused.is_open());
            prop_assert_eq!(while_paused.is_open(), before.is_open() && overridden(&facts, now));
            paused.pauses.pop();
            prop_assert_eq!(decide(&paused, now), before);
        }

        #[test]
        fn between_two_named_moments_time_alone_changes_nothing(facts in any_facts(), minute in 0..40i64, later in 0..40i64) {
            let (now, then) = (at(minute), at(minute + later));
            if next_change(&facts, now).is_none_or(|change| then < change) {
                prop_assert_eq!(decide(&facts, now), decide(&facts, then));
            }
        }

        #[test]
        fn an_override_ends_by_itself(facts in any_facts()) {
            // Past its last moment no override is left: the pauses hold again.
            let verdict = decide(&facts, at(60));
            prop_assert!(!verdict.is_open() || facts.pauses.is_empty());
        }
    }
}
