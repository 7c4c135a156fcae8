//! The review of a new operator's first week: what was read of five sources, what it shows, and the procedure that has to
//! change when a shortfall of one kind comes again.

use super::{Answer, Desk, Failure, register_automation, sight, training};
use crate::domain::ids::{PersonId, ProcedureTaskId, WeekNoteId, WeekReviewId};
use crate::domain::moment::Moment;
use crate::domain::operator::{self, Shortfall, WEEK_DAYS, Week, WeekSource};
use crate::domain::person::{Act, Actor};
use crate::domain::problem::Reason;
use crate::domain::run::RunOutcome;
use crate::domain::statement::only_statement;
use crate::redaction::Redacted;
use crate::store::people::{self, GrantRow};
use crate::store::week_reviews::{self, TaskRow, WeekNoteRow, WeekReviewRow};
use crate::store::{Connection, Tx, Verb, audit, drills, procedures, rollouts, runs};
use serde::Serialize;
use std::collections::BTreeSet;

/// A review after an act.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct WeekAnswer {
    /// Id of what was written: a note, a task or the review.
    pub id: String,
    /// Id of the review.
    pub review: String,
    /// Id of the task that a second shortfall of one kind made.
    pub task: Option<String>,
    /// What still keeps the review open.
    pub reasons: Vec<Reason>,
}

impl Answer for WeekAnswer {
    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/week-reviews/{}", self.review))
    }
}

/// Opens the review of somebody who is new on a site in roll-out; whoever worked there before is not new.
pub(super) fn open_for(tx: &mut Tx, grant: &GrantRow) -> Result<(), Failure> {
    let rolled = training::rolled_out(tx.connection())?;
    let concerned = match &grant.site_id {
        Some(site) => rolled.contains_key(site),
        None => !rolled.is_empty(),
    };
    let before = people::grants_ever(tx.connection(), &grant.person_id)?;
    let known = before.iter().any(|old| old.site_id.is_none() || old.site_id == grant.site_id);
    if !concerned || known {
        return Ok(());
    }
    let row = WeekReviewRow {
        id: WeekReviewId::fresh(),
        person_id: grant.person_id.clone(),
        role: grant.role,
        site_id: grant.site_id.clone(),
        opened_at: tx.now(),
        week_ends_at: tx.now().plus(chrono::Duration::days(WEEK_DAYS)),
        note: None,
        closed_by: None,
        closed_at: None,
    };
    Ok(tx.insert(Verb::Opened, &row)?)
}

/// The review with this id, for somebody who may look at the operator's training.
pub fn find(connection: &mut Connection, actor: &Actor, id: &str) -> Result<WeekReviewRow, Failure> {
    let row = week_reviews::find(connection, &WeekReviewId::from_text(id))?;
    training::operator(connection, actor, row.person_id.as_str())?;
    Ok(row)
}

/// The same for its reviewer: never the operator.
pub fn reviewed(connection: &mut Connection, actor: &Actor, id: &str) -> Result<WeekReviewRow, Failure> {
    let row = week_reviews::find(connection, &WeekReviewId::from_text(id))?;
    training::trainee(connection, actor, &row.person_id)?;
    Ok(row)
}

/// The task with this id, for whoever changes procedures.
pub fn task(connection: &mut Connection, actor: &Actor, id: &str) -> Result<TaskRow, Failure> {
    let task = week_reviews::find_task(connection, &ProcedureTaskId::from_text(id))?;
    reviewed(connection, actor, task.review_id.as_str())?;
    sight::everywhere(actor, Act::ManageProcedures)?;
    Ok(task)
}

/// The reviews of operators whose training the actor may look at, newest first.
pub fn visible(connection: &mut Connection, actor: &Actor) -> Result<Vec<WeekReviewRow>, Failure> {
    let seen: BTreeSet<PersonId> =
        training::operators(connection, actor)?.into_iter().map(|person| person.id).collect();
    Ok(week_reviews::list(connection)?.into_iter().filter(|row| seen.contains(&row.person_id)).collect())
}

/// The tasks that this review waits for: those of its role on its site that were opened by it.
pub fn tasks(connection: &mut Connection, row: &WeekReviewRow) -> Result<Vec<TaskRow>, Failure> {
    let mut tasks = week_reviews::tasks(connection)?;
    tasks.retain(|task| task.review_id == row.id);
    Ok(tasks)
}

