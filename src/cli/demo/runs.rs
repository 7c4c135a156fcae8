//! Some runs: reviewed, waiting for a review, failed and explained, failed and not explained; and the reviews that are
//! due by now.

use super::people::{self, LEAD, OWNER};
use crate::actions::report_run::{self, RunReport};
use crate::actions::review_run::{self, RunReview};
use crate::actions::{Desk, Failure, automation_reviews};
use crate::domain::automation::Environment;
use crate::domain::person::Actor;
use crate::domain::run::{ReviewPart, RunOutcome};

const PRICE_TOOL: &str = "price-tool";
const REFUNDS: &str = "refund-playbook";
const PANEL: &str = "customer-panel";

pub(super) fn add(desk: &Desk) -> Result<(), Failure> {
    let robot = Actor::System("demo");
    let (lead, owner) = (people::actor(desk, LEAD)?, people::actor(desk, OWNER)?);
    let first = report_run::run(desk, &robot, PRICE_TOOL, success("Looked up 40 prices for one answer", 0))?;
    report_run::run(desk, &robot, PRICE_TOOL, success("Looked up 12 prices for one answer", 0))?;
    report_run::run(desk, &robot, PANEL, success("Answered where an order is", 12_000))?;
    let all = ReviewPart::ALL.iter().map(|part| (*part, said(*part).to_owned())).collect();
    review_run::run(desk, &lead, &first.id, &RunReview { acceptable: Some(true), parts: all })?;
    let error = ["gateway_timeout", "ask the payment gateway", "order 2291", "the payment company's support"];
    let failed =
        failure("Prepared a refund and could not look up the payment", error.map(|text| Some(text.to_owned())));
    let failed = report_run::run(desk, &robot, REFUNDS, failed)?;
    let told =
        "The payment gateway was down for eleven minutes. Nothing was refunded; support pressed the button again.";
    review_run::explain(desk, &owner, &failed.id, told)?;
    // It does not say whom to ask next: that stays red until its owner explains it.
    let error = [Some("empty_answer".to_owned()), Some("compose the answer".to_owned()), None, None];
    report_run::run(desk, &robot, PANEL, failure("Showed an empty answer", error))?;
    automation_reviews::round(desk).map(drop)
}

fn success(what: &str, cost: i64) -> RunReport {
    RunReport {
        run_id: None,
        environment: Some(Environment::Staging),
        outcome: RunOutcome::Success,
        what: what.to_owned(),
        why: "A person asked on the copy of the site".to_owned(),
        cost: Some(cost),
        affected_records: Some("none: it reads only".to_owned()),
        audit_reference: Some("SophMate > Activity, today".to_owned()),
        error: Default::default(),
        began_at: None,
        ended_at: None,
        oddities: Vec::new(),
    }
}

fn failure(what: &str, error: [Option<String>; 4]) -> RunReport {
    RunReport { outcome: RunOutcome::Failure, error, ..success(what, 0) }
}

fn said(part: ReviewPart) -> &'static str {
    match part {
        ReviewPart::History => "The two runs before it did the same in the same time.",
        ReviewPart::Failures => "No run of it failed so far, in staging or elsewhere.",
        ReviewPart::Cost => "It costs nothing: the price list is our own.",
        ReviewPart::AffectedRecords => "It only reads; the products were compared before and after.",
        ReviewPart::AuditEvents => "One entry for each look-up, as expected.",
    }
}
