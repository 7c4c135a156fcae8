//! Refusals of the second scan, and the two signatures that lift a false alarm.

use super::incidents::{Behind, behind};
use super::record::record;
use super::schema::{alarms, incidents};
use super::{Connection, Error};
use crate::domain::ids::{AlarmId, IncidentId, PersonId};
use crate::domain::moment::Moment;
use crate::redaction::Redacted;
use diesel::prelude::*;

/// One refusal; the same value under the same rule is one alarm, wherever it stands in the incident.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = alarms, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct AlarmRow {
    /// Primary key.
    pub id: AlarmId,
    /// The incident whose bundle was refused.
    pub incident_id: IncidentId,
    /// Keyed fingerprint of rule and value; never the value.
    pub fingerprint: String,
    /// The rule that struck.
    pub rule: String,
    /// How sure it is.
    pub level: String,
    /// Where: member, line and column.
    pub place: String,
    /// Why it is said to be false.
    pub reason: Option<Redacted>,
    /// Who says so.
    pub asked_by: Option<PersonId>,
    /// When they said so.
    pub asked_at: Option<Moment>,
    /// The second person, who agreed.
    pub confirmed_by: Option<PersonId>,
    /// When they agreed.
    pub confirmed_at: Option<Moment>,
}
record!(AlarmRow, alarms);

/// The alarms of an incident, oldest first.
pub fn of_incident(connection: &mut Connection, incident: &IncidentId) -> Result<Vec<AlarmRow>, Error> {
    Ok(alarms::table
        .filter(alarms::incident_id.eq(incident))
        .order(alarms::id.asc())
        .select(AlarmRow::as_select())
        .load(connection)?)
}

/// The alarms that somebody called false and that wait for a second person, oldest first.
pub fn waiting(connection: &mut Connection, behind: &Behind, limit: i64) -> Result<Vec<AlarmRow>, Error> {
    let rows = alarms::table
        .inner_join(incidents::table.on(incidents::id.eq(alarms::incident_id)))
        .filter(alarms::asked_by.is_not_null().and(alarms::confirmed_by.is_null()))
        .filter(alarms::level.ne("suspicious"))
        .select(AlarmRow::as_select());
    Ok(behind!(rows, behind).order(alarms::id.asc()).limit(limit).load(connection)?)
}

/// The alarm with this id.
pub fn find(connection: &mut Connection, id: &AlarmId) -> Result<AlarmRow, Error> {
    Ok(alarms::table.find(id).select(AlarmRow::as_select()).first(connection)?)
}
