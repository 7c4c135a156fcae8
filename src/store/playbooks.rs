//! Playbooks: their versions, the files they travel in, what an import still needs, and what was reported.

use super::record::record;
use super::schema::{
    playbook_exports, playbook_first_runs, playbook_flags, playbook_localisations, playbook_versions, playbooks,
};
use super::{Connection, Error, Json};
use crate::domain::ids::{
    FirstRunId, LocalisationId, PersonId, PlaybookExportId, PlaybookFlagId, PlaybookId, PlaybookVersionId, SiteId,
};
use crate::domain::moment::Moment;
use crate::domain::playbook::{FirstRunPlace, Local, Playbook, PlaybookState, Topic};
use crate::domain::run::RunOutcome;
use crate::redaction::Redacted;
use diesel::prelude::*;

/// A playbook on one site.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = playbooks, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PlaybookRow {
    /// Primary key.
    pub id: PlaybookId,
    /// Its site.
    pub site_id: SiteId,
    /// Who answers for it on this site.
    pub owner_id: Option<PersonId>,
    /// Where it stands.
    pub state: PlaybookState,
    /// The same for all that came from one playbook.
    pub provenance_id: String,
    /// Slug of the site that exported it.
    pub source_site: Option<Redacted>,
    /// Its version there.
    pub source_version: Option<i32>,
    /// Name of its owner there.
    pub source_owner: Option<Redacted>,
    /// When it was exported.
    pub exported_at: Option<String>,
    /// Key that signed its file.
    pub signed_by: Option<String>,
    /// SHA-256 of its file.
    pub file_sha256: Option<String>,
    /// Why it is in quarantine.
    pub quarantined_because: Option<String>,
    /// Which version.
    pub version: i32,
    /// Who brought it: an actor's reference.
    pub created_by: String,
    /// When.
    pub created_at: Moment,
    /// Who released it for production.
    pub released_by: Option<PersonId>,
    /// When.
    pub released_at: Option<Moment>,
}
record!(PlaybookRow, playbooks);

/// One version of its content; versions are never changed.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = playbook_versions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct VersionRow {
    /// Primary key.
    pub id: PlaybookVersionId,
    /// Which playbook.
    pub playbook_id: PlaybookId,
    /// Which version.
    pub version: i32,
    /// What it says.
    pub content: Json<Playbook<Redacted>>,
    /// Who wrote it: an actor's reference.
    pub written_by: String,
    /// When.
    pub written_at: Moment,
}
record!(VersionRow, playbook_versions);

/// A file that it left in.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = playbook_exports, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ExportRow {
    /// Primary key.
    pub id: PlaybookExportId,
    /// Which playbook.
    pub playbook_id: PlaybookId,
    /// Which version.
    pub version: i32,
    /// SHA-256 of the file.
    pub sha256: String,
    /// The file: built of redacted text, and refused on any finding.
    pub body: String,
    /// Who exported it.
    pub exported_by: PersonId,
    /// When it was exported.
    pub exported_at: Moment,
}
record!(ExportRow, playbook_exports);

/// An answer to one of the eight rows.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = playbook_localisations, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct LocalisationRow {
    /// Primary key.
    pub id: LocalisationId,
    /// Which playbook.
    pub playbook_id: PlaybookId,
    /// Which row.
    pub topic: Topic,
    /// How this site compares.
    pub answer: Local,
    /// What it is here.
    pub changed_to: Option<Redacted>,
    /// Who says so.
    pub answered_by: PersonId,
    /// When.
    pub answered_at: Moment,
}
record!(LocalisationRow, playbook_localisations);

/// A first run, on staging or read only.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = playbook_first_runs, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct FirstRunRow {
    /// Primary key.
    pub id: FirstRunId,
    /// Which playbook.
    pub playbook_id: PlaybookId,
    /// Which version.
    pub version: i32,
    /// Where.
    pub place: FirstRunPlace,
    /// How it went.
    pub outcome: RunOutcome,
    /// What happened.
    pub what: Redacted,
    /// Who recorded it.
    pub recorded_by: PersonId,
    /// When.
    pub recorded_at: Moment,
    /// What the review says; none: not reviewed.
    pub acceptable: Option<bool>,
    /// Why.
    pub review_note: Option<Redacted>,
    /// Who reviewed it: never who recorded it.
    pub reviewed_by: Option<PersonId>,
    /// When.
    pub reviewed_at: Option<Moment>,
}
record!(FirstRunRow, playbook_first_runs);

