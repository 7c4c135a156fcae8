//! Runs that automations report, and what a person's review of one answers.
//!
//! Source: seed "Workflow safety": "Check run history, failures, cost, affected records, and audit events", "The first
//! production runs create audit records that explain what happened and why", "Failures produce enough audit,
//! diagnostics, and notification context for another operator to respond".

use super::words::words;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_is_a_number_of_a_sane_size() {
        assert_eq!(cost_in_millionths(0.02), Some(20_000));
        assert_eq!(cost_in_millionths(0.0), Some(0));
        for bad in [-0.01, f64::NAN, f64::INFINITY, 1e9] {
            assert_eq!(cost_in_millionths(bad), None, "{bad}");
        }
    }
}
