//! First-week reviews of new operators, what they noted, and the procedures that have to change.

use super::procedures::{Trainees, trained};
use super::record::record;
use super::schema::{procedure_tasks, week_notes, week_reviews};
use super::{Connection, Error};
use crate::domain::ids::{PersonId, ProcedureId, ProcedureTaskId, SiteId, WeekNoteId, WeekReviewId};
use crate::domain::moment::Moment;
use crate::domain::operator::{Shortfall, WeekSource};
use crate::domain::person::Role;
use crate::redaction::Redacted;
use diesel::prelude::*;

/// The review of a new operator's first week.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = week_reviews, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct WeekReviewRow {
    /// Primary key.
    pub id: WeekReviewId,
    /// Who.
    pub person_id: PersonId,
    /// For which role.
    pub role: Role,
    /// On which site; none: on every site.
    pub site_id: Option<SiteId>,
    /// Since when.
    pub opened_at: Moment,
    /// When the week is over.
    pub week_ends_at: Moment,
    /// What was said of it.
    pub note: Option<Redacted>,
    /// Who closed it.
    pub closed_by: Option<PersonId>,
    /// When.
    pub closed_at: Option<Moment>,
}
record!(WeekReviewRow, week_reviews);

/// What the reviewer read of one source, and what it showed.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = week_notes, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct WeekNoteRow {
    /// Primary key.
    pub id: WeekNoteId,
    /// Which review.
    pub review_id: WeekReviewId,
    /// What was read.
    pub source: WeekSource,
    /// What stood there.
    pub what: Redacted,
    /// What it shows; none: nothing to complain of.
    pub finding: Option<Shortfall>,
    /// Who noted it.
    pub noted_by: PersonId,
    /// When.
    pub noted_at: Moment,
}
record!(WeekNoteRow, week_notes);

/// A finding that came again: a procedure of the role has to change.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = procedure_tasks, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct TaskRow {
    /// Primary key.
    pub id: ProcedureTaskId,
    /// Which review.
    pub review_id: WeekReviewId,
    /// For which role.
    pub role: Role,
    /// On which site; none: on every site.
    pub site_id: Option<SiteId>,
    /// What it shows; none: nothing to complain of.
    pub finding: Shortfall,
    /// Since when.
    pub opened_at: Moment,
    /// Which version of a procedure.
    pub procedure_id: Option<ProcedureId>,
    /// Who did it.
    pub done_by: Option<PersonId>,
    /// When.
    pub done_at: Option<Moment>,
}
record!(TaskRow, procedure_tasks);

/// The review with this id.
pub fn find(connection: &mut Connection, id: &WeekReviewId) -> Result<WeekReviewRow, Error> {
    Ok(week_reviews::table.find(id).select(WeekReviewRow::as_select()).first(connection)?)
}

/// Every review, newest first.
pub fn list(connection: &mut Connection) -> Result<Vec<WeekReviewRow>, Error> {
    Ok(week_reviews::table.order(week_reviews::id.desc()).select(WeekReviewRow::as_select()).load(connection)?)
}

/// Reviews of these people that wait although the week is over, oldest first, at most `limit`.
pub fn waiting(
    connection: &mut Connection,
    of: &Trainees,
    now: Moment,
    limit: i64,
) -> Result<Vec<WeekReviewRow>, Error> {
    let rows = week_reviews::table
        .filter(week_reviews::closed_at.is_null().and(week_reviews::week_ends_at.le(now)))
        .select(WeekReviewRow::as_select());
    let rows = trained!(rows, week_reviews::person_id, of);
    Ok(rows.order(week_reviews::id.asc()).limit(limit).load(connection)?)
}

/// The reviews of one person, oldest first.
pub fn of_person(connection: &mut Connection, person: &PersonId) -> Result<Vec<WeekReviewRow>, Error> {
    Ok(week_reviews::table
        .filter(week_reviews::person_id.eq(person))
        .order(week_reviews::id.asc())
        .select(WeekReviewRow::as_select())
        .load(connection)?)
}

/// The notes of a review, oldest first.
pub fn notes(connection: &mut Connection, review: &WeekReviewId) -> Result<Vec<WeekNoteRow>, Error> {
    Ok(week_notes::table
        .filter(week_notes::review_id.eq(review))
        .order(week_notes::id.asc())
        .select(WeekNoteRow::as_select())
        .load(connection)?)
}

/// When shortfalls of this kind were noted about operators of this role, oldest first.
pub fn noted(connection: &mut Connection, role: Role, kind: Shortfall) -> Result<Vec<(Moment, Option<SiteId>)>, Error> {
    Ok(week_notes::table
        .inner_join(week_reviews::table.on(week_notes::review_id.eq(week_reviews::id)))
        .filter(week_notes::finding.eq(kind).and(week_reviews::role.eq(role)))
        .order(week_notes::id.asc())
        .select((week_notes::noted_at, week_reviews::site_id))
        .load(connection)?)
}

/// Changes of procedures that were asked for, oldest first.
pub fn tasks(connection: &mut Connection) -> Result<Vec<TaskRow>, Error> {
    Ok(procedure_tasks::table.order(procedure_tasks::id.asc()).select(TaskRow::as_select()).load(connection)?)
}

/// The task with this id.
pub fn find_task(connection: &mut Connection, id: &ProcedureTaskId) -> Result<TaskRow, Error> {
    Ok(procedure_tasks::table.find(id).select(TaskRow::as_select()).first(connection)?)
}
