//! Work over past evidence: a rule that is tried before it is saved, and evidence that is read again with newer rules.

use super::record::record;
use super::schema::{rule_previews, rule_rerun_progress, rule_reruns};
use super::{Connection, Error, Json, Tx};
use crate::domain::ids::{RulePreviewId, RuleRerunId};
use crate::domain::moment::Moment;
use crate::domain::own_rule::OwnRule;
use crate::redaction::Redacted;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

/// What a rule would do to one incident's evidence. Places and counts, never a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TriedIncident {
    /// The incident's reference.
    pub reference: String,
    /// Places that would newly go.
    pub goes: u64,
    /// Places that would newly stay.
    pub stays: u64,
    /// Its files in which something changes.
    pub files: Vec<TriedFile>,
}

/// The same for one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TriedFile {
    /// Its id.
    pub id: String,
    /// Its redacted name.
    pub name: Redacted,
    /// Places that would newly go.
    pub goes: u64,
    /// Places that would newly stay.
    pub stays: u64,
    /// The first lines in which something changes.
    pub lines: Vec<u64>,
    /// Was the original read? Of one that is shredded, the redacted form is.
    pub original: bool,
}

#[derive(Deserialize)]
pub(super) struct RawTriedIncident {
    reference: String,
    goes: u64,
    stays: u64,
    files: Vec<RawTriedFile>,
}

#[derive(Deserialize)]
struct RawTriedFile {
    id: String,
    name: String,
    goes: u64,
    stays: u64,
    lines: Vec<u64>,
    original: bool,
}

impl RawTriedIncident {
    pub(super) fn read_back(self) -> TriedIncident {
        let file = |file: RawTriedFile| TriedFile {
            id: file.id,
            name: Redacted::from_stored(file.name),
            goes: file.goes,
            stays: file.stays,
            lines: file.lines,
            original: file.original,
        };
        TriedIncident {
            reference: self.reference,
            goes: self.goes,
            stays: self.stays,
            files: self.files.into_iter().map(file).collect(),
        }
    }
}

/// A rule that is tried on past evidence before it is saved.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset)]
#[diesel(table_name = rule_previews, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PreviewRow {
    /// Primary key.
    pub id: RulePreviewId,
    /// The rule as it would be.
    pub definition: Json<OwnRule>,
    /// Who asked: an actor's reference.
    pub asked_by: String,
    /// When.
    pub asked_at: Moment,
    /// When it is forgotten.
    pub expires_at: Moment,
    /// The evidence that was read last; empty at first.
    pub last_seen: String,
    /// Files read.
    pub done: i32,
    /// Files to be read.
    pub total: i32,
    /// What would change.
    pub found: Json<Vec<TriedIncident>>,
    /// When all were read.
    pub finished_at: Option<Moment>,
}

/// Keeps a preview.
pub fn keep_preview(tx: &mut Tx, row: &PreviewRow) -> Result<(), Error> {
    diesel::insert_into(rule_previews::table).values(row).execute(tx.connection())?;
    Ok(())
}

/// Writes how far it is.
pub fn advance_preview(tx: &mut Tx, row: &PreviewRow) -> Result<(), Error> {
    diesel::update(rule_previews::table.find(&row.id)).set(row).execute(tx.connection())?;
    Ok(())
}

/// The preview with this id, if it is not forgotten.
pub fn find_preview(connection: &mut Connection, id: &RulePreviewId, now: Moment) -> Result<PreviewRow, Error> {
    Ok(rule_previews::table
        .find(id)
        .filter(rule_previews::expires_at.gt(now))
        .select(PreviewRow::as_select())
        .first(connection)?)
}

/// Those that are not forgotten, the newest first.
pub fn previews(connection: &mut Connection, now: Moment, limit: i64) -> Result<Vec<PreviewRow>, Error> {
    Ok(rule_previews::table
        .filter(rule_previews::expires_at.gt(now))
        .order(rule_previews::id.desc())
        .limit(limit)
        .select(PreviewRow::as_select())
        .load(connection)?)
}

/// Forgets those whose time is over.
pub fn forget_previews(tx: &mut Tx) -> Result<usize, Error> {
    let now = tx.now();
    Ok(diesel::delete(rule_previews::table.filter(rule_previews::expires_at.lt(now))).execute(tx.connection())?)
}

/// Past evidence that is read again.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, Serialize)]
#[diesel(table_name = rule_reruns, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct RerunRow {
    /// Primary key.
    pub id: RuleRerunId,
    /// The revision of the rules when it was asked for; it reads with those that are in force.
    pub revision: i32,
    /// Why.
    pub reason: Redacted,
    /// Who asked: an actor's reference.
    pub asked_by: String,
    /// When.
    pub asked_at: Moment,
    /// Incidents to be read.
    pub incidents: i32,
    /// Files of which there is a new version; counted at the end.
    pub changed: i32,
    /// Values in bundles that must be rotated; counted at the end.
    pub flagged: i32,
    /// When all were read.
    pub finished_at: Option<Moment>,
}
record!(RerunRow, rule_reruns);

/// How far it is.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = rule_rerun_progress, treat_none_as_default_value = false)]
pub struct ProgressRow {
    /// Of which one.
    pub rerun_id: RuleRerunId,
    /// The incident that was read last; empty at first.
    pub last_seen: String,
    /// Incidents read.
    pub done: i32,
    /// Files of which there is a new version.
    pub changed: i32,
    /// Values in bundles that must be rotated.
    pub flagged: i32,
    /// References of the incidents that could not be read.
    pub failed: Json<Vec<String>>,
}

/// The one with this id.
pub fn find_rerun(connection: &mut Connection, id: &RuleRerunId) -> Result<RerunRow, Error> {
    Ok(rule_reruns::table.find(id).select(RerunRow::as_select()).first(connection)?)
}

/// The newest ones.
pub fn newest_reruns(connection: &mut Connection, limit: i64) -> Result<Vec<RerunRow>, Error> {
    Ok(rule_reruns::table.order(rule_reruns::id.desc()).limit(limit).select(RerunRow::as_select()).load(connection)?)
}

/// How far one is.
pub fn progress(connection: &mut Connection, id: &RuleRerunId) -> Result<ProgressRow, Error> {
    Ok(rule_rerun_progress::table.find(id).select(ProgressRow::as_select()).first(connection)?)
}

/// Begins to count.
pub fn begin_progress(tx: &mut Tx, row: &ProgressRow) -> Result<(), Error> {
    diesel::insert_into(rule_rerun_progress::table).values(row).execute(tx.connection())?;
    Ok(())
}

/// Writes how far it is.
pub fn advance(tx: &mut Tx, row: &ProgressRow) -> Result<(), Error> {
    diesel::update(rule_rerun_progress::table.find(&row.rerun_id)).set(row).execute(tx.connection())?;
    Ok(())
}
