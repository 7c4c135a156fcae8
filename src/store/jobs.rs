//! Background work, claimed by compare-and-set so that many nodes can share the queue.

use super::schema::jobs;
use super::{Connection, Error, Tx};
use crate::domain::ids::JobId;
use crate::domain::moment::Moment;
use chrono::Duration;
use diesel::prelude::*;

/// A piece of work to be done.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = jobs, treat_none_as_default_value = false)]
pub struct JobRow {
    /// Primary key.
    pub id: JobId,
    /// What kind of work.
    pub kind: String,
    /// On what.
    pub subject: String,
    /// Not before this moment.
    pub run_at: Moment,
    /// Somebody works on it until then.
    pub claimed_until: Option<Moment>,
    /// How often it was tried.
    pub attempts: i32,
    /// What went wrong last.
    pub last_error: Option<String>,
}

/// Puts work into the queue, in the transaction that makes it necessary.
pub fn enqueue(tx: &mut Tx, kind: &str, subject: &str) -> Result<(), Error> {
    let row = JobRow {
        id: JobId::fresh(),
        kind: kind.to_owned(),
        subject: subject.to_owned(),
        run_at: tx.now(),
        claimed_until: None,
        attempts: 0,
        last_error: None,
    };
    diesel::insert_into(jobs::table).values(&row).execute(tx.connection())?;
    Ok(())
}

/// Work of this kind on this subject that is still to be done; where there is more, what was tried most often.
pub fn waiting(connection: &mut Connection, kind: &str, subject: &str) -> Result<Option<JobRow>, Error> {
    Ok(jobs::table
        .filter(jobs::kind.eq(kind).and(jobs::subject.eq(subject)))
        .order(jobs::attempts.desc())
        .select(JobRow::as_select())
        .first(connection)
        .optional()?)
}

/// When work of this kind on this subject is tried next, if it is still to be done.
pub fn due_at(connection: &mut Connection, kind: &str, subject: &str) -> Result<Option<Moment>, Error> {
    Ok(jobs::table
        .filter(jobs::kind.eq(kind).and(jobs::subject.eq(subject)))
        .select(jobs::run_at)
        .order(jobs::run_at.asc())
        .first(connection)
        .optional()?)
}

/// Work that may be done now and that nobody works on.
pub fn next_due(connection: &mut Connection, now: Moment) -> Result<Option<JobRow>, Error> {
    Ok(jobs::table
        .filter(jobs::run_at.le(now))
        .filter(jobs::claimed_until.is_null().or(jobs::claimed_until.lt(now)))
        // Of what was asked for in one transaction, in the order in which it was asked for.
        .order((jobs::run_at.asc(), jobs::id.asc()))
        .select(JobRow::as_select())
        .first(connection)
        .optional()?)
}

/// Claims the work for `span`; false when another was faster, also when that one has put it off since.
pub fn claim(tx: &mut Tx, job: &JobRow, span: Duration) -> Result<bool, Error> {
    let now = tx.now();
    let claimed = diesel::update(
        jobs::table
            .filter(jobs::id.eq(&job.id).and(jobs::run_at.le(now)))
            .filter(jobs::claimed_until.is_null().or(jobs::claimed_until.lt(now))),
    )
    .set((jobs::claimed_until.eq(now.plus(span)), jobs::attempts.eq(job.attempts + 1)))
    .execute(tx.connection())?;
    Ok(claimed == 1)
}

/// The work is done.
pub fn finish(tx: &mut Tx, id: &JobId) -> Result<(), Error> {
    diesel::delete(jobs::table.find(id)).execute(tx.connection())?;
    Ok(())
}

/// The work failed and is tried again at `run_at`.
pub fn postpone(tx: &mut Tx, id: &JobId, run_at: Moment, error: Option<&str>) -> Result<(), Error> {
    diesel::update(jobs::table.find(id))
        .set((jobs::run_at.eq(run_at), jobs::claimed_until.eq(None::<Moment>), jobs::last_error.eq(error)))
        .execute(tx.connection())?;
    Ok(())
}

/// Work that waits for its time is due at once; work that is gone is begun anew.
pub fn run_now(tx: &mut Tx, kind: &str, subject: &str) -> Result<(), Error> {
    let now = tx.now();
    let waiting = diesel::update(jobs::table.filter(jobs::kind.eq(kind).and(jobs::subject.eq(subject))))
        .set(jobs::run_at.eq(now))
        .execute(tx.connection())?;
    if waiting == 0 { enqueue(tx, kind, subject) } else { Ok(()) }
}

/// How much work waits or is being done.
pub fn count(connection: &mut Connection) -> Result<i64, Error> {
    Ok(jobs::table.count().get_result(connection)?)
}
