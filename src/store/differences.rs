//! Rows that were altered outside this program.

use super::record::record;
use super::schema::differences;
use super::{Connection, Error};
use crate::domain::ids::{AutomationId, DifferenceId};
use crate::domain::moment::Moment;
use diesel::prelude::*;

/// One altered row, and the automation whose gate rests on it.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = differences, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct DifferenceRow {
    /// Primary key.
    pub id: DifferenceId,
    /// Its table.
    pub subject_table: String,
    /// Its key.
    pub subject_id: String,
    /// The automation concerned; none: every automation.
    pub automation_id: Option<AutomationId>,
    /// When the audit chain was found to differ.
    pub found_at: Moment,
    /// When the row was found to agree again, or somebody settled it.
    pub settled_at: Option<Moment>,
}
record!(DifferenceRow, differences);

/// Every difference that is not settled, oldest first.
pub fn open(connection: &mut Connection) -> Result<Vec<DifferenceRow>, Error> {
    Ok(differences::table
        .filter(differences::settled_at.is_null())
        .order(differences::id.asc())
        .select(DifferenceRow::as_select())
        .load(connection)?)
}

/// The difference with this id.
pub fn find(connection: &mut Connection, id: &DifferenceId) -> Result<DifferenceRow, Error> {
    Ok(differences::table.find(id).select(DifferenceRow::as_select()).first(connection)?)
}
