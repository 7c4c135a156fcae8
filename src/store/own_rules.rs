//! The organisation's own rules of redaction. Versions are never changed; the revision counts those of the whole set.

use super::record::record;
use super::schema::own_rules;
use super::{Connection, Error, Json};
use crate::domain::ids::OwnRuleId;
use crate::domain::moment::Moment;
use crate::domain::own_rule::OwnRule;
use crate::redaction::Redacted;
use diesel::dsl::max;
use diesel::prelude::*;

/// One version of a rule or an exception.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = own_rules, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct OwnRuleRow {
    /// Primary key.
    pub id: OwnRuleId,
    /// The rule's short name.
    pub name: String,
    /// Which version of it.
    pub version: i32,
    /// The revision of the whole set that begins with it.
    pub revision: i32,
    /// What it says.
    pub definition: Json<OwnRule>,
    /// Is it in force?
    pub active: bool,
    /// Why it was written, changed or switched.
    pub reason: Redacted,
    /// Who wrote it: an actor's reference.
    pub written_by: String,
    /// When.
    pub written_at: Moment,
}
record!(OwnRuleRow, own_rules);

/// The revision of the set: 0 while the organisation has no rules.
pub fn revision(connection: &mut Connection) -> Result<i32, Error> {
    let newest: Option<i32> = own_rules::table.select(max(own_rules::revision)).first(connection)?;
    Ok(newest.unwrap_or_default())
}

/// The newest version of each rule, by name.
pub fn newest(connection: &mut Connection) -> Result<Vec<OwnRuleRow>, Error> {
    let mut rows: Vec<OwnRuleRow> = own_rules::table
        .order((own_rules::name.asc(), own_rules::version.desc()))
        .select(OwnRuleRow::as_select())
        .load(connection)?;
    rows.dedup_by(|later, earlier| later.name == earlier.name);
    Ok(rows)
}

/// The versions of a rule, newest first.
pub fn versions(connection: &mut Connection, name: &str) -> Result<Vec<OwnRuleRow>, Error> {
    Ok(own_rules::table
        .filter(own_rules::name.eq(name))
        .order(own_rules::version.desc())
        .select(OwnRuleRow::as_select())
        .load(connection)?)
}
