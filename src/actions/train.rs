//! What an operator and their judge do: acknowledge a version, answer its five situations, judge the answers, learn for a
//! role.

use super::keep_practice::call_on_site;
use super::procedures::{current, reader};
use super::review_week::said;
use super::{Answer, Desk, Failure, people as people_acts, sight, training};
use crate::domain::ids::{AcknowledgementId, EnrolmentId, PersonId, ScenarioCheckId, SiteId};
use crate::domain::person::{Act, Actor, Role};
use crate::domain::practice::{PracticeOccasion, SubjectKind};
use crate::domain::problem::{FieldError, Reason};
use crate::domain::procedure::Behaviour;
use crate::store::procedures::{self, AcknowledgementRow, CheckRow, EnrolmentRow, ProcedureRow};
use crate::store::{Connection, Json, Tx, Verb};
use serde::Serialize;

/// An acknowledgement.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Acknowledged {
    /// Its id.
    pub id: String,
    /// Which procedure.
    pub procedure: String,
    /// Which version.
    pub version: i32,
}

impl Answer for Acknowledged {}

/// Answers to the situations, or a judgement of them.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Checked {
    /// Id of the answers.
    pub id: String,
    /// `waits` for another person's judgement, `wrong`, `passed` or `failed`.
    pub state: &'static str,
    /// Numbers (from 1) of the situations that were answered otherwise than the procedure says.
    pub wrong: Vec<usize>,
}

impl Answer for Checked {}

/// Somebody is in training for a role.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Enrolled {
    /// The person's id.
    pub id: String,
    /// Their address.
    pub email: String,
}

impl Answer for Enrolled {
    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/operators/{}", self.id))
    }
}

/// Where answers stand.
pub fn state_of(row: &CheckRow) -> &'static str {
    match (row.passed, row.all_fit) {
        (Some(true), _) => "passed",
        (Some(false), _) => "failed",
        (None, true) => "waits",
        (None, false) => "wrong",
    }
}

/// What the order of the situations hangs on: the person, and the version.
pub fn order_of(procedure: &ProcedureRow, person: &PersonId) -> String {
    format!("{} {person}", procedure.id)
}

/// The operator has read the current version. `version` is the one they looked at; a newer one has to be read first.
pub fn acknowledge(desk: &Desk, actor: &Actor, slug: &str, version: Option<i32>) -> Result<Acknowledged, Failure> {
    reader(actor)?;
    let (person, slug) = (sight::person_id(actor)?, slug.to_owned());
    desk.answer(actor, move |tx| {
        let row = current(tx.connection(), &slug)?;
        if version.is_some_and(|version| version != row.version) {
            return Err(Failure::Stale);
        }
        let known = procedures::acknowledgements(tx.connection(), &person)?;
        let id = match known.into_iter().find(|known| known.procedure_id == row.id) {
            Some(known) => known.id,
            None => {
                let acknowledged = AcknowledgementRow {
                    id: AcknowledgementId::fresh(),
                    procedure_id: row.id.clone(),
                    person_id: person,
                    acknowledged_at: tx.now(),
                };
                tx.insert(Verb::Acknowledged, &acknowledged)?;
                acknowledged.id
            }
        };
        Ok(Acknowledged { id: id.to_string(), procedure: row.slug, version: row.version })
    })
}

/// The operator answers the five situations of the current version, in the order in which they were shown.
pub fn answer(desk: &Desk, actor: &Actor, slug: &str, answers: Vec<Behaviour>) -> Result<Checked, Failure> {
    reader(actor)?;
    let (person, slug) = (sight::person_id(actor)?, slug.to_owned());
    desk.answer(actor, move |tx| {
        let row = current(tx.connection(), &slug)?;
        if answers.len() != row.content.scenarios.len() {
            let say = format!(
                "Answer all {} situations, each with one of {}.",
                row.content.scenarios.len(),
                Behaviour::choices()
            );
            return Err(Failure::field("answers", say));
        }
        let reasons = answer_reasons(tx.connection(), &row, &person)?;
        if !reasons.is_empty() {
            return Err(Failure::Refused(reasons));
        }
        let wrong = row.content.wrong(&order_of(&row, &person), &answers);
        let check = CheckRow {
            id: ScenarioCheckId::fresh(),
            procedure_id: row.id,
            person_id: person,
            answers: Json::of(answers),
            all_fit: wrong.is_empty(),
            answered_at: tx.now(),
            passed: None,
            note: None,
            judged_by: None,
            judged_at: None,
        };
        tx.insert(Verb::Answered, &check)?;
        Ok(Checked { id: check.id.to_string(), state: state_of(&check), wrong })
    })
}

