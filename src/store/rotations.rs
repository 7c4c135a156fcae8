//! Values that stand in a bundle and were found to be secrets only later: each must be rotated. Never the value.

use super::incidents::{Behind, behind};
use super::record::record;
use super::schema::{incidents, rotations};
use super::{Connection, Error};
use crate::domain::ids::{BundleId, IncidentId, PersonId, RotationId};
use crate::domain::moment::Moment;
use crate::redaction::Redacted;
use diesel::prelude::*;

/// One value in one bundle.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = rotations, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct RotationRow {
    /// Primary key.
    pub id: RotationId,
    /// Whose bundle.
    pub incident_id: IncidentId,
    /// The bundle.
    pub bundle_id: BundleId,
    /// The rule that finds it now.
    pub rule: String,
    /// Where it stands first: member, line and column.
    pub place: String,
    /// Keyed digest of rule and value: the same value has the same.
    pub fingerprint: String,
    /// When it was found.
    pub found_at: Moment,
    /// What was done about it.
    pub note: Option<Redacted>,
    /// Who rotated it.
    pub rotated_by: Option<PersonId>,
    /// When.
    pub rotated_at: Option<Moment>,
}
record!(RotationRow, rotations);

/// The one with this id.
pub fn find(connection: &mut Connection, id: &RotationId) -> Result<RotationRow, Error> {
    Ok(rotations::table.find(id).select(RotationRow::as_select()).first(connection)?)
}

/// Does this bundle carry such a value, rotated or not?
pub fn in_bundle(connection: &mut Connection, bundle: &BundleId) -> Result<bool, Error> {
    let found: Option<RotationId> =
        rotations::table.filter(rotations::bundle_id.eq(bundle)).select(rotations::id).first(connection).optional()?;
    Ok(found.is_some())
}

/// Those that nobody has answered, oldest first.
pub fn open(connection: &mut Connection, behind: &Behind, limit: i64) -> Result<Vec<RotationRow>, Error> {
    let rows = rotations::table
        .inner_join(incidents::table.on(incidents::id.eq(rotations::incident_id)))
        .filter(rotations::rotated_at.is_null())
        .select(RotationRow::as_select());
    Ok(behind!(rows, behind).order(rotations::id.asc()).limit(limit).load(connection)?)
}

/// Those of an incident, oldest first.
pub fn of_incident(connection: &mut Connection, incident: &IncidentId) -> Result<Vec<RotationRow>, Error> {
    Ok(rotations::table
        .filter(rotations::incident_id.eq(incident))
        .order(rotations::id.asc())
        .select(RotationRow::as_select())
        .load(connection)?)
}
