//! Phases: how an automation gets from read only to its normal scope, one soak time at a time.
//!
//! Source: seed "Workflow safety": "Start with read-only runs or staging examples until the team has reviewed successful
//! traces and audit records"; seed "Post-incident review and prevention": restart with preventive actions confirmed
//! "before returning workflows, agents, or customer-facing panels to normal scope".

use super::automation::RunScope;
use super::moment::Moment;
use super::problem::Reason;

/// What widening the scope by one step rests on.
#[derive(Clone, Debug)]
pub struct PhaseFacts {
    /// The scope now.
    pub scope: RunScope,
    /// How far the last decision allows it to go; an automation that was never paused may go to `normal`.
    pub ceiling: RunScope,
    /// When the soak time of the present phase ends; none: no phase was opened yet, its time counts from registration.
    pub soak_until: Moment,
    /// Is it paused, or its gate closed for another reason?
    pub gate_open: bool,
    /// Successful runs of this phase (staging, or production in the present scope) that a person reviewed and accepted.
    pub accepted_runs: i64,
    /// How many of those the next scope asks for.
    pub accepted_runs_wanted: i64,
    /// Runs of this phase that nobody has reviewed yet.
    pub unreviewed_runs: i64,
    /// Failed runs that the owner has not explained.
    pub unexplained_failures: i64,
    /// Labels of reviews that are overdue.
    pub overdue_reviews: Vec<String>,
    /// Labels of flags that nobody has dismissed.
    pub open_flags: Vec<String>,
}

/// The scope after this one.
pub fn next(scope: RunScope) -> Option<RunScope> {
    match scope {
        RunScope::ReadOnly => Some(RunScope::Narrow),
        RunScope::Narrow => Some(RunScope::Normal),
        RunScope::Normal => None,
    }
}

/// Everything that keeps the scope from being widened by one step; empty: it may be.
pub fn widening_reasons(facts: &PhaseFacts, now: Moment) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut add = |code: &str, message: String, who: &str| reasons.push(Reason::new(code, message, who));
    match next(facts.scope) {
        None => add("widest", "It has its normal scope already.".into(), "nobody"),
        Some(wider) if wider > facts.ceiling => {
            let message = format!("The last restart decision allows {} at most.", facts.ceiling.label());
            add("ceiling", message, "administrator");
        }
        Some(_) => {}
    }
    if !facts.gate_open {
        add("gate_closed", "Its gate is closed. Settle that first.".into(), "administrator");
    }
    if now < facts.soak_until {
        let until = facts.soak_until.utc().format("%Y-%m-%d %H:%M UTC");
        let reason = Reason::new("soaking", format!("This phase soaks until {until}."), "nobody");
        reasons.push(reason.by(facts.soak_until.rfc3339()));
    }
    let mut add = |code: &str, message: String, who: &str| reasons.push(Reason::new(code, message, who));
    if facts.accepted_runs < facts.accepted_runs_wanted {
        let message = format!(
            "{} of {} successful runs in this phase were reviewed and accepted.",
            facts.accepted_runs, facts.accepted_runs_wanted
        );
        add("runs_not_reviewed", message, "owner, support_lead");
    }
    if facts.unreviewed_runs > 0 {
        let message = format!("{} runs of this phase wait for a review.", facts.unreviewed_runs);
        add("runs_waiting", message, "owner, support_lead");
    }
    if facts.unexplained_failures > 0 {
        add("failure_unexplained", "The owner has not explained the last failed run.".into(), "owner");
    }
    for review in &facts.overdue_reviews {
        add("review_overdue", format!("The review {review} is overdue."), "owner");
    }
    for flag in &facts.open_flags {
        add("flag_open", format!("“{flag}” was raised and nobody has dismissed it with a reason."), "support_lead");
    }
    reasons
}
