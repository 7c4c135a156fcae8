//! Prevention actions.

use super::incidents::{Behind, behind};
use super::record::record;
use super::schema::{actions, incidents};
use super::{Connection, Error, Json};
use crate::domain::ids::{ActionId, IncidentId, PersonId};
use crate::domain::moment::Moment;
use crate::domain::review::ActionKind;
use crate::redaction::Redacted;
use diesel::prelude::*;

/// One action.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = actions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ActionRow {
    /// Primary key.
    pub id: ActionId,
    /// The incident that asks for it.
    pub incident_id: IncidentId,
    /// What it changes.
    pub kind: ActionKind,
    /// What is to be done.
    pub title: Redacted,
    /// Who does it.
    pub owner_id: PersonId,
    /// Who owned it before.
    pub former_owners: Json<Vec<PersonId>>,
    /// By when: a calendar day, `2026-11-30`.
    pub due_on: String,
    /// Who asked for it.
    pub created_by: PersonId,
    /// When.
    pub created_at: Moment,
    /// What shows that it was done.
    pub proof: Option<Redacted>,
    /// Who completed it.
    pub completed_by: Option<PersonId>,
    /// When.
    pub completed_at: Option<Moment>,
    /// The second person.
    pub verified_by: Option<PersonId>,
    /// When they agreed.
    pub verified_at: Option<Moment>,
    /// Counts changes, for ETags.
    pub version: i32,
}
record!(ActionRow, actions, incident_id is found by title, proof);

/// The action with this id.
pub fn find(connection: &mut Connection, id: &ActionId) -> Result<ActionRow, Error> {
    Ok(actions::table.find(id).select(ActionRow::as_select()).first(connection)?)
}

/// The actions of an incident, oldest first.
pub fn of_incident(connection: &mut Connection, incident: &IncidentId) -> Result<Vec<ActionRow>, Error> {
    Ok(actions::table
        .filter(actions::incident_id.eq(incident))
        .order(actions::id.asc())
        .select(ActionRow::as_select())
        .load(connection)?)
}

/// What a person still has to do, the most urgent first.
pub fn open_of(
    connection: &mut Connection,
    behind: &Behind,
    owner: &PersonId,
    limit: i64,
) -> Result<Vec<ActionRow>, Error> {
    let rows = actions::table
        .inner_join(incidents::table.on(incidents::id.eq(actions::incident_id)))
        .filter(actions::owner_id.eq(owner.clone()).and(actions::completed_at.is_null()))
        .select(ActionRow::as_select());
    Ok(behind!(rows, behind).order((actions::due_on.asc(), actions::id.asc())).limit(limit).load(connection)?)
}

/// What others have done and waits for a second person, oldest first.
pub fn unverified(
    connection: &mut Connection,
    behind: &Behind,
    but: &PersonId,
    limit: i64,
) -> Result<Vec<ActionRow>, Error> {
    let rows = actions::table
        .inner_join(incidents::table.on(incidents::id.eq(actions::incident_id)))
        .filter(actions::completed_at.is_not_null().and(actions::verified_at.is_null()))
        .filter(actions::owner_id.ne(but.clone()))
        .filter(actions::completed_by.is_null().or(actions::completed_by.ne(but.clone())))
        .select(ActionRow::as_select());
    Ok(behind!(rows, behind).order(actions::id.asc()).limit(limit).load(connection)?)
}
