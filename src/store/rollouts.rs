//! Roll-outs of sites, roles that were given without training, and how a site was set up.

use super::record::record;
use super::schema::{diagnostics_downloads, readiness_proofs, rollouts, setups, waivers};
use super::{Connection, Error, Json};
use crate::domain::ids::{DownloadId, GrantId, PersonId, ReadinessProofId, RolloutId, SetupId, SiteId, WaiverId};
use crate::domain::moment::Moment;
use crate::domain::operator::{ReadinessItem, SetupRecord};
use crate::domain::person::Role;
use crate::redaction::Redacted;
use diesel::prelude::*;

/// The roll-out of a site has begun: from then on roles there ask for training.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = rollouts, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct RolloutRow {
    /// Primary key.
    pub id: RolloutId,
    /// On which site.
    pub site_id: SiteId,
    /// Who started it: an actor's reference.
    pub started_by: String,
    /// When.
    pub started_at: Moment,
}
record!(RolloutRow, rollouts);

/// A role that the installer gave without training.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = waivers, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct WaiverRow {
    /// Primary key.
    pub id: WaiverId,
    /// The role as it was given.
    pub grant_id: GrantId,
    /// Who.
    pub person_id: PersonId,
    /// For which role.
    pub role: Role,
    /// On which site; none: on every site.
    pub site_id: Option<SiteId>,
    /// What was lacking: codes of reasons.
    pub lacked: String,
    /// Who gave it: an actor's reference.
    pub granted_by: String,
    /// When.
    pub granted_at: Moment,
    /// What was said of it.
    pub note: Option<Redacted>,
    /// The administrator who has taken note.
    pub acknowledged_by: Option<PersonId>,
    /// When.
    pub acknowledged_at: Option<Moment>,
}
record!(WaiverRow, waivers);

/// What shows that a part of a site's set-up works.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = readiness_proofs, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ProofRow {
    /// Primary key.
    pub id: ReadinessProofId,
    /// On which site.
    pub site_id: SiteId,
    /// Which part.
    pub item: ReadinessItem,
    /// What can be looked up.
    pub reference: Redacted,
    /// What was done and what came of it.
    pub evidence: Redacted,
    /// Who showed it.
    pub shown_by: PersonId,
    /// When.
    pub shown_at: Moment,
}
record!(ProofRow, readiness_proofs);

/// The set-up of a site, written down by one administrator and repeated by another.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = setups, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct SetupRow {
    /// Primary key.
    pub id: SetupId,
    /// On which site.
    pub site_id: SiteId,
    /// What the site's record said then.
    pub record: Json<SetupRecord>,
    /// The steps that lead there.
    pub steps: Redacted,
    /// Who wrote it down.
    pub recorded_by: PersonId,
    /// When.
    pub recorded_at: Moment,
    /// What the second administrator found while repeating it.
    pub repeated: Option<Redacted>,
    /// Who repeated it.
    pub signed_by: Option<PersonId>,
    /// When.
    pub signed_at: Option<Moment>,
}
record!(SetupRow, setups);

/// Somebody fetched a site's diagnostics.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = diagnostics_downloads, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct DownloadRow {
    /// Primary key.
    pub id: DownloadId,
    /// On which site.
    pub site_id: SiteId,
    /// Who.
    pub person_id: PersonId,
    /// SHA-256 of the file.
    pub sha256: String,
    /// When.
    pub fetched_at: Moment,
}
record!(DownloadRow, diagnostics_downloads);

/// Every roll-out, oldest first.
pub fn all(connection: &mut Connection) -> Result<Vec<RolloutRow>, Error> {
    Ok(rollouts::table.order(rollouts::id.asc()).select(RolloutRow::as_select()).load(connection)?)
}

/// The roll-out of a site, if it has begun.
pub fn of_site(connection: &mut Connection, site: &SiteId) -> Result<Option<RolloutRow>, Error> {
    Ok(rollouts::table
        .filter(rollouts::site_id.eq(site))
        .select(RolloutRow::as_select())
        .first(connection)
        .optional()?)
}

/// The waiver with this id.
pub fn find_waiver(connection: &mut Connection, id: &WaiverId) -> Result<WaiverRow, Error> {
    Ok(waivers::table.find(id).select(WaiverRow::as_select()).first(connection)?)
}

/// Every waiver, newest first.
pub fn waivers(connection: &mut Connection) -> Result<Vec<WaiverRow>, Error> {
    Ok(waivers::table.order(waivers::id.desc()).select(WaiverRow::as_select()).load(connection)?)
}

/// Waivers of which no administrator has taken note, oldest first.
pub fn open_waivers(connection: &mut Connection) -> Result<Vec<WaiverRow>, Error> {
    Ok(waivers::table
        .filter(waivers::acknowledged_at.is_null())
        .order(waivers::id.asc())
        .select(WaiverRow::as_select())
        .load(connection)?)
}

/// What was shown about a site, newest first.
pub fn proofs(connection: &mut Connection, site: &SiteId) -> Result<Vec<ProofRow>, Error> {
    Ok(readiness_proofs::table
        .filter(readiness_proofs::site_id.eq(site))
        .order(readiness_proofs::id.desc())
        .select(ProofRow::as_select())
        .load(connection)?)
}

/// The set-ups of a site as they were written down, newest first.
pub fn setups(connection: &mut Connection, site: &SiteId) -> Result<Vec<SetupRow>, Error> {
    Ok(setups::table
        .filter(setups::site_id.eq(site))
        .order(setups::id.desc())
        .select(SetupRow::as_select())
        .load(connection)?)
}

/// The set-up with this id.
pub fn find_setup(connection: &mut Connection, id: &SetupId) -> Result<SetupRow, Error> {
    Ok(setups::table.find(id).select(SetupRow::as_select()).first(connection)?)
}

/// What diagnostics of a site were fetched, oldest first.
pub fn downloads(connection: &mut Connection, site: &SiteId) -> Result<Vec<DownloadRow>, Error> {
    Ok(diagnostics_downloads::table
        .filter(diagnostics_downloads::site_id.eq(site))
        .order(diagnostics_downloads::id.asc())
        .select(DownloadRow::as_select())
        .load(connection)?)
}

/// The diagnostics that a person fetched, oldest first.
pub fn downloads_of(connection: &mut Connection, person: &PersonId) -> Result<Vec<DownloadRow>, Error> {
    Ok(diagnostics_downloads::table
        .filter(diagnostics_downloads::person_id.eq(person))
        .order(diagnostics_downloads::id.asc())
        .select(DownloadRow::as_select())
        .load(connection)?)
}