/// Something that was reported about it or one of its line.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = playbook_flags, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct FlagRow {
    /// Primary key.
    pub id: PlaybookFlagId,
    /// Which playbook.
    pub playbook_id: PlaybookId,
    /// The playbook on which it was found.
    pub found_on: PlaybookId,
    /// What was found.
    pub finding: Redacted,
    /// Who reported it.
    pub raised_by: PersonId,
    /// When.
    pub raised_at: Moment,
    /// Why it no longer stands.
    pub settled_because: Option<Redacted>,
    /// Who settled it.
    pub settled_by: Option<PersonId>,
    /// When.
    pub settled_at: Option<Moment>,
}
record!(FlagRow, playbook_flags);

/// The playbook with this id.
pub fn find(connection: &mut Connection, id: &PlaybookId) -> Result<PlaybookRow, Error> {
    Ok(playbooks::table.find(id).select(PlaybookRow::as_select()).first(connection)?)
}

/// Every playbook, newest first.
pub fn list(connection: &mut Connection) -> Result<Vec<PlaybookRow>, Error> {
    Ok(playbooks::table.order(playbooks::id.desc()).select(PlaybookRow::as_select()).load(connection)?)
}

/// All that came from one playbook, itself included.
pub fn of_provenance(connection: &mut Connection, provenance: &str) -> Result<Vec<PlaybookRow>, Error> {
    Ok(playbooks::table
        .filter(playbooks::provenance_id.eq(provenance))
        .order(playbooks::id.asc())
        .select(PlaybookRow::as_select())
        .load(connection)?)
}

/// The playbook that a file was imported as on a site before.
pub fn of_file(connection: &mut Connection, site: &SiteId, sha256: &str) -> Result<Option<PlaybookRow>, Error> {
    Ok(playbooks::table
        .filter(playbooks::site_id.eq(site).and(playbooks::file_sha256.eq(sha256)))
        .select(PlaybookRow::as_select())
        .first(connection)
        .optional()?)
}

/// The versions of a playbook, newest first.
pub fn versions(connection: &mut Connection, playbook: &PlaybookId) -> Result<Vec<VersionRow>, Error> {
    Ok(playbook_versions::table
        .filter(playbook_versions::playbook_id.eq(playbook))
        .order(playbook_versions::version.desc())
        .select(VersionRow::as_select())
        .load(connection)?)
}

/// What a playbook says now.
pub fn content(connection: &mut Connection, playbook: &PlaybookRow) -> Result<VersionRow, Error> {
    Ok(playbook_versions::table
        .filter(playbook_versions::playbook_id.eq(&playbook.id).and(playbook_versions::version.eq(playbook.version)))
        .select(VersionRow::as_select())
        .first(connection)?)
}

/// The export with this id.
pub fn find_export(connection: &mut Connection, id: &PlaybookExportId) -> Result<ExportRow, Error> {
    Ok(playbook_exports::table.find(id).select(ExportRow::as_select()).first(connection)?)
}

/// The exports of a playbook, newest first.
pub fn exports(connection: &mut Connection, playbook: &PlaybookId) -> Result<Vec<ExportRow>, Error> {
    Ok(playbook_exports::table
        .filter(playbook_exports::playbook_id.eq(playbook))
        .order(playbook_exports::id.desc())
        .select(ExportRow::as_select())
        .load(connection)?)
}

/// The answers to the eight rows, oldest first; the newest of a topic counts.
pub fn localisations(connection: &mut Connection, playbook: &PlaybookId) -> Result<Vec<LocalisationRow>, Error> {
    Ok(playbook_localisations::table
        .filter(playbook_localisations::playbook_id.eq(playbook))
        .order(playbook_localisations::id.asc())
        .select(LocalisationRow::as_select())
        .load(connection)?)
}

/// The first run with this id.
pub fn find_first_run(connection: &mut Connection, id: &FirstRunId) -> Result<FirstRunRow, Error> {
    Ok(playbook_first_runs::table.find(id).select(FirstRunRow::as_select()).first(connection)?)
}

/// The first runs of a playbook, oldest first.
pub fn first_runs(connection: &mut Connection, playbook: &PlaybookId) -> Result<Vec<FirstRunRow>, Error> {
    Ok(playbook_first_runs::table
        .filter(playbook_first_runs::playbook_id.eq(playbook))
        .order(playbook_first_runs::id.asc())
        .select(FirstRunRow::as_select())
        .load(connection)?)
}

/// The flag with this id.
pub fn find_flag(connection: &mut Connection, id: &PlaybookFlagId) -> Result<FlagRow, Error> {
    Ok(playbook_flags::table.find(id).select(FlagRow::as_select()).first(connection)?)
}

/// The flags of a playbook, oldest first.
pub fn flags(connection: &mut Connection, playbook: &PlaybookId) -> Result<Vec<FlagRow>, Error> {
    Ok(playbook_flags::table
        .filter(playbook_flags::playbook_id.eq(playbook))
        .order(playbook_flags::id.asc())
        .select(FlagRow::as_select())
        .load(connection)?)
}
