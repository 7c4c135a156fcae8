//! Runs that automations report, and what a person's review of one answers.
//!
//! Source: seed "Workflow safety": "Check run history, failures, cost, affected records, and audit events", "The first
//! production runs create audit records that explain what happened and why", "Failures produce enough audit,
//! diagnostics, and notification context for another operator to respond".

use super::moment::Moment;
use super::problem::Reason;
use super::words::words;
use chrono::Duration;

words! {
    /// How a run ended.
    RunOutcome {
        Success = "success",
        Failure = "failure",
        /// It was stopped before its end: its lease was lost, or somebody stopped it.
        Stopped = "stopped",
    }
}

words! {
    /// What a failure must carry, so that another operator can respond.
    ErrorPart {
        Code = "code",
        Step = "step",
        Input = "input",
        NextContact = "next_contact",
    }
}

words! {
    /// The five parts of a run's review.
    ReviewPart {
        History = "history",
        Failures = "failures",
        Cost = "cost",
        AffectedRecords = "affected_records",
        AuditEvents = "audit_events",
    }
}

/// Costs are kept in millionths of the currency unit in which the automation's budget is stated.
pub const COST_UNIT: f64 = 1_000_000.0;
/// The highest cost of one run that can be reported, in currency units.
pub const COST_MAX: f64 = 1_000_000.0;

/// A cost in currency units as it is kept; `None`: not a cost.
pub fn cost_in_millionths(cost: f64) -> Option<i64> {
    // In range, the rounded product is far below 2^53: the conversion is exact.
    (cost.is_finite() && (0.0..=COST_MAX).contains(&cost)).then(|| (cost * COST_UNIT).round() as i64)
}

/// A kept cost in currency units.
pub fn cost_in_units(millionths: i64) -> f64 {
    millionths as f64 / COST_UNIT
}

/// How a run ended, in the words that schedulers use for it.
pub fn outcome_of(word: &str) -> Option<RunOutcome> {
    match word.trim().to_lowercase().as_str() {
        "success" | "succeeded" | "successful" | "ok" | "done" | "completed" => Some(RunOutcome::Success),
        "failure" | "failed" | "fail" | "error" => Some(RunOutcome::Failure),
        "stopped" | "stop" | "cancelled" | "canceled" | "aborted" => Some(RunOutcome::Stopped),
        _ => None,
    }
}

/// Was a run that ended at `ended_at` made while its gate was closed since `closed_since`?
///
/// Whatever ended before the gate closed was not. A run that was stopped because it lost its lease did what it should,
/// as long as it ended within the time of a lease. Where running work may finish, what began before was not either.
pub fn made_while_closed(run: RunSpan, closed: Closed, lease: Duration) -> bool {
    if closed.may_finish && run.began_at.is_some_and(|began| began <= closed.since) {
        return false;
    }
    match run.outcome {
        RunOutcome::Stopped => run.ended_at > closed.since.plus(lease),
        RunOutcome::Success | RunOutcome::Failure => run.ended_at >= closed.since,
    }
}

/// When a run took place, as reported.
#[derive(Clone, Copy, Debug)]
pub struct RunSpan {
    /// How it ended.
    pub outcome: RunOutcome,
    /// When it began, if that was said.
    pub began_at: Option<Moment>,
    /// When it ended.
    pub ended_at: Moment,
}

/// Since when a gate is closed.
#[derive(Clone, Copy, Debug)]
pub struct Closed {
    /// Since when.
    pub since: Moment,
    /// Is it closed by nothing but pauses that let running work finish?
    pub may_finish: bool,
}

/// What a report lacks of what another operator needs: `what` and `why` always, the four parts of a failure.
pub fn missing_of(outcome: RunOutcome, what: &str, why: &str, error: [Option<&str>; 4]) -> Vec<&'static str> {
    let blank = |text: &str| text.trim().is_empty();
    let mut missing = Vec::new();
    missing.extend(blank(what).then_some("what"));
    missing.extend(blank(why).then_some("why"));
    if outcome == RunOutcome::Failure {
        let parts = ["error.code", "error.step", "error.input", "error.next_contact"];
        missing.extend(parts.into_iter().zip(error).filter(|(_, text)| text.is_none_or(blank)).map(|(name, _)| name));
    }
    missing
}

