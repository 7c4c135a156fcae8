//! Drills: a switch was tried.

use super::record::record;
use super::schema::drills;
use super::{Connection, Error};
use crate::domain::gate::PauseTarget;
use crate::domain::ids::{DrillId, PersonId, SiteId};
use crate::domain::moment::Moment;
use crate::domain::switch::drill_worked;
use crate::redaction::Redacted;
use diesel::prelude::*;

/// One drill.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = drills, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct DrillRow {
    /// Primary key.
    pub id: DrillId,
    /// What kind of thing the switch covers.
    pub target_kind: PauseTarget,
    /// Which: an automation's id, a category's word, a site's id, or `all`.
    pub target: String,
    /// The site concerned, where it is one.
    pub site_id: Option<SiteId>,
    /// Who pressed it.
    pub held_by: PersonId,
    /// When.
    pub held_at: Moment,
    /// Automations that it covers.
    pub covered: i32,
    /// Of those, how many gates were seen to close.
    pub closed: i32,
    /// Milliseconds from the press until the last of them was closed.
    pub took_ms: i32,
    /// What somebody saw who tried it by hand; none: this program pressed it and looked itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed: Option<Redacted>,
}
record!(DrillRow, drills);

impl DrillRow {
    /// Did everything stop that it covers?
    pub fn worked(&self) -> bool {
        drill_worked(self.covered, self.closed)
    }
}

/// Every drill, newest first.
pub fn all(connection: &mut Connection) -> Result<Vec<DrillRow>, Error> {
    Ok(drills::table.order(drills::id.desc()).select(DrillRow::as_select()).load(connection)?)
}

/// The drills that a person held, oldest first.
pub fn held_by(connection: &mut Connection, person: &PersonId) -> Result<Vec<DrillRow>, Error> {
    Ok(drills::table
        .filter(drills::held_by.eq(person))
        .order(drills::id.asc())
        .select(DrillRow::as_select())
        .load(connection)?)
}
