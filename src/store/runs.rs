//! Runs that automations reported, and what people found when they reviewed them.

use super::record::record;
use super::schema::{automations, run_reviews, runs};
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

/// Which runs of an automation are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those that ended so.
    pub outcome: Option<RunOutcome>,
    /// Only those that took place there.
    pub environment: Option<Environment>,
    /// Only those that nobody has reviewed.
    pub unreviewed: bool,
    /// Only those that were made while the gate was closed.
    pub gate_closed: bool,
    /// Older than this one.
    pub before: Option<RunId>,
    /// Newer than this one: the ones just newer.
    pub after: Option<RunId>,
}

/// The runs of an automation that pass the filter, newest first, at most `limit`, each with its review.
pub fn list(
    connection: &mut Connection,
    automation: &AutomationId,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<(RunRow, Option<RunReviewRow>)>, Error> {
    let mut query = runs::table
        .left_join(run_reviews::table.on(run_reviews::id.eq(runs::id)))
        .filter(runs::automation_id.eq(automation))
        .select((RunRow::as_select(), Option::<RunReviewRow>::as_select()))
        .into_boxed();
    if let Some(outcome) = filter.outcome {
        query = query.filter(runs::outcome.eq(outcome));
    }
    if let Some(environment) = filter.environment {
        query = query.filter(runs::environment.eq(environment));
    }
    if filter.unreviewed {
        query = query.filter(run_reviews::id.is_null());
    }
    if filter.gate_closed {
        query = query.filter(runs::gate_closed.eq(true));
    }
    if let Some(before) = &filter.before {
        query = query.filter(runs::id.lt(before.clone()));
    }
    if let Some(after) = &filter.after {
        let newer = query.filter(runs::id.gt(after.clone())).order(runs::id.asc()).limit(limit);
        let mut rows: Vec<(RunRow, Option<RunReviewRow>)> = newer.load(connection)?;
        rows.reverse();
        return Ok(rows);
    }
    Ok(query.order(runs::id.desc()).limit(limit).load(connection)?)
}

/// Was any run of this automation reported from there?
pub fn any(connection: &mut Connection, automation: &AutomationId, environment: Environment) -> Result<bool, Error> {
    let found: Option<RunId> = runs::table
        .filter(runs::automation_id.eq(automation).and(runs::environment.eq(environment)))
        .select(runs::id)
        .first(connection)
        .optional()?;
    Ok(found.is_some())
}

/// How many runs failed there since.
pub fn failures_since(
    connection: &mut Connection,
    automation: &AutomationId,
    environment: Environment,
    since: Moment,
) -> Result<i64, Error> {
    Ok(runs::table
        .filter(runs::automation_id.eq(automation).and(runs::environment.eq(environment)))
        .filter(runs::outcome.eq(RunOutcome::Failure).and(runs::reported_at.ge(since)))
        .count()
        .get_result(connection)?)
}

/// What was spent since, millionths of the currency unit.
pub fn spent_since(connection: &mut Connection, automation: &AutomationId, since: Moment) -> Result<i64, Error> {
    // Both databases sum to another type than that of the column.
    let sum = diesel::dsl::sql::<diesel::sql_types::BigInt>("CAST(COALESCE(SUM(cost), 0) AS BIGINT)");
    Ok(runs::table
        .filter(runs::automation_id.eq(automation).and(runs::reported_at.ge(since)))
        .select(sum)
        .get_result(connection)?)
}

/// The last run that failed.
pub fn last_failure(connection: &mut Connection, automation: &AutomationId) -> Result<Option<RunRow>, Error> {
    Ok(runs::table
        .filter(runs::automation_id.eq(automation).and(runs::outcome.eq(RunOutcome::Failure)))
        .order(runs::id.desc())
        .select(RunRow::as_select())
        .first(connection)
        .optional()?)
}

/// How many successful runs were reviewed and accepted, made while the gate was open, after a run (none: ever).
pub fn accepted_after(
    connection: &mut Connection,
    automation: &AutomationId,
    after: Option<&RunId>,
) -> Result<i64, Error> {
    let mut query = runs::table
        .inner_join(run_reviews::table.on(run_reviews::id.eq(runs::id)))
        .filter(runs::automation_id.eq(automation).and(runs::outcome.eq(RunOutcome::Success)))
        .filter(run_reviews::acceptable.eq(true).and(runs::gate_closed.eq(false)))
        .select(diesel::dsl::count_star())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(runs::id.gt(after));
    }
    Ok(query.get_result(connection)?)
}

