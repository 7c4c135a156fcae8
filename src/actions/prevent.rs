//! Prevention actions: planned with an owner and a day, completed by the owner with proof, verified by a second person.

use super::intake::until_settled;
use super::readiness::{took_part, void_if_changed};
use super::write_review::{check_link, refuse_ended};
use super::{Answer, Desk, Failure, sight, write_entry};
use crate::domain::ids::{ActionId, PersonId};
use crate::domain::incident::{TITLE_MAX, check_length, clean_line};
use crate::domain::person::{Act, Actor};
use crate::domain::problem::{FieldError, Reason};
use crate::domain::review::{ActionKind, Taking, says_nothing};
use crate::domain::statement::statement;
use crate::redaction::Redacted;
use crate::store::prevention::{self, ActionRow};
use crate::store::{Connection, Json, Verb, incidents, people};
use serde::Serialize;

/// An action as typed.
#[derive(Clone, Debug)]
pub struct NewAction {
    /// What it changes.
    pub kind: ActionKind,
    /// What is to be done.
    pub title: String,
    /// Address of the owner.
    pub owner: String,
    /// By when, `2026-11-30`.
    pub due_on: String,
}

/// An action after an act.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ActionAnswer {
    /// Its id.
    pub id: String,
    /// `open`, `completed` or `verified`.
    pub state: &'static str,
}

impl Answer for ActionAnswer {
    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/actions/{}", self.id))
    }
}

/// Where an action stands.
pub fn state_of(row: &ActionRow) -> &'static str {
    match (&row.completed_at, &row.verified_at) {
        (_, Some(_)) => "verified",
        (Some(_), None) => "completed",
        (None, None) => "open",
    }
}

fn answer(row: &ActionRow) -> ActionAnswer {
    ActionAnswer { id: row.id.to_string(), state: state_of(row) }
}

/// Plans an action.
pub fn plan(desk: &Desk, actor: &Actor, reference: &str, new: NewAction) -> Result<ActionAnswer, Failure> {
    until_settled(|| plan_once(desk, actor, reference, new.clone()))
}

fn plan_once(desk: &Desk, actor: &Actor, reference: &str, new: NewAction) -> Result<ActionAnswer, Failure> {
    desk.answered_before()?;
    let creator = sight::person_id(actor)?;
    let title = clean_line(&new.title);
    let today = desk.now().utc().date_naive();
    let case = desk.read(|connection| {
        let case = sight::case(connection, actor, reference, Act::WriteReview)?;
        let mut errors = check(&title, &new.due_on, today);
        find_owner(connection, &case, &new.owner, &mut errors)?;
        if errors.is_empty() { Ok(case) } else { Err(Failure::Invalid(errors)) }
    })?;
    let (title, lesson) = desk.read_text(&case, &title)?;
    let (reference, who, actor_copy) = (reference.to_owned(), (actor.reference(), actor.name()), actor.clone());
    desk.answer(actor, move |tx| {
        let case = sight::case(tx.connection(), &actor_copy, &reference, Act::WriteReview)?;
        refuse_ended(&case)?;
        let mut errors = Vec::new();
        let owner = find_owner(tx.connection(), &case, &new.owner, &mut errors)?.ok_or(Failure::Invalid(errors))?;
        let row = ActionRow {
            id: ActionId::fresh(),
            incident_id: case.incident.id.clone(),
            kind: new.kind,
            title: title.clone(),
            owner_id: owner.clone(),
            former_owners: Json::of(Vec::new()),
            due_on: new.due_on.trim().to_owned(),
            created_by: creator,
            created_at: tx.now(),
            proof: None,
            completed_by: None,
            completed_at: None,
            verified_by: None,
            verified_at: None,
            version: 1,
        };
        tx.insert(Verb::Planned, &row)?;
        took_part(tx, &row.incident_id, &owner, Taking::OwnedAction)?;
        let words = Redacted::join(&[Redacted::literal("Planned an action:"), title], " ");
        write_entry::system(tx, &row.incident_id, &who, words)?;
        void_if_changed(tx, &row.incident_id, &who, "an action was added")?;
        lesson.teach(tx, case.incident)?;
        Ok(answer(&row))
    })
}

/// The owner completes it, with proof that can be followed or read.
pub fn complete(desk: &Desk, actor: &Actor, id: &str, proof: &str) -> Result<ActionAnswer, Failure> {
    until_settled(|| complete_once(desk, actor, id, proof))
}

fn complete_once(desk: &Desk, actor: &Actor, id: &str, proof: &str) -> Result<ActionAnswer, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let mut errors = Vec::new();
    let ask = "Give a link, or say in a sentence what shows that it is done.";
    let proof = statement("proof", proof, ask, &mut errors);
    if errors.is_empty() && !proof.contains(char::is_whitespace) {
        check_link("proof", &proof, &mut errors);
    }
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    let id = ActionId::from_text(id);
    let (_, case) = desk.read(|connection| find(connection, actor, &id, Act::CompleteAction))?;
    let (proof, lesson) = desk.read_text(&case, &proof)?;
    let (who, actor_copy) = ((actor.reference(), actor.name()), actor.clone());
    desk.answer(actor, move |tx| {
        let (mut row, case) = find(tx.connection(), &actor_copy, &id, Act::CompleteAction)?;
        refuse_ended(&case)?;
        if row.owner_id != person {
            return Err(Failure::Forbidden(
                "Only its owner can complete an action. Ask them, or give it another owner.".into(),
            ));
        }
        refuse_verified(&row)?;
        row.proof = Some(proof);
        row.completed_by = Some(person.clone());
        row.completed_at = Some(tx.now());
        row.version += 1;
        tx.update(Verb::Completed, &row)?;
        took_part(tx, &row.incident_id, &person, Taking::CompletedAction)?;
        let words = Redacted::join(&[Redacted::literal("Completed the action:"), row.title.clone()], " ");
        write_entry::system(tx, &row.incident_id, &who, words)?;
        void_if_changed(tx, &row.incident_id, &who, "an action was completed")?;
        lesson.teach(tx, case.incident)?;
        Ok(answer(&row))
    })
}