/// What relaxing an approval requirement rests on.
#[derive(Clone, Copy, Debug)]
pub struct RelaxationFacts {
    /// Is it relaxed already?
    pub relaxed: bool,
    /// Successful runs since the last failure that a person reviewed and accepted.
    pub accepted: i64,
    /// How many it takes.
    pub wanted: i64,
    /// Did the owner leave the last failed run without an explanation?
    pub unexplained: bool,
}

/// Everything that keeps an approval requirement as it is; empty: it may be relaxed.
///
/// Source: seed "Workflow safety": "keep approval gates in place until the team has reviewed enough successful runs".
pub fn relaxation_reasons(facts: &RelaxationFacts) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if facts.relaxed {
        reasons.push(Reason::new("relaxed_already", "Its approval requirement is relaxed already.", "nobody"));
    }
    if facts.accepted < facts.wanted {
        let message = format!(
            "{} of {} successful runs since the last failure were reviewed and accepted. Review more of them.",
            facts.accepted, facts.wanted
        );
        reasons.push(Reason::new("runs_not_reviewed", message, "owner, support_lead"));
    }
    if facts.unexplained {
        reasons.push(Reason::new("failure_unexplained", "The owner has not explained the last failed run.", "owner"));
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: i64) -> Moment {
        Moment::from_naive_utc(chrono::NaiveDateTime::default()).plus(Duration::seconds(seconds))
    }

    proptest! {
        #[test]
        fn what_ended_before_the_gate_closed_was_not_made_while_it_was(
            outcome in proptest::sample::select(RunOutcome::ALL),
            ended in 0..200i64,
            closed in 0..200i64,
            began in proptest::option::of(0..200i64),
        ) {
            let run = RunSpan { outcome, began_at: began.map(at), ended_at: at(ended) };
            let made = |may_finish| made_while_closed(run, Closed { since: at(closed), may_finish }, Duration::seconds(60));
            let began_before = began.is_some_and(|began| began <= closed);
            prop_assert_eq!(made(true), made(false) && !began_before);
            let made = made(false);
            prop_assert!(ended >= closed || !made);
            // Past the time of a lease nothing excuses a run.
            prop_assert!(ended <= closed + 60 || made);
            prop_assert_eq!(made, ended >= closed && (outcome != RunOutcome::Stopped || ended > closed + 60));
        }

        #[test]
        fn a_requirement_is_relaxed_only_after_enough_accepted_runs(
            relaxed in any::<bool>(), accepted in 0..30i64, wanted in 1..30i64, unexplained in any::<bool>(),
        ) {
            let reasons = relaxation_reasons(&RelaxationFacts { relaxed, accepted, wanted, unexplained });
            prop_assert_eq!(reasons.is_empty(), !relaxed && accepted >= wanted && !unexplained);
        }
    }

    #[test]
    fn a_failure_must_say_four_things_more() {
        let all = [Some("E12"), Some("send"), Some("order 7"), Some("the host")];
        assert_eq!(missing_of(RunOutcome::Failure, "a", "b", all), [""; 0]);
        assert_eq!(missing_of(RunOutcome::Success, "a", " ", [None; 4]), ["why"]);
        let one = missing_of(RunOutcome::Failure, "", "b", [Some("E12"), Some(" "), Some("x"), None]);
        assert_eq!(one, ["what", "error.step", "error.next_contact"]);
    }

    #[test]
    fn outcomes_are_understood_as_schedulers_say_them() {
        assert_eq!(outcome_of(" Failed "), Some(RunOutcome::Failure));
        assert_eq!(outcome_of("ok"), Some(RunOutcome::Success));
        assert_eq!(outcome_of("fine"), None);
    }

    #[test]
    fn a_cost_is_a_number_of_a_sane_size() {
        assert_eq!(cost_in_millionths(0.02), Some(20_000));
        assert_eq!(cost_in_millionths(0.0), Some(0));
        for bad in [-0.01, f64::NAN, f64::INFINITY, 1e9] {
            assert_eq!(cost_in_millionths(bad), None, "{bad}");
        }
    }
}
