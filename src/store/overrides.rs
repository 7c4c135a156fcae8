//! Break-glass openings.

use super::record::record;
use super::schema::overrides;
use super::{Connection, Error};
use crate::domain::ids::{ActionId, AutomationId, IncidentId, OverrideId, PersonId};
use crate::domain::moment::Moment;
use crate::redaction::Redacted;
use diesel::prelude::*;

/// One opening: asked by one person, confirmed by another, ended by time or by hand, reviewed afterwards.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = overrides, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct OverrideRow {
    /// Primary key.
    pub id: OverrideId,
    /// Which automation.
    pub automation_id: AutomationId,
    /// Why it must run.
    pub reason: Redacted,
    /// Who asked.
    pub asked_by: PersonId,
    /// When.
    pub asked_at: Moment,
    /// When it ends by itself.
    pub expires_at: Moment,
    /// The second person.
    pub confirmed_by: Option<PersonId>,
    /// Since when it holds.
    pub confirmed_at: Option<Moment>,
    /// The incident that holds its follow-up.
    pub incident_id: Option<IncidentId>,
    /// The follow-up action.
    pub action_id: Option<ActionId>,
    /// Who ended it before its time.
    pub ended_by: Option<PersonId>,
    /// When.
    pub ended_at: Option<Moment>,
    /// Who reviewed it afterwards.
    pub reviewed_by: Option<PersonId>,
    /// When.
    pub reviewed_at: Option<Moment>,
    /// What the review found.
    pub review_note: Option<Redacted>,
}
record!(OverrideRow, overrides);

/// The override with this id.
pub fn find(connection: &mut Connection, id: &OverrideId) -> Result<OverrideRow, Error> {
    Ok(overrides::table.find(id).select(OverrideRow::as_select()).first(connection)?)
}

/// The overrides of an automation, newest first.
pub fn of_automation(connection: &mut Connection, automation: &AutomationId) -> Result<Vec<OverrideRow>, Error> {
    Ok(overrides::table
        .filter(overrides::automation_id.eq(automation))
        .order(overrides::id.desc())
        .select(OverrideRow::as_select())
        .load(connection)?)
}

/// Every override that nobody has reviewed, oldest first.
pub fn unreviewed(connection: &mut Connection) -> Result<Vec<OverrideRow>, Error> {
    Ok(overrides::table
        .filter(overrides::reviewed_at.is_null())
        .order(overrides::id.asc())
        .select(OverrideRow::as_select())
        .load(connection)?)
}
