//! A playbook is gone through in an incident: its steps are kept as they were, ticked in order with evidence, and a second
//! person agrees where a step's boundary says so.

use super::write_review::refuse_ended;
use super::{Answer, Desk, Failure, keep_practice, playbook_words, playbooks as acts, sight, write_entry};
use crate::domain::ids::{PlaybookRunId, PlaybookStepId};
use crate::domain::person::{Act, Actor, Role};
use crate::domain::playbook::{Boundary, PlaybookState, production_reasons};
use crate::domain::problem::Reason;
use crate::domain::statement::only_statement;
use crate::redaction::Redacted;
use crate::store::playbook_runs::{self, PlaybookRunRow, StepRow};
use crate::store::{Connection, Tx, Verb, incidents, playbooks};
use serde::Serialize;

/// A run or a step after an act.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct StepAnswer {
    /// The id of the run or of the step.
    pub id: String,
    /// The incident's reference.
    pub incident: String,
    /// Steps that are not done yet.
    pub left: usize,
}

impl Answer for StepAnswer {}

/// Begins a playbook in an incident.
pub fn begin(desk: &Desk, actor: &Actor, reference: &str, playbook: &str) -> Result<StepAnswer, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let (reference, playbook, actor_copy) = (reference.to_owned(), playbook.to_owned(), actor.clone());
    desk.answer(actor, move |tx| {
        let case = sight::case(tx.connection(), &actor_copy, &reference, Act::WorkIncident)?;
        refuse_ended(&case)?;
        let row = match acts::find(tx.connection(), &actor_copy, &playbook, Act::ReadRegistry) {
            Ok(row) if row.site_id == case.site.id => row,
            Ok(_) | Err(Failure::NotFound) => {
                return Err(Failure::field("playbook", "Choose a playbook of this incident's site."));
            }
            Err(failure) => return Err(failure),
        };
        let mut reasons = production_reasons(&acts::import(tx.connection(), &row)?);
        if row.state == PlaybookState::Disabled {
            reasons.push(Reason::new("not_released", "It is not released for production.", "administrator"));
        }
        if !reasons.is_empty() {
            return Err(Failure::Refused(reasons));
        }
        let content = sight::promised(playbooks::content(tx.connection(), &row))?.content.into_inner();
        let run = PlaybookRunRow {
            id: PlaybookRunId::fresh(),
            incident_id: case.incident.id.clone(),
            playbook_id: row.id.clone(),
            version: row.version,
            title: content.title,
            started_by: person,
            started_at: tx.now(),
        };
        tx.insert(Verb::Opened, &run)?;
        let left = content.steps.len();
        for (at, step) in content.steps.into_iter().enumerate() {
            let step = StepRow {
                id: PlaybookStepId::fresh(),
                run_id: run.id.clone(),
                number: i32::try_from(at + 1).unwrap_or(i32::MAX),
                title: step.title,
                instructions: step.instructions,
                effect: step.effect,
                approval: step.approval,
                asked_by: None,
                asked_at: None,
                approved_by: None,
                approved_at: None,
                evidence: None,
                done_by: None,
                done_at: None,
            };
            tx.insert(Verb::Planned, &step)?;
        }
        let who = (actor_copy.reference(), actor_copy.name());
        tell(tx, &case, &who, "Began the playbook", &run.title)?;
        Ok(StepAnswer { id: run.id.to_string(), incident: case.incident.reference, left })
    })
}

fn tell(
    tx: &mut Tx,
    case: &sight::Case,
    who: &(String, String),
    what: &'static str,
    title: &Redacted,
) -> Result<(), Failure> {
    let words = Redacted::join(&[Redacted::literal(what), title.clone()], " “");
    write_entry::system(tx, &case.incident.id, who, Redacted::join(&[words, Redacted::literal(".")], "”"))
}

/// The step's name as the timeline says it: with what its placeholders stand for on this site.
fn told_title(desk: &Desk, actor: &Actor, id: &PlaybookStepId, act: Act) -> Result<Redacted, Failure> {
    let (title, case) = desk.read(|connection| {
        let (step, run, case) = find(connection, actor, id, act)?;
        Ok((playbook_words::on_site(connection, &run, &case.site)?.line(step.title.as_str()), case))
    })?;
    Ok(desk.redactor(&case.incident, &case.site)?.text(&title).text)
}

/// A step with its run and case, for someone who may do `act` on the incident.
fn find(
    connection: &mut Connection,
    actor: &Actor,
    id: &PlaybookStepId,
    act: Act,
) -> Result<(StepRow, PlaybookRunRow, sight::Case), Failure> {
    let step = playbook_runs::find_step(connection, id)?;
    let run = sight::promised(playbook_runs::find(connection, &step.run_id))?;
    let incident = sight::promised(incidents::find(connection, &run.incident_id))?;
    let case = sight::of_incident(connection, actor, incident, act)?;
    Ok((step, run, case))
}

/// Refuses whoever may not see the step, or not do `act` to it.
pub fn seen(desk: &Desk, actor: &Actor, id: &str, act: Act) -> Result<String, Failure> {
    let id = PlaybookStepId::from_text(id);
    desk.read(|connection| find(connection, actor, &id, act).map(|(_, _, case)| case.incident.reference))
}

