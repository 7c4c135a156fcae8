//! Bundles that were built. The zip lies in the data folder; the row says what it must be.

use super::record::record;
use super::schema::bundles;
use super::{Connection, Error, Json};
use crate::domain::bundle::Audience;
use crate::domain::ids::{BundleId, IncidentId, KeyId, PersonId};
use crate::domain::moment::Moment;
use diesel::prelude::*;
use std::collections::BTreeMap;

/// One immutable bundle.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = bundles, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct BundleRow {
    /// Primary key.
    pub id: BundleId,
    /// The incident it reports.
    pub incident_id: IncidentId,
    /// Whom it is for.
    pub audience: Audience,
    /// File name in the bundles folder.
    pub file: String,
    /// SHA-256 of the zip.
    pub sha256: String,
    /// Bytes.
    pub size: i64,
    /// Removals per rule.
    pub counts: Json<BTreeMap<String, u64>>,
    /// Pictures that were withheld.
    pub withheld: i32,
    /// The key that signed it.
    pub key_id: KeyId,
    /// Who built it.
    pub built_by: PersonId,
    /// When.
    pub built_at: Moment,
}
record!(BundleRow, bundles);

/// The bundle with this id.
pub fn find(connection: &mut Connection, id: &BundleId) -> Result<BundleRow, Error> {
    Ok(bundles::table.find(id).select(BundleRow::as_select()).first(connection)?)
}

/// The bundles of an incident, newest first.
pub fn of_incident(connection: &mut Connection, incident: &IncidentId) -> Result<Vec<BundleRow>, Error> {
    Ok(bundles::table
        .filter(bundles::incident_id.eq(incident))
        .order(bundles::id.desc())
        .select(BundleRow::as_select())
        .load(connection)?)
}

/// The files of all bundles.
pub fn known_files(connection: &mut Connection) -> Result<Vec<String>, Error> {
    Ok(bundles::table.select(bundles::file).load(connection)?)
}
