//! Restart criteria: statements that must be shown to hold.

use super::intake::until_settled;
use super::readiness::{took_part, void_if_changed};
use super::write_review::refuse_ended;
use super::{Answer, Desk, Failure, sight, write_entry};
use crate::domain::ids::CriterionId;
use crate::domain::person::{Act, Actor};
use crate::domain::review::Taking;
use crate::domain::statement::only_statement;
use crate::redaction::Redacted;
use crate::store::criteria::{self, CriterionRow};
use crate::store::{Connection, Verb, incidents};
use serde::Serialize;

/// A criterion after an act.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CriterionAnswer {
    /// Its id.
    pub id: String,
    /// Was it shown to hold?
    pub met: bool,
}

impl Answer for CriterionAnswer {}

/// Adds a criterion.
pub fn add(desk: &Desk, actor: &Actor, reference: &str, statement: &str) -> Result<CriterionAnswer, Failure> {
    until_settled(|| add_once(desk, actor, reference, statement))
}

fn add_once(desk: &Desk, actor: &Actor, reference: &str, statement: &str) -> Result<CriterionAnswer, Failure> {
    desk.answered_before()?;
    let creator = sight::person_id(actor)?;
    let statement = only_statement("statement", statement, "Say in a sentence what must hold before a restart.")?;
    let case = desk.read(|connection| sight::case(connection, actor, reference, Act::WriteReview))?;
    let (statement, lesson) = desk.read_text(&case, &statement)?;
    let (reference, who, actor_copy) = (reference.to_owned(), (actor.reference(), actor.name()), actor.clone());
    desk.answer(actor, move |tx| {
        let case = sight::case(tx.connection(), &actor_copy, &reference, Act::WriteReview)?;
        refuse_ended(&case)?;
        let row = CriterionRow {
            id: CriterionId::fresh(),
            incident_id: case.incident.id.clone(),
            statement: statement.clone(),
            created_by: creator,
            created_at: tx.now(),
            evidence: None,
            shown_by: None,
            shown_at: None,
        };
        tx.insert(Verb::Planned, &row)?;
        let words = Redacted::join(&[Redacted::literal("Added a restart criterion:"), statement], " ");
        write_entry::system(tx, &row.incident_id, &who, words)?;
        void_if_changed(tx, &row.incident_id, &who, "a criterion was added")?;
        lesson.teach(tx, case.incident)?;
        Ok(CriterionAnswer { id: row.id.to_string(), met: false })
    })
}

/// Shows that it holds.
pub fn show(desk: &Desk, actor: &Actor, id: &str, evidence: &str) -> Result<CriterionAnswer, Failure> {
    until_settled(|| show_once(desk, actor, id, evidence))
}

fn show_once(desk: &Desk, actor: &Actor, id: &str, evidence: &str) -> Result<CriterionAnswer, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let evidence = only_statement("evidence", evidence, "Give a link, or say in a sentence what shows that it holds.")?;
    let id = CriterionId::from_text(id);
    let (_, case) = desk.read(|connection| find(connection, actor, &id))?;
    let (evidence, lesson) = desk.read_text(&case, &evidence)?;
    let (who, actor_copy) = ((actor.reference(), actor.name()), actor.clone());
    desk.answer(actor, move |tx| {
        let (mut row, case) = find(tx.connection(), &actor_copy, &id)?;
        refuse_ended(&case)?;
        row.evidence = Some(evidence);
        row.shown_by = Some(person.clone());
        row.shown_at = Some(tx.now());
        tx.update(Verb::Shown, &row)?;
        took_part(tx, &row.incident_id, &person, Taking::ShowedCriterion)?;
        let words = Redacted::join(&[Redacted::literal("Showed that it holds:"), row.statement], " ");
        write_entry::system(tx, &row.incident_id, &who, words)?;
        void_if_changed(tx, &row.incident_id, &who, "a criterion was shown anew")?;
        lesson.teach(tx, case.incident)?;
        Ok(CriterionAnswer { id: row.id.to_string(), met: true })
    })
}

fn find(connection: &mut Connection, actor: &Actor, id: &CriterionId) -> Result<(CriterionRow, sight::Case), Failure> {
    let row = criteria::find(connection, id)?;
    let incident = incidents::find(connection, &row.incident_id)?;
    Ok((row, sight::of_incident(connection, actor, incident, Act::RecordChecks)?))
}