/// Everything that keeps a review open.
pub fn reasons(connection: &mut Connection, row: &WeekReviewRow, now: Moment) -> Result<Vec<Reason>, Failure> {
    if row.closed_at.is_some() {
        return Ok(Vec::new());
    }
    let on_site = |site: Option<&crate::domain::ids::SiteId>| row.site_id.is_none() || site == row.site_id.as_ref();
    let week = Week {
        is_over: row.week_ends_at <= now,
        read: week_reviews::notes(connection, &row.id)?.iter().map(|note| note.source).collect(),
        open_tasks: tasks(connection, row)?.iter().filter(|task| task.done_at.is_none()).map(|t| t.finding).collect(),
        drilled: drills::held_by(connection, &row.person_id)?
            .iter()
            .any(|drill| drill.worked() && (drill.site_id.is_none() || on_site(drill.site_id.as_ref()))),
        fetched_diagnostics: rollouts::downloads_of(connection, &row.person_id)?
            .iter()
            .any(|download| on_site(Some(&download.site_id))),
    };
    Ok(operator::week_reasons(row.role, &week))
}

fn answer(tx: &mut Tx, row: &WeekReviewRow, id: String, task: Option<String>) -> Result<WeekAnswer, Failure> {
    let now = tx.now();
    let reasons = reasons(tx.connection(), row, now)?;
    Ok(WeekAnswer { id, review: row.id.to_string(), task, reasons })
}

/// Notes what was read of one source, and what it shows.
pub fn note(
    desk: &Desk,
    actor: &Actor,
    id: &str,
    source: WeekSource,
    finding: Option<Shortfall>,
    what: &str,
) -> Result<WeekAnswer, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let id = desk.read(|connection| reviewed(connection, actor, id))?.id;
    let what = said(desk, "what", what, "Say in a sentence what stood there, or that there were none and why.")?;
    desk.answer(actor, move |tx| {
        let row = still_open(tx, &id)?;
        let note = WeekNoteRow {
            id: WeekNoteId::fresh(),
            review_id: row.id.clone(),
            source,
            what,
            finding,
            noted_by: person,
            noted_at: tx.now(),
        };
        let task = match finding {
            Some(kind) => repeated(tx, &row, kind)?,
            None => None,
        };
        tx.insert(Verb::Recorded, &note)?;
        answer(tx, &row, note.id.to_string(), task)
    })
}

/// The task that a shortfall makes when it comes again. It counts for the role, on every site: the procedure is the same.
/// What a change of a procedure has answered since does not count any more.
fn repeated(tx: &mut Tx, row: &WeekReviewRow, kind: Shortfall) -> Result<Option<String>, Failure> {
    let tasks = week_reviews::tasks(tx.connection())?;
    let own = || tasks.iter().filter(|task| task.role == row.role && task.finding == kind);
    if let Some(open) = own().find(|task| task.done_at.is_none() && task.review_id == row.id) {
        return Ok(Some(open.id.to_string()));
    }
    let answered = own().filter_map(|task| task.done_at).max();
    let noted = week_reviews::noted(tx.connection(), row.role, kind)?;
    let earlier = noted.iter().filter(|(at, _)| answered.is_none_or(|answered| *at > answered)).count();
    if !operator::comes_again(earlier) {
        return Ok(None);
    }
    let task = TaskRow {
        id: ProcedureTaskId::fresh(),
        review_id: row.id.clone(),
        role: row.role,
        site_id: row.site_id.clone(),
        finding: kind,
        opened_at: tx.now(),
        procedure_id: None,
        done_by: None,
        done_at: None,
    };
    tx.insert(Verb::Planned, &task)?;
    Ok(Some(task.id.to_string()))
}

