//! How often the gate of each automation was asked, and when last. Counted, not audited: a gate is asked before every run.

use super::schema::asks;
use super::{Connection, Error, Tx};
use crate::domain::ids::AutomationId;
use crate::domain::moment::Moment;
use diesel::prelude::*;

/// The asks of one automation.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = asks, treat_none_as_default_value = false)]
pub struct AsksRow {
    /// The automation.
    pub automation_id: AutomationId,
    /// How often, since it was registered.
    pub times: i64,
    /// When last.
    pub last_at: Moment,
}

/// The asks of an automation, as far as they were written down.
pub fn find(connection: &mut Connection, automation: &AutomationId) -> Result<Option<AsksRow>, Error> {
    Ok(asks::table.find(automation).select(AsksRow::as_select()).first(connection).optional()?)
}

/// The automations that have asked at all, as far as it was written down.
pub fn askers(connection: &mut Connection) -> Result<Vec<AutomationId>, Error> {
    Ok(asks::table.filter(asks::times.gt(0)).select(asks::automation_id).load(connection)?)
}

/// Adds asks that were counted since the last time.
pub fn add(tx: &mut Tx, more: &AsksRow) -> Result<(), Error> {
    let row = match find(tx.connection(), &more.automation_id)? {
        None => return Ok(diesel::insert_into(asks::table).values(more).execute(tx.connection()).map(drop)?),
        Some(row) => row,
    };
    diesel::update(asks::table.find(&more.automation_id))
        .set((asks::times.eq(row.times + more.times), asks::last_at.eq(row.last_at.max(more.last_at))))
        .execute(tx.connection())?;
    Ok(())
}