/// A second person agrees that it is done.
pub fn verify(desk: &Desk, actor: &Actor, id: &str) -> Result<ActionAnswer, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let (id, who, actor_copy) = (ActionId::from_text(id), (actor.reference(), actor.name()), actor.clone());
    desk.answer(actor, move |tx| {
        let (mut row, case) = find(tx.connection(), &actor_copy, &id, Act::VerifyAction)?;
        refuse_ended(&case)?;
        if row.completed_at.is_none() {
            let message = "It is not done yet; its owner completes it first, with proof.";
            return Err(Failure::refused(Reason::new("action_not_done", message, "its owner")));
        }
        let owned = row.owner_id == person || row.former_owners.contains(&person);
        if owned || row.completed_by.as_ref() == Some(&person) {
            return Err(Failure::Forbidden(
                "Whoever ever owned or completed an action cannot verify it. Ask a second person.".into(),
            ));
        }
        refuse_verified(&row)?;
        row.verified_by = Some(person.clone());
        row.verified_at = Some(tx.now());
        row.version += 1;
        tx.update(Verb::Verified, &row)?;
        let words = Redacted::join(&[Redacted::literal("Verified the action:"), row.title.clone()], " ");
        write_entry::system(tx, &row.incident_id, &who, words)?;
        void_if_changed(tx, &row.incident_id, &who, "an action was verified")?;
        Ok(answer(&row))
    })
}

/// Gives an action that is not verified another owner: the first one has left, or has no time. Both took part.
pub fn reassign(desk: &Desk, actor: &Actor, id: &str, owner: &str) -> Result<ActionAnswer, Failure> {
    desk.answered_before()?;
    let (id, owner) = (ActionId::from_text(id), owner.to_owned());
    let (who, actor_copy) = ((actor.reference(), actor.name()), actor.clone());
    desk.answer(actor, move |tx| {
        let (mut row, case) = find(tx.connection(), &actor_copy, &id, Act::WriteReview)?;
        refuse_ended(&case)?;
        refuse_verified(&row)?;
        let mut errors = Vec::new();
        let owner = find_owner(tx.connection(), &case, &owner, &mut errors)?.ok_or(Failure::Invalid(errors))?;
        if row.owner_id == owner {
            return Ok(answer(&row));
        }
        let mut former = row.former_owners.to_vec();
        former.push(row.owner_id.clone());
        row.former_owners = Json::of(former);
        row.owner_id = owner.clone();
        row.version += 1;
        tx.update(Verb::Changed, &row)?;
        took_part(tx, &row.incident_id, &owner, Taking::OwnedAction)?;
        let words = Redacted::join(&[Redacted::literal("Gave another owner to the action:"), row.title.clone()], " ");
        write_entry::system(tx, &row.incident_id, &who, words)?;
        void_if_changed(tx, &row.incident_id, &who, "an action got another owner")?;
        Ok(answer(&row))
    })
}

/// What is verified stays as it is: an approval may rest on it.
fn refuse_verified(row: &ActionRow) -> Result<(), Failure> {
    if row.verified_at.is_none() {
        return Ok(());
    }
    Err(Failure::refused(Reason::new("already_verified", "This action was verified already.", "nobody")))
}

/// An action with its case, for someone who may do `act`.
pub fn find(
    connection: &mut Connection,
    actor: &Actor,
    id: &ActionId,
    act: Act,
) -> Result<(ActionRow, sight::Case), Failure> {
    let row = prevention::find(connection, id)?;
    let incident = incidents::find(connection, &row.incident_id)?;
    Ok((row, sight::of_incident(connection, actor, incident, act)?))
}

fn check(title: &str, due_on: &str, today: chrono::NaiveDate) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if says_nothing(title) {
        errors.push(FieldError::new("title", "Say what is to be done."));
    }
    check_length("title", title, TITLE_MAX, &mut errors);
    let due_on = due_on.trim();
    match chrono::NaiveDate::parse_from_str(due_on, "%Y-%m-%d") {
        Ok(day) if day < today => {
            errors.push(FieldError::new("due_on", format!("This day is over; today is {today} (UTC).")));
        }
        // Days are compared as text: four digits, two, two.
        Ok(_) if due_on.len() == 10 => {}
        _ => errors.push(FieldError::new("due_on", "Give a day, for example 2026-11-30.")),
    }
    errors
}

/// An owner is an active person who can complete actions on the incident's site.
fn find_owner(
    connection: &mut Connection,
    case: &sight::Case,
    email: &str,
    errors: &mut Vec<FieldError>,
) -> Result<Option<PersonId>, Failure> {
    let person = people::by_email(connection, email)?.filter(|person| person.active);
    if let Some(person) = person {
        let candidate = Actor::Person(people::as_actor(connection, &person)?);
        if candidate.may(Act::CompleteAction, &case.site.id) {
            return Ok(Some(person.id));
        }
    }
    let message = "The owner must be an active owner, support lead or administrator of this site.";
    errors.push(FieldError::new("owner", message));
    Ok(None)
}