/// A procedure was changed because of a task: its current version must be newer than the task.
pub fn complete_task(desk: &Desk, actor: &Actor, id: &str, procedure: &str) -> Result<WeekAnswer, Failure> {
    let person = sight::person_id(actor)?;
    let id = desk.read(|connection| task(connection, actor, id))?.id;
    let procedure = procedure.trim().to_owned();
    desk.answer(actor, move |tx| {
        let mut task = week_reviews::find_task(tx.connection(), &id)?;
        if task.done_at.is_some() {
            return Err(Failure::refused(Reason::new("done_already", "This was done already.", "nobody")));
        }
        let current = procedures::versions(tx.connection(), &procedure)?.into_iter().next();
        let Some(current) = current.filter(|row| row.role == task.role) else {
            let say = format!("Name a procedure of the role {}.", task.role.label());
            return Err(Failure::field("procedure", say));
        };
        if current.written_at <= task.opened_at {
            let say = "This procedure has not changed since the finding came again. Write a new version first.";
            return Err(Failure::field("procedure", say));
        }
        task.procedure_id = Some(current.id);
        task.done_by = Some(person);
        task.done_at = Some(tx.now());
        tx.update(Verb::Completed, &task)?;
        let row = week_reviews::find(tx.connection(), &task.review_id)?;
        answer(tx, &row, task.id.to_string(), None)
    })
}

/// Closes a review when nothing keeps it open.
pub fn close(desk: &Desk, actor: &Actor, id: &str, note: &str) -> Result<WeekAnswer, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let id = desk.read(|connection| reviewed(connection, actor, id))?.id;
    let note = said(desk, "note", note, "Say in a sentence what the first week showed.")?;
    desk.answer(actor, move |tx| {
        let mut row = still_open(tx, &id)?;
        let now = tx.now();
        let reasons = reasons(tx.connection(), &row, now)?;
        if !reasons.is_empty() {
            return Err(Failure::Refused(reasons));
        }
        row.note = Some(note);
        row.closed_by = Some(person);
        row.closed_at = Some(now);
        tx.update(Verb::Reviewed, &row)?;
        answer(tx, &row, row.id.to_string(), None)
    })
}

fn still_open(tx: &mut Tx, id: &WeekReviewId) -> Result<WeekReviewRow, Failure> {
    let row = week_reviews::find(tx.connection(), id)?;
    match row.closed_at {
        None => Ok(row),
        Some(_) => Err(Failure::refused(Reason::new("closed_already", "This review is closed.", "nobody"))),
    }
}

/// Something that this program has on record of the week.
pub struct Recorded {
    /// Under which source it is read.
    pub source: WeekSource,
    /// When.
    pub at: Moment,
    /// What it was.
    pub what: String,
}

/// Entries of the chain that are looked through, and records that are shown of a week.
const LOOKED_THROUGH: i64 = 2000;
const SHOWN: usize = 100;

/// What this program knows of the week itself, newest first: its audit entries, and runs of the operator's automations that
/// were stopped. Prompts live on the site and are noted by the reviewer.
pub fn recorded(connection: &mut Connection, row: &WeekReviewRow) -> Result<Vec<Recorded>, Failure> {
    let in_week = |at: Moment| row.opened_at <= at && at <= row.week_ends_at;
    let filter = audit::Filter { actor: Some(format!("person:{}", row.person_id)), ..audit::Filter::default() };
    let mut found = Vec::new();
    for entry in audit::search(connection, &filter, LOOKED_THROUGH)?.into_iter().filter(|entry| in_week(entry.at)) {
        let what = format!("{} {}", entry.act.replace('_', " "), entry.subject_table.replace('_', " "));
        found.push(Recorded { source: operator::source_of(&entry.act, &entry.subject_table), at: entry.at, what });
    }
    for automation in register_automation::owned_by(connection, &row.person_id)? {
        for (run, _) in runs::list(connection, &automation.id, &runs::Filter::default(), LOOKED_THROUGH)? {
            if run.outcome == RunOutcome::Stopped && in_week(run.reported_at) {
                let what = format!("A run of {} was stopped: {}", automation.name, run.what);
                found.push(Recorded { source: WeekSource::RejectedPlans, at: run.reported_at, what });
            }
        }
    }
    found.sort_by_key(|record| std::cmp::Reverse(record.at));
    found.truncate(SHOWN);
    Ok(found)
}

/// A statement as it is stored, or what is wrong with it.
pub(super) fn said(desk: &Desk, field: &str, text: &str, how: &str) -> Result<Redacted, Failure> {
    let text = only_statement(field, text, how).map_err(Failure::Invalid)?;
    Ok(super::pause::registry_redactor(desk)?.text(&text).text)
}
