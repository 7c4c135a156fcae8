//! Playbooks that are gone through in an incident.

use super::record::record;
use super::schema::{playbook_runs, playbook_steps};
use super::{Connection, Error};
use crate::domain::ids::{IncidentId, PersonId, PlaybookId, PlaybookRunId, PlaybookStepId};
use crate::domain::moment::Moment;
use crate::domain::playbook::{Boundary, Effect};
use crate::redaction::Redacted;
use diesel::prelude::*;

/// A playbook that is gone through in an incident.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = playbook_runs, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PlaybookRunRow {
    /// Primary key.
    pub id: PlaybookRunId,
    /// In which incident.
    pub incident_id: IncidentId,
    /// Which playbook.
    pub playbook_id: PlaybookId,
    /// Which version.
    pub version: i32,
    /// What it is called.
    pub title: Redacted,
    /// Who began.
    pub started_by: PersonId,
    /// When.
    pub started_at: Moment,
}
record!(PlaybookRunRow, playbook_runs);

/// A step of it, as it was when it began.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = playbook_steps, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct StepRow {
    /// Primary key.
    pub id: PlaybookStepId,
    /// Which run.
    pub run_id: PlaybookRunId,
    /// Its place, from 1.
    pub number: i32,
    /// What it is called.
    pub title: Redacted,
    /// How it is done.
    pub instructions: Redacted,
    /// What it does.
    pub effect: Effect,
    /// Who must agree first.
    pub approval: Boundary,
    /// Who asked for the approval.
    pub asked_by: Option<PersonId>,
    /// When.
    pub asked_at: Option<Moment>,
    /// Who agreed.
    pub approved_by: Option<PersonId>,
    /// When.
    pub approved_at: Option<Moment>,
    /// What shows it.
    pub evidence: Option<Redacted>,
    /// Who did it.
    pub done_by: Option<PersonId>,
    /// When.
    pub done_at: Option<Moment>,
}
record!(StepRow, playbook_steps);

/// The run with this id.
pub fn find(connection: &mut Connection, id: &PlaybookRunId) -> Result<PlaybookRunRow, Error> {
    Ok(playbook_runs::table.find(id).select(PlaybookRunRow::as_select()).first(connection)?)
}

/// The runs of an incident, oldest first.
pub fn of_incident(connection: &mut Connection, incident: &IncidentId) -> Result<Vec<PlaybookRunRow>, Error> {
    Ok(playbook_runs::table
        .filter(playbook_runs::incident_id.eq(incident))
        .order(playbook_runs::id.asc())
        .select(PlaybookRunRow::as_select())
        .load(connection)?)
}

/// The step with this id.
pub fn find_step(connection: &mut Connection, id: &PlaybookStepId) -> Result<StepRow, Error> {
    Ok(playbook_steps::table.find(id).select(StepRow::as_select()).first(connection)?)
}

/// The steps of a run, in order.
pub fn steps(connection: &mut Connection, run: &PlaybookRunId) -> Result<Vec<StepRow>, Error> {
    Ok(playbook_steps::table
        .filter(playbook_steps::run_id.eq(run))
        .order(playbook_steps::number.asc())
        .select(StepRow::as_select())
        .load(connection)?)
}
