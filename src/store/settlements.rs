//! Altered rows that an administrator looked at and settled.

use super::record::record;
use super::schema::settlements;
use super::{Connection, Error};
use crate::domain::ids::{PersonId, SettlementId};
use crate::domain::moment::Moment;
use crate::redaction::Redacted;
use diesel::prelude::*;

/// One settlement.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = settlements, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct SettlementRow {
    /// Primary key.
    pub id: SettlementId,
    /// Its table.
    pub subject_table: String,
    /// Its key.
    pub subject_id: String,
    /// Digest of the row that was looked at.
    pub digest: String,
    /// What was found, and why it may stand.
    pub reason: Redacted,
    /// Who looked.
    pub settled_by: PersonId,
    /// When.
    pub settled_at: Moment,
}
record!(SettlementRow, settlements);

/// The newest settlements, newest first.
pub fn newest(connection: &mut Connection, limit: i64) -> Result<Vec<SettlementRow>, Error> {
    Ok(settlements::table
        .order(settlements::id.desc())
        .limit(limit)
        .select(SettlementRow::as_select())
        .load(connection)?)
}
