//! Timeline entries. A correction supersedes; nothing is deleted.

use super::record::record;
use super::schema::timeline;
use super::{Connection, Error};
use crate::domain::ids::{EntryId, EvidenceId, IncidentId};
use crate::domain::moment::Moment;
use crate::domain::timeline::EntryKind;
use crate::redaction::Redacted;
use diesel::prelude::*;

/// One entry.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = timeline, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct EntryRow {
    /// Primary key.
    pub id: EntryId,
    /// Whose timeline.
    pub incident_id: IncidentId,
    /// What it tells.
    pub kind: EntryKind,
    /// The words.
    pub body: Redacted,
    /// When it happened.
    pub happened_at: Moment,
    /// When it was written.
    pub written_at: Moment,
    /// Who wrote it: an actor's reference.
    pub author: String,
    /// Their name then.
    pub author_name: String,
    /// The evidence it cites.
    pub evidence_id: Option<EvidenceId>,
    /// The entry that corrects this one.
    pub superseded_by: Option<EntryId>,
}
record!(EntryRow, timeline, incident_id is found by body);

/// The entries of an incident in the order in which things happened.
pub fn of_incident(connection: &mut Connection, incident: &IncidentId) -> Result<Vec<EntryRow>, Error> {
    Ok(timeline::table
        .filter(timeline::incident_id.eq(incident))
        .order((timeline::happened_at.asc(), timeline::id.asc()))
        .select(EntryRow::as_select())
        .load(connection)?)
}

/// The entry with this id.
pub fn find(connection: &mut Connection, id: &EntryId) -> Result<EntryRow, Error> {
    Ok(timeline::table.find(id).select(EntryRow::as_select()).first(connection)?)
}

/// The entry with this id as it stands: what corrected it last, if anything did.
pub fn as_corrected(connection: &mut Connection, id: &EntryId) -> Result<EntryRow, Error> {
    let mut row = find(connection, id)?;
    while let Some(newer) = row.superseded_by {
        row = find(connection, &newer)?;
    }
    Ok(row)
}
