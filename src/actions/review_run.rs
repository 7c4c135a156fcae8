//! A person reviews a run in the seed's five parts, and the owner explains one that failed.

use super::intake::Texts;
use super::pause::registry_redactor;
use super::{Answer, Desk, Failure, automation_reviews, sight};
use crate::domain::ids::RunId;
use crate::domain::incident::{TEXT_MAX, check_length, clean_text};
use crate::domain::person::{Act, Actor};
use crate::domain::problem::{FieldError, Reason};
use crate::domain::review::is_filler;
use crate::domain::run::{ReviewPart, RunOutcome};
use crate::domain::statement::only_statement;
use crate::store::automations::AutomationRow;
use crate::store::runs::{self, RunReviewRow, RunRow};
use crate::store::{Connection, Verb};
use serde::Serialize;
use std::collections::BTreeMap;

/// A review of a run as typed.
#[derive(Clone, Debug)]
pub struct RunReview {
    /// Is the run accepted?
    pub acceptable: Option<bool>,
    /// What each part shows.
    pub parts: BTreeMap<ReviewPart, String>,
}

/// A run that was reviewed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RunReviewed {
    /// The run.
    pub id: String,
    /// Was it accepted?
    pub acceptable: bool,
    /// When.
    pub reviewed_at: String,
}

impl Answer for RunReviewed {}

/// A run that was explained.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RunExplained {
    /// The run.
    pub id: String,
    /// When.
    pub explained_at: String,
}

impl Answer for RunExplained {}

/// A run with its automation, for somebody who may do `act` there.
pub fn find(
    connection: &mut Connection,
    actor: &Actor,
    id: &RunId,
    act: Act,
) -> Result<(RunRow, AutomationRow), Failure> {
    let row = runs::find(connection, id)?;
    let automation = sight::automation_row(connection, actor, &row.automation_id, act)?;
    Ok((row, automation))
}

/// Reviews a run: history, failures, cost, affected records, audit events. Never changed afterwards.
pub fn run(desk: &Desk, actor: &Actor, id: &str, review: &RunReview) -> Result<RunReviewed, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let id = RunId::from_text(id);
    desk.read(|connection| find(connection, actor, &id, Act::ReviewRun))?;
    let cleaned: BTreeMap<ReviewPart, String> =
        review.parts.iter().map(|(part, text)| (*part, clean_text(text))).collect();
    let said = |part: ReviewPart| cleaned.get(&part).map(String::as_str).unwrap_or_default();
    let errors = problems(review.acceptable, said);
    let (Some(acceptable), true) = (review.acceptable, errors.is_empty()) else {
        return Err(Failure::Invalid(errors));
    };
    let texts = Texts::over(registry_redactor(desk)?, cleaned.values().map(String::as_str));
    let row = RunReviewRow {
        id: id.clone(),
        acceptable,
        history: texts.redact(said(ReviewPart::History)),
        failures: texts.redact(said(ReviewPart::Failures)),
        cost: texts.redact(said(ReviewPart::Cost)),
        affected_records: texts.redact(said(ReviewPart::AffectedRecords)),
        audit_events: texts.redact(said(ReviewPart::AuditEvents)),
        reviewed_by: person.clone(),
        reviewed_at: desk.now(),
    };
    let actor_copy = actor.clone();
    desk.answer(actor, move |tx| {
        let (run, automation) = find(tx.connection(), &actor_copy, &id, Act::ReviewRun)?;
        let reasons = refusals(&run, runs::review(tx.connection(), &id)?.is_some());
        if !reasons.is_empty() {
            return Err(Failure::Refused(reasons));
        }
        tx.insert(Verb::Reviewed, &row)?;
        automation_reviews::done_with_run(tx, &automation.id, id.as_str(), &person)?;
        Ok(RunReviewed { id: id.to_string(), acceptable, reviewed_at: row.reviewed_at.rfc3339() })
    })
}

fn problems<'t>(acceptable: Option<bool>, said: impl Fn(ReviewPart) -> &'t str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if acceptable.is_none() {
        errors.push(FieldError::new("acceptable", "Say whether you accept the run."));
    }
    for part in ReviewPart::ALL {
        if is_filler(said(*part)) {
            let message = format!("Say in a sentence what the {} show. Where there is none, say why.", part.label());
            errors.push(FieldError::new(part.as_str(), message));
        }
        check_length(part.as_str(), said(*part), TEXT_MAX, &mut errors);
    }
    errors
}

fn refusals(run: &RunRow, reviewed: bool) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if reviewed {
        reasons.push(Reason::new("already_reviewed", "This run was reviewed already.", "nobody"));
    }
    if run.outcome == RunOutcome::Failure && run.explanation.is_none() {
        let message = "The owner has not explained this failure. Review it once they have.";
        reasons.push(Reason::new("failure_unexplained", message, "owner"));
    }
    reasons
}

/// The owner says why a run failed, or why it was made while the gate was closed.
pub fn explain(desk: &Desk, actor: &Actor, id: &str, explanation: &str) -> Result<RunExplained, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let id = RunId::from_text(id);
    desk.read(|connection| owned(connection, actor, &id))?;
    let explanation = only_statement("explanation", explanation, "Say in a sentence or two what happened and why.")?;
    let (explanation, actor_copy) = (registry_redactor(desk)?.text(&explanation).text, actor.clone());
    desk.answer(actor, move |tx| {
        let mut run = owned(tx.connection(), &actor_copy, &id)?;
        if run.explanation.is_some() {
            let message = "This run was explained already.";
            return Err(Failure::refused(Reason::new("already_explained", message, "nobody")));
        }
        if run.outcome != RunOutcome::Failure && !run.gate_closed {
            let message = "This run did not fail and was made while the gate was open: nothing is to be explained.";
            return Err(Failure::refused(Reason::new("nothing_to_explain", message, "nobody")));
        }
        run.explanation = Some(explanation);
        run.explained_by = Some(person);
        run.explained_at = Some(tx.now());
        tx.update(Verb::Explained, &run)?;
        Ok(RunExplained { id: run.id.to_string(), explained_at: tx.now().rfc3339() })
    })
}

/// The run, for the owner of its automation: they are who can explain it.
fn owned(connection: &mut Connection, actor: &Actor, id: &RunId) -> Result<RunRow, Failure> {
    let (run, automation) = find(connection, actor, id, Act::ReviewRun)?;
    if automation.owner_id == Some(sight::person_id(actor)?) {
        return Ok(run);
    }
    Err(Failure::Forbidden(
        "Only the owner of the automation explains its runs. Where nobody owns it, an administrator names an owner first."
            .into(),
    ))
}