/// The failed runs of a person's automations that they have not explained, newest first.
pub fn unexplained_of(connection: &mut Connection, owner: &PersonId, limit: i64) -> Result<Vec<RunRow>, Error> {
    Ok(runs::table
        .inner_join(automations::table.on(automations::id.eq(runs::automation_id)))
        .filter(automations::owner_id.eq(owner))
        .filter(runs::outcome.eq(RunOutcome::Failure).and(runs::explanation.is_null()))
        .order(runs::id.desc())
        .limit(limit)
        .select(RunRow::as_select())
        .load(connection)?)
}

/// Was a run reviewed and found acceptable; if it has to be `safe`, one on staging or one that only read?
pub fn any_accepted(connection: &mut Connection, automation: &AutomationId, safe: bool) -> Result<bool, Error> {
    let mut query = runs::table
        .inner_join(run_reviews::table.on(run_reviews::id.eq(runs::id)))
        .filter(runs::automation_id.eq(automation).and(run_reviews::acceptable.eq(true)))
        .select(runs::id)
        .into_boxed();
    if safe {
        query = query.filter(runs::environment.eq(Environment::Staging).or(runs::scope.eq(RunScope::ReadOnly)));
    }
    Ok(query.first::<RunId>(connection).optional()?.is_some())
}

/// Is there a run, and does each say what happened and why?
pub fn all_say_why(connection: &mut Connection, automation: &AutomationId) -> Result<bool, Error> {
    let all = runs::table.filter(runs::automation_id.eq(automation)).count().get_result::<i64>(connection)?;
    let silent = runs::table
        .filter(runs::automation_id.eq(automation).and(runs::what.eq("").or(runs::why.eq(""))))
        .count()
        .get_result::<i64>(connection)?;
    Ok(all > 0 && silent == 0)
}

/// Does a failed run lack its code, its step, its input or whom to ask?
pub fn any_incomplete(connection: &mut Connection, automation: &AutomationId) -> Result<bool, Error> {
    let found: Option<RunId> = runs::table
        .filter(runs::automation_id.eq(automation).and(runs::incomplete.eq(true)))
        .select(runs::id)
        .first(connection)
        .optional()?;
    Ok(found.is_some())
}

/// The review of a run, if somebody made it.
pub fn review(connection: &mut Connection, run: &RunId) -> Result<Option<RunReviewRow>, Error> {
    Ok(run_reviews::table.find(run).select(RunReviewRow::as_select()).first(connection).optional()?)
}

/// What a phase counts of the runs that were reported since it was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Successes that speak for the next scope: on staging, or on production in the present one; made while the gate was
    /// open, reviewed and accepted.
    pub accepted: i64,
    /// Runs that nobody has reviewed.
    pub unreviewed: i64,
    /// Failures that the owner has not explained.
    pub unexplained: i64,
}

/// Counts the runs of an automation that were reported since. The database counts: an automation may run every minute.
pub fn counts_since(
    connection: &mut Connection,
    automation: &AutomationId,
    scope: RunScope,
    since: Moment,
) -> Result<Counts, Error> {
    let of_phase = || runs::automation_id.eq(automation).and(runs::reported_at.ge(since));
    let accepted = runs::table
        .inner_join(run_reviews::table.on(run_reviews::id.eq(runs::id)))
        .filter(of_phase())
        .filter(runs::outcome.eq(RunOutcome::Success).and(runs::gate_closed.eq(false)))
        .filter(runs::environment.eq(Environment::Staging).or(runs::scope.eq(scope)))
        .filter(run_reviews::acceptable.eq(true))
        .count()
        .get_result(connection)?;
    let unreviewed = runs::table
        .left_join(run_reviews::table.on(run_reviews::id.eq(runs::id)))
        .filter(of_phase())
        .filter(run_reviews::id.is_null())
        .count()
        .get_result(connection)?;
    let unexplained = runs::table
        .filter(of_phase())
        .filter(runs::outcome.eq(RunOutcome::Failure).and(runs::explanation.is_null()))
        .count()
        .get_result(connection)?;
    Ok(Counts { accepted, unreviewed, unexplained })
}