/// The steps before this one are done, and this one is not.
fn refuse_out_of_turn(connection: &mut Connection, step: &StepRow) -> Result<usize, Failure> {
    let steps = playbook_runs::steps(connection, &step.run_id)?;
    if step.done_at.is_some() {
        return Err(Failure::refused(Reason::new("done_already", "This step is done already.", "nobody")));
    }
    if let Some(earlier) = steps.iter().find(|other| other.number < step.number && other.done_at.is_none()) {
        let message = format!("Step {} comes first.", earlier.number);
        return Err(Failure::refused(Reason::new("out_of_turn", message, "whoever goes through it")));
    }
    Ok(steps.iter().filter(|other| other.done_at.is_none() && other.id != step.id).count())
}

/// Asks for the approval that a step needs.
pub fn ask(desk: &Desk, actor: &Actor, id: &str) -> Result<StepAnswer, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let (id, actor_copy) = (PlaybookStepId::from_text(id), actor.clone());
    let title = told_title(desk, actor, &id, Act::WorkIncident)?;
    desk.answer(actor, move |tx| {
        let (mut step, _, case) = find(tx.connection(), &actor_copy, &id, Act::WorkIncident)?;
        refuse_ended(&case)?;
        let left = refuse_out_of_turn(tx.connection(), &step)? + 1;
        if step.approval == Boundary::None {
            let message = "This step needs no approval. Do it.";
            return Err(Failure::refused(Reason::new("no_approval_needed", message, "nobody")));
        }
        if step.approved_at.is_none() {
            step.asked_by = Some(person);
            step.asked_at = Some(tx.now());
            tx.update(Verb::Asked, &step)?;
            let who = (actor_copy.reference(), actor_copy.name());
            tell(tx, &case, &who, "Asked for an approval of the step", &title)?;
        }
        Ok(StepAnswer { id: step.id.to_string(), incident: case.incident.reference, left })
    })
}

/// Agrees to a step: somebody else than who asked, of the role that its boundary names.
pub fn approve(desk: &Desk, actor: &Actor, id: &str) -> Result<StepAnswer, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let (id, actor_copy) = (PlaybookStepId::from_text(id), actor.clone());
    let title = told_title(desk, actor, &id, Act::VerifyAction)?;
    desk.answer(actor, move |tx| {
        let (mut step, _, case) = find(tx.connection(), &actor_copy, &id, Act::VerifyAction)?;
        refuse_ended(&case)?;
        let left = refuse_out_of_turn(tx.connection(), &step)? + 1;
        let Some(asked_by) = &step.asked_by else {
            let message = "Nobody has asked for an approval of this step.";
            return Err(Failure::refused(Reason::new("not_asked", message, "support_lead")));
        };
        if *asked_by == person {
            let message = "The second person must be somebody else.";
            return Err(Failure::refused(Reason::new("same_person", message, "another person")));
        }
        if step.approval == Boundary::Administrator
            && !keep_practice::holds_role(&actor_copy, Role::Administrator, &case.site.id)
        {
            return Err(Failure::Forbidden("An administrator of the site must agree to this step.".into()));
        }
        step.approved_by = Some(person);
        step.approved_at = Some(tx.now());
        tx.update(Verb::Approved, &step)?;
        let who = (actor_copy.reference(), actor_copy.name());
        tell(tx, &case, &who, "Agreed to the step", &title)?;
        Ok(StepAnswer { id: step.id.to_string(), incident: case.incident.reference, left })
    })
}

/// Ticks a step, with what shows it.
pub fn tick(desk: &Desk, actor: &Actor, id: &str, evidence: &str) -> Result<StepAnswer, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let id = PlaybookStepId::from_text(id);
    let (_, _, case) = desk.read(|connection| find(connection, actor, &id, Act::WorkIncident))?;
    let ask = "Give a link, or say in a sentence what shows that it is done.";
    let evidence = only_statement("evidence", evidence, ask)?;
    let evidence = desk.redactor(&case.incident, &case.site)?.text(&evidence).text;
    let title = told_title(desk, actor, &id, Act::WorkIncident)?;
    let actor_copy = actor.clone();
    desk.answer(actor, move |tx| {
        let (mut step, _, case) = find(tx.connection(), &actor_copy, &id, Act::WorkIncident)?;
        refuse_ended(&case)?;
        let left = refuse_out_of_turn(tx.connection(), &step)?;
        if step.approval != Boundary::None && step.approved_at.is_none() {
            let message = "A second person must agree to this step before it is done. Ask for the approval.";
            return Err(Failure::refused(Reason::new("not_approved", message, "a second person")));
        }
        if step.approved_by.as_ref() == Some(&person) {
            let message = "Who agreed to this step does not do it.";
            return Err(Failure::refused(Reason::new("same_person", message, "who asked for the approval")));
        }
        step.evidence = Some(evidence);
        step.done_by = Some(person);
        step.done_at = Some(tx.now());
        tx.update(Verb::Completed, &step)?;
        let who = (actor_copy.reference(), actor_copy.name());
        tell(tx, &case, &who, "Did the step", &title)?;
        Ok(StepAnswer { id: step.id.to_string(), incident: case.incident.reference, left })
    })
}
