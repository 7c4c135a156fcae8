//! Escalation lines of practices whose condition came to hold.

use super::record::record;
use super::schema::{practice_escalations, practice_runs};
use super::{Connection, Error};
use crate::domain::ids::{PersonId, PracticeEscalationId, PracticeRunId, SiteId};
use crate::domain::moment::Moment;
use crate::redaction::Redacted;
use diesel::prelude::*;

/// One time that a condition held, from when it was seen until it was seen no more.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = practice_escalations, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PracticeEscalationRow {
    /// Primary key.
    pub id: PracticeEscalationId,
    /// What it is about.
    pub run_id: PracticeRunId,
    /// Which line.
    pub line_id: String,
    /// When the condition was seen to hold, and people were told.
    pub raised_at: Moment,
    /// When it was seen to hold no more.
    pub ended_at: Option<Moment>,
    /// Who dismissed it.
    pub dismissed_by: Option<PersonId>,
    /// When.
    pub dismissed_at: Option<Moment>,
    /// Why.
    pub dismissed_because: Option<Redacted>,
}
record!(PracticeEscalationRow, practice_escalations);

impl PracticeEscalationRow {
    /// Does somebody still have to deal with it?
    pub fn stands(&self) -> bool {
        self.ended_at.is_none() && self.dismissed_at.is_none()
    }
}

/// The one with this id.
pub fn find(connection: &mut Connection, id: &PracticeEscalationId) -> Result<PracticeEscalationRow, Error> {
    Ok(practice_escalations::table.find(id).select(PracticeEscalationRow::as_select()).first(connection)?)
}

/// Those of a run whose condition holds, dismissed or not, oldest first.
pub fn holding(connection: &mut Connection, run: &PracticeRunId) -> Result<Vec<PracticeEscalationRow>, Error> {
    Ok(practice_escalations::table
        .filter(practice_escalations::run_id.eq(run).and(practice_escalations::ended_at.is_null()))
        .order(practice_escalations::id.asc())
        .select(PracticeEscalationRow::as_select())
        .load(connection)?)
}

/// Those on these sites (none: on every site) that somebody still has to deal with, oldest first, at most `limit`.
pub fn standing(
    connection: &mut Connection,
    sites: Option<&[SiteId]>,
    limit: i64,
) -> Result<Vec<PracticeEscalationRow>, Error> {
    let mut query = practice_escalations::table
        .inner_join(practice_runs::table.on(practice_runs::id.eq(practice_escalations::run_id)))
        .filter(practice_escalations::ended_at.is_null().and(practice_escalations::dismissed_at.is_null()))
        .select(PracticeEscalationRow::as_select())
        .into_boxed();
    if let Some(sites) = sites {
        query = query.filter(practice_runs::site_id.eq_any(sites.to_vec()));
    }
    Ok(query.order(practice_escalations::id.asc()).limit(limit).load(connection)?)
}