/// Everything that keeps somebody from answering now.
pub fn answer_reasons(
    connection: &mut Connection,
    row: &ProcedureRow,
    person: &PersonId,
) -> Result<Vec<Reason>, Failure> {
    let mut reasons = Vec::new();
    let read = procedures::acknowledgements(connection, person)?;
    if !read.iter().any(|read| read.procedure_id == row.id) {
        let message = "Read the current version and acknowledge it first.";
        reasons.push(Reason::new("not_acknowledged", message, "the operator"));
    }
    for check in procedures::checks(connection, person)?.iter().filter(|check| check.procedure_id == row.id) {
        match state_of(check) {
            "waits" => {
                let message = "Your answers wait for another person's judgement.";
                reasons.push(Reason::new("waits_for_judgement", message, "support lead, administrator"));
            }
            "passed" => reasons.push(Reason::new("passed_already", "You passed this version already.", "nobody")),
            _ => {}
        }
    }
    Ok(reasons)
}

/// Are these answers theirs to judge?
pub fn judged(connection: &mut Connection, actor: &Actor, id: &str) -> Result<CheckRow, Failure> {
    let row = procedures::find_check(connection, &ScenarioCheckId::from_text(id))?;
    training::trainee(connection, actor, &row.person_id)?;
    Ok(row)
}

/// Another person judges right answers, having talked them through.
pub fn judge(desk: &Desk, actor: &Actor, id: &str, passed: Option<bool>, note: &str) -> Result<Checked, Failure> {
    desk.answered_before()?;
    let judge = sight::person_id(actor)?;
    desk.read(|connection| judged(connection, actor, id))?;
    let id = ScenarioCheckId::from_text(id);
    let note = said(desk, "note", note, "Say in a sentence what you talked through with them.");
    let (passed, note) = match (passed, note) {
        (Some(passed), Ok(note)) => (passed, note),
        (None, Err(Failure::Invalid(mut errors))) => {
            errors.insert(0, FieldError::new("passed", "Say whether they passed."));
            return Err(Failure::Invalid(errors));
        }
        (None, Ok(_)) => return Err(Failure::field("passed", "Say whether they passed.")),
        (_, Err(failure)) => return Err(failure),
    };
    desk.answer(actor, move |tx| {
        let mut row = procedures::find_check(tx.connection(), &id)?;
        let refusal = match state_of(&row) {
            "waits" => None,
            "wrong" => Some(("answers_wrong", "Not all answers are right. They answer again first.")),
            _ => Some(("judged_already", "These answers were judged already.")),
        };
        if let Some((code, message)) = refusal {
            return Err(Failure::refused(Reason::new(code, message, "the operator")));
        }
        row.passed = Some(passed);
        row.note = Some(note);
        row.judged_by = Some(judge);
        row.judged_at = Some(tx.now());
        tx.update(Verb::Judged, &row)?;
        Ok(Checked { id: row.id.to_string(), state: state_of(&row), wrong: Vec::new() })
    })
}

/// Puts somebody in training for a role, so that they see what to read before it is given to them.
pub fn enrol(desk: &Desk, actor: &Actor, id: &str, role: Role, slugs: &[String]) -> Result<Enrolled, Failure> {
    sight::everywhere(actor, Act::ManagePeople)?;
    let (id, slugs, by) = (PersonId::from_text(id), slugs.to_vec(), actor.reference());
    desk.answer(actor, move |tx| {
        let person = people_acts::find(tx.connection(), &id)?;
        enrol_in(tx, &by, &person.id, role, &slugs)?;
        Ok(Enrolled { id: person.id.to_string(), email: person.email })
    })
}

/// The same inside another act. Asks for the review that the practice wants before people are added.
pub(super) fn enrol_in(tx: &mut Tx, by: &str, person: &PersonId, role: Role, slugs: &[String]) -> Result<(), Failure> {
    let open = procedures::enrolments(tx.connection(), person)?;
    for site_id in people_acts::sites_of(tx.connection(), slugs)? {
        if open.iter().any(|row| row.role == role && row.site_id == site_id) {
            continue;
        }
        let row = EnrolmentRow {
            id: EnrolmentId::fresh(),
            person_id: person.clone(),
            role,
            site_id: site_id.clone(),
            opened_by: by.to_owned(),
            opened_at: tx.now(),
            ended_at: None,
        };
        tx.insert(Verb::Enrolled, &row)?;
        if let Some(site) = &site_id {
            call_on_site(tx, site, SubjectKind::Site, PracticeOccasion::BeforeAddingPeople)?;
        }
    }
    Ok(())
}

/// The role was given: the training for it is over.
pub(super) fn end_enrolment(tx: &mut Tx, person: &PersonId, role: Role, site: Option<&SiteId>) -> Result<(), Failure> {
    for mut row in procedures::enrolments(tx.connection(), person)? {
        if row.role == role && row.site_id.as_ref() == site {
            row.ended_at = Some(tx.now());
            tx.update(Verb::Ended, &row)?;
        }
    }
    Ok(())
}

/// The roles that somebody holds or learns for.
pub fn roles_of(connection: &mut Connection, person: &PersonId) -> Result<Vec<Role>, Failure> {
    let held = crate::store::people::grants_of(connection, person)?.into_iter().map(|grant| grant.role);
    let aimed = procedures::enrolments(connection, person)?.into_iter().map(|enrolment| enrolment.role);
    let mut roles: Vec<Role> = held.chain(aimed).collect();
    roles.sort();
    roles.dedup();
    Ok(roles)
}
