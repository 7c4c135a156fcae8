//! Restart criteria.

use super::record::record;
use super::schema::criteria;
use super::{Connection, Error};
use crate::domain::ids::{CriterionId, IncidentId, PersonId};
use crate::domain::moment::Moment;
use crate::redaction::Redacted;
use diesel::prelude::*;

/// A statement that must be shown to hold.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = criteria, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct CriterionRow {
    /// Primary key.
    pub id: CriterionId,
    /// The incident whose restart it guards.
    pub incident_id: IncidentId,
    /// The statement.
    pub statement: Redacted,
    /// Who asked for it.
    pub created_by: PersonId,
    /// When.
    pub created_at: Moment,
    /// What shows that it holds.
    pub evidence: Option<Redacted>,
    /// Who showed it.
    pub shown_by: Option<PersonId>,
    /// When.
    pub shown_at: Option<Moment>,
}
record!(CriterionRow, criteria, incident_id is found by statement, evidence);

/// The criterion with this id.
pub fn find(connection: &mut Connection, id: &CriterionId) -> Result<CriterionRow, Error> {
    Ok(criteria::table.find(id).select(CriterionRow::as_select()).first(connection)?)
}

/// The criteria of an incident, oldest first.
pub fn of_incident(connection: &mut Connection, incident: &IncidentId) -> Result<Vec<CriterionRow>, Error> {
    Ok(criteria::table
        .filter(criteria::incident_id.eq(incident))
        .order(criteria::id.asc())
        .select(CriterionRow::as_select())
        .load(connection)?)
}
