//! Regression checks: what must come out, and what came out. Only a pass counts.

use super::intake::until_settled;
use super::readiness::{took_part, void_if_changed};
use super::write_review::refuse_ended;
use super::{Answer, Desk, Failure, readiness, sight, write_entry};
use crate::domain::ids::{CheckId, ResultId};
use crate::domain::incident::{TITLE_MAX, check_length, clean_line};
use crate::domain::person::{Act, Actor};
use crate::domain::problem::FieldError;
use crate::domain::review::{Outcome, Taking, says_nothing};
use crate::domain::statement::{only_statement, statement};
use crate::redaction::Redacted;
use crate::store::checks::{self, CheckRow, ResultRow};
use crate::store::{Connection, Json, Verb, incidents};
use serde::Serialize;

/// A check or a result that was made.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CheckAnswer {
    /// Its id.
    pub id: String,
    /// The newest outcome of the check, if it has one.
    pub outcome: Option<Outcome>,
}

impl Answer for CheckAnswer {}

/// Adds a check.
pub fn add(desk: &Desk, actor: &Actor, reference: &str, title: &str, expected: &str) -> Result<CheckAnswer, Failure> {
    until_settled(|| add_once(desk, actor, reference, title, expected))
}

fn add_once(desk: &Desk, actor: &Actor, reference: &str, title: &str, expected: &str) -> Result<CheckAnswer, Failure> {
    desk.answered_before()?;
    let creator = sight::person_id(actor)?;
    let title = clean_line(title);
    let mut errors = Vec::new();
    if says_nothing(&title) {
        errors.push(FieldError::new("title", "Say what is checked."));
    }
    check_length("title", &title, TITLE_MAX, &mut errors);
    let ask = "Say what must come out, so that somebody else can tell.";
    let expected = statement("expected", expected, ask, &mut errors);
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    let case = desk.read(|connection| sight::case(connection, actor, reference, Act::WriteReview))?;
    let (texts, lesson) = desk.read_texts(&case, [title.as_str(), expected.as_str()].into_iter())?;
    let (title, expected) = (texts.redact(&title), texts.redact(&expected));
    let (reference, who, actor_copy) = (reference.to_owned(), (actor.reference(), actor.name()), actor.clone());
    desk.answer(actor, move |tx| {
        let case = sight::case(tx.connection(), &actor_copy, &reference, Act::WriteReview)?;
        refuse_ended(&case)?;
        let row = CheckRow {
            id: CheckId::fresh(),
            incident_id: case.incident.id.clone(),
            title: title.clone(),
            expected,
            created_by: creator,
            created_at: tx.now(),
        };
        tx.insert(Verb::Planned, &row)?;
        let words = Redacted::join(&[Redacted::literal("Added a regression check:"), title], " ");
        write_entry::system(tx, &row.incident_id, &who, words)?;
        void_if_changed(tx, &row.incident_id, &who, "a check was added")?;
        lesson.teach(tx, case.incident)?;
        Ok(CheckAnswer { id: row.id.to_string(), outcome: None })
    })
}

/// Records a result with what shows it.
pub fn record(desk: &Desk, actor: &Actor, id: &str, outcome: Outcome, evidence: &str) -> Result<CheckAnswer, Failure> {
    until_settled(|| record_once(desk, actor, id, outcome, evidence))
}

fn record_once(desk: &Desk, actor: &Actor, id: &str, outcome: Outcome, evidence: &str) -> Result<CheckAnswer, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let evidence = only_statement("evidence", evidence, "Give a link, or say in a sentence what shows the result.")?;
    let id = CheckId::from_text(id);
    let (_, case) = desk.read(|connection| find(connection, actor, &id))?;
    let (evidence, lesson) = desk.read_text(&case, &evidence)?;
    let (who, actor_copy) = ((actor.reference(), actor.name()), actor.clone());
    desk.answer(actor, move |tx| {
        let (check, case) = find(tx.connection(), &actor_copy, &id)?;
        refuse_ended(&case)?;
        let tested = readiness::of_incident(tx.connection(), &check.incident_id)?;
        let row = ResultRow {
            id: ResultId::fresh(),
            check_id: check.id.clone(),
            outcome,
            evidence,
            recorded_by: person.clone(),
            recorded_at: tx.now(),
            configuration: Some(Json::of(tested)),
            voided_at: None,
            voided_because: None,
        };
        tx.insert(Verb::Recorded, &row)?;
        took_part(tx, &check.incident_id, &person, Taking::RecordedResult)?;
        let said = Redacted::literal(match outcome {
            Outcome::Pass => "A check passed:",
            Outcome::Fail => "A check failed:",
            Outcome::Inconclusive => "A check was inconclusive:",
        });
        write_entry::system(tx, &check.incident_id, &who, Redacted::join(&[said, check.title], " "))?;
        void_if_changed(tx, &check.incident_id, &who, "a check has a new result")?;
        lesson.teach(tx, case.incident)?;
        Ok(CheckAnswer { id: row.id.to_string(), outcome: Some(outcome) })
    })
}

fn find(connection: &mut Connection, actor: &Actor, id: &CheckId) -> Result<(CheckRow, sight::Case), Failure> {
    let row = checks::find(connection, id)?;
    let incident = incidents::find(connection, &row.incident_id)?;
    Ok((row, sight::of_incident(connection, actor, incident, Act::RecordChecks)?))
}
