//! Runs that automations reported, and what people found when they reviewed them.

use super::record::record;
use super::schema::{run_reviews, runs};
use super::{Connection, Error};
use crate::domain::automation::{Environment, RunScope};
use crate::domain::ids::{AutomationId, IncidentId, PersonId, RunId};
use crate::domain::moment::Moment;
use crate::domain::run::RunOutcome;
use crate::redaction::Redacted;
use diesel::prelude::*;

/// One run, as it was reported. Only the owner's explanation is added later.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = runs, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct RunRow {
    /// Primary key.
    pub id: RunId,
    /// Whose run it was.
    pub automation_id: AutomationId,
    /// The automation's own name of the run: the same run reported twice is stored once.
    pub client_key: Option<String>,
    /// Where it took place.
    pub environment: Environment,
    /// How it ended.
    pub outcome: RunOutcome,
    /// The scope that the gate gave when it was reported; read only when it was closed.
    pub scope: RunScope,
    /// What was done.
    pub what: Redacted,
    /// Why.
    pub why: Redacted,
    /// Cost, millionths of the currency unit.
    pub cost: Option<i64>,
    /// Which records it touched.
    pub affected_records: Option<Redacted>,
    /// Where the site's own audit log tells of it.
    pub audit_reference: Option<Redacted>,
    /// Of a failure: the code.
    pub error_code: Option<Redacted>,
    /// Of a failure: the step.
    pub error_step: Option<Redacted>,
    /// Of a failure: the input.
    pub error_input: Option<Redacted>,
    /// Of a failure: whom to ask next.
    pub next_contact: Option<Redacted>,
    /// A failure that lacks one of the four.
    pub incomplete: bool,
    /// It was made while its gate was closed.
    pub gate_closed: bool,
    /// When it ended, as reported.
    pub ended_at: Moment,
    /// Who reported it: an actor's reference.
    pub reported_by: String,
    /// When that was stored.
    pub reported_at: Moment,
    /// The incident that it opened.
    pub incident_id: Option<IncidentId>,
    /// What the owner says of a failure.
    pub explanation: Option<Redacted>,
    /// Who explained it.
    pub explained_by: Option<PersonId>,
    /// When.
    pub explained_at: Option<Moment>,
}
record!(RunRow, runs);

/// The review of a run: its key is the run's. Never changed.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = run_reviews, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct RunReviewRow {
    /// The run, and primary key.
    pub id: RunId,
    /// Did the reviewer accept the run?
    pub acceptable: bool,
    /// What the run history shows.
    pub history: Redacted,
    /// What the failures show.
    pub failures: Redacted,
    /// What the cost shows.
    pub cost: Redacted,
    /// What the affected records show.
    pub affected_records: Redacted,
    /// What the audit events show.
    pub audit_events: Redacted,
    /// Who reviewed it.
    pub reviewed_by: PersonId,
    /// When.
    pub reviewed_at: Moment,
}
record!(RunReviewRow, run_reviews);

/// The run with this id.
pub fn find(connection: &mut Connection, id: &RunId) -> Result<RunRow, Error> {
    Ok(runs::table.find(id).select(RunRow::as_select()).first(connection)?)
}

/// The run that an automation names so, if it was reported already.
pub fn by_client_key(
    connection: &mut Connection,
    automation: &AutomationId,
    key: &str,
) -> Result<Option<RunRow>, Error> {
    Ok(runs::table
        .filter(runs::automation_id.eq(automation).and(runs::client_key.eq(key)))
        .select(RunRow::as_select())
        .first(connection)
        .optional()?)
}

/// The runs of an automation that were reported since, newest first, at most `limit`.
pub fn since(
    connection: &mut Connection,
    automation: &AutomationId,
    since: Moment,
    limit: i64,
) -> Result<Vec<RunRow>, Error> {
    Ok(runs::table
        .filter(runs::automation_id.eq(automation).and(runs::reported_at.ge(since)))
        .order(runs::id.desc())
        .limit(limit)
        .select(RunRow::as_select())
        .load(connection)?)
}

/// The runs of an automation before a run (none: from the newest), newest first, at most `limit`.
pub fn before(
    connection: &mut Connection,
    automation: &AutomationId,
    before: Option<&RunId>,
    limit: i64,
) -> Result<Vec<RunRow>, Error> {
    let mut query = runs::table.filter(runs::automation_id.eq(automation)).into_boxed();
    if let Some(before) = before {
        query = query.filter(runs::id.lt(before));
    }
    Ok(query.order(runs::id.desc()).limit(limit).select(RunRow::as_select()).load(connection)?)
}

/// The review of a run, if somebody made it.
pub fn review(connection: &mut Connection, run: &RunId) -> Result<Option<RunReviewRow>, Error> {
    Ok(run_reviews::table.find(run).select(RunReviewRow::as_select()).first(connection).optional()?)
}

/// The runs of an automation that were reported since, newest first, each with its review.
pub fn with_reviews(
    connection: &mut Connection,
    automation: &AutomationId,
    since: Moment,
) -> Result<Vec<(RunRow, Option<RunReviewRow>)>, Error> {
    Ok(runs::table
        .left_join(run_reviews::table.on(run_reviews::id.eq(runs::id)))
        .filter(runs::automation_id.eq(automation).and(runs::reported_at.ge(since)))
        .order(runs::id.desc())
        .select((RunRow::as_select(), Option::<RunReviewRow>::as_select()))
        .load(connection)?)
}
