//! Generated assets and where they stand.

use super::record::record;
use super::schema::{asset_placements, assets};
use super::{Connection, Error, Json};
use crate::domain::asset::AssetState;
use crate::domain::ids::{AssetId, PersonId, PlacementId, SiteId};
use crate::domain::moment::Moment;
use crate::redaction::Redacted;
use diesel::prelude::*;

/// An asset.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = assets, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct AssetRow {
    /// Primary key.
    pub id: AssetId,
    /// Its site.
    pub site_id: SiteId,
    /// File name, as it was called where it came from.
    pub name: Redacted,
    /// The set of variations that it belongs to.
    pub asset_set: Option<Redacted>,
    /// What people read who do not see it.
    pub alt_text: Option<Redacted>,
    /// The prompt, or where it comes from.
    pub source_note: Option<Redacted>,
    /// What the review of its rights found.
    pub rights_note: Option<Redacted>,
    /// The licence under which it is used.
    pub licence: Option<Redacted>,
    /// Who answers for it.
    pub owner_id: Option<PersonId>,
    /// Where it is meant to stand.
    pub placement: Option<Redacted>,
    /// Its campaign, or `none`.
    pub campaign: Option<Redacted>,
    /// The campaign's last day, `2026-12-24`.
    pub campaign_ends_on: Option<String>,
    /// Its own last day.
    pub expires_on: Option<String>,
    /// The day on which somebody looks at it again.
    pub review_on: Option<String>,
    /// Where it stands.
    pub state: AssetState,
    /// File on the shelf of assets; none once it is removed.
    pub file: Option<String>,
    /// A small form of it there.
    pub thumbnail: Option<String>,
    /// Bytes of the file that is kept.
    pub size: i64,
    /// SHA-256 of the file that is kept: its pixels, without what else came with them.
    pub sha256: String,
    /// SHA-256 of the file as it came in, to tell it in a media library.
    pub original_sha256: String,
    /// Pixels from left to right.
    pub width: i32,
    /// Pixels from top to bottom.
    pub height: i32,
    /// Counts changes, for ETags.
    pub version: i32,
    /// Counts changes of the record.
    pub edition: i32,
    /// Everybody who brought it in, changed its record or owned it.
    pub prepared_by: Json<Vec<PersonId>>,
    /// Who brought it in: an actor's reference.
    pub added_by: String,
    /// When.
    pub added_at: Moment,
    /// Who approved or rejected it: an actor's reference.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Moment>,
    /// Why it was rejected or removed.
    pub decided_because: Option<Redacted>,
    /// When its bytes were removed.
    pub removed_at: Option<Moment>,
}
record!(AssetRow, assets);

/// A place where an asset stands.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = asset_placements, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PlacementRow {
    /// Primary key.
    pub id: PlacementId,
    /// Which asset.
    pub asset_id: AssetId,
    /// Where: an address, or words.
    pub place: Redacted,
    /// Who noted it.
    pub noted_by: PersonId,
    /// When.
    pub noted_at: Moment,
    /// What shows that it no longer stands there.
    pub cleaned_link: Option<Redacted>,
    /// Who cleaned it.
    pub cleaned_by: Option<PersonId>,
    /// When.
    pub cleaned_at: Option<Moment>,
}
record!(PlacementRow, asset_placements);

/// Which assets are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only on these sites; none: on all.
    pub sites: Option<Vec<SiteId>>,
    /// Only on this one.
    pub site: Option<SiteId>,
    /// Only in this state.
    pub state: Option<AssetState>,
    /// Only of this campaign.
    pub campaign: Option<Redacted>,
    /// Only of this set.
    pub asset_set: Option<Redacted>,
    /// Older than this one.
    pub before: Option<AssetId>,
    /// Newer than this one: the ones just newer.
    pub after: Option<AssetId>,
}

/// The asset with this id.
pub fn find(connection: &mut Connection, id: &AssetId) -> Result<AssetRow, Error> {
    Ok(assets::table.find(id).select(AssetRow::as_select()).first(connection)?)
}

/// The assets that pass the filter, newest first, at most `limit`.
pub fn list(connection: &mut Connection, filter: &Filter, limit: i64) -> Result<Vec<AssetRow>, Error> {
    let mut query = assets::table.select(AssetRow::as_select()).into_boxed();
    if let Some(sites) = &filter.sites {
        query = query.filter(assets::site_id.eq_any(sites.clone()));
    }
    if let Some(site) = &filter.site {
        query = query.filter(assets::site_id.eq(site.clone()));
    }
    if let Some(state) = filter.state {
        query = query.filter(assets::state.eq(state));
    }
    if let Some(campaign) = &filter.campaign {
        query = query.filter(assets::campaign.eq(campaign.clone()));
    }
    if let Some(set) = &filter.asset_set {
        query = query.filter(assets::asset_set.eq(set.clone()));
    }
    if let Some(before) = &filter.before {
        query = query.filter(assets::id.lt(before.clone()));
    }
    if let Some(after) = &filter.after {
        let newer = query.filter(assets::id.gt(after.clone())).order(assets::id.asc()).limit(limit);
        let mut rows: Vec<AssetRow> = newer.load(connection)?;
        rows.reverse();
        return Ok(rows);
    }
    Ok(query.order(assets::id.desc()).limit(limit).load(connection)?)
}

/// The assets of a site that are not removed, oldest first.
pub fn present_on(connection: &mut Connection, site: &SiteId) -> Result<Vec<AssetRow>, Error> {
    Ok(assets::table
        .filter(assets::site_id.eq(site).and(assets::state.ne(AssetState::Removed)))
        .order(assets::id.asc())
        .select(AssetRow::as_select())
        .load(connection)?)
}

/// Approved assets of which an end or a review date lies before `day`.
pub fn ending_before(connection: &mut Connection, day: &str) -> Result<Vec<AssetRow>, Error> {
    let day = day.to_owned();
    let passes =
        (assets::expires_on.lt(day.clone()).or(assets::campaign_ends_on.lt(day.clone()))).or(assets::review_on.lt(day));
    Ok(assets::table
        .filter(assets::state.eq(AssetState::Approved).and(passes))
        .order(assets::id.asc())
        .select(AssetRow::as_select())
        .load(connection)?)
}

/// Rejected assets whose bytes are still there, rejected at or before a moment.
pub fn rejected_until(connection: &mut Connection, until: Moment) -> Result<Vec<AssetRow>, Error> {
    Ok(assets::table
        .filter(assets::state.eq(AssetState::Rejected).and(assets::decided_at.le(until)))
        .order(assets::id.asc())
        .select(AssetRow::as_select())
        .load(connection)?)
}

/// Every campaign and every set that assets of these sites name; none: of all sites.
pub fn names(connection: &mut Connection, sites: Option<&[SiteId]>) -> Result<(Vec<Redacted>, Vec<Redacted>), Error> {
    let mut campaigns = assets::table.select(assets::campaign).distinct().into_boxed();
    let mut sets = assets::table.select(assets::asset_set).distinct().into_boxed();
    if let Some(sites) = sites {
        campaigns = campaigns.filter(assets::site_id.eq_any(sites.to_vec()));
        sets = sets.filter(assets::site_id.eq_any(sites.to_vec()));
    }
    let campaigns: Vec<Option<Redacted>> = campaigns.order(assets::campaign.asc()).load(connection)?;
    let sets: Vec<Option<Redacted>> = sets.order(assets::asset_set.asc()).load(connection)?;
    Ok((campaigns.into_iter().flatten().collect(), sets.into_iter().flatten().collect()))
}

/// Every file that is in use on the shelf of assets.
pub fn known_files(connection: &mut Connection) -> Result<Vec<String>, Error> {
    let both: Vec<(Option<String>, Option<String>)> =
        assets::table.select((assets::file, assets::thumbnail)).load(connection)?;
    Ok(both.into_iter().flat_map(|(file, thumbnail)| [file, thumbnail]).flatten().collect())
}

/// The placement with this id.
pub fn find_placement(connection: &mut Connection, id: &PlacementId) -> Result<PlacementRow, Error> {
    Ok(asset_placements::table.find(id).select(PlacementRow::as_select()).first(connection)?)
}

/// Where an asset stands or stood, oldest first.
pub fn placements(connection: &mut Connection, asset: &AssetId) -> Result<Vec<PlacementRow>, Error> {
    Ok(asset_placements::table
        .filter(asset_placements::asset_id.eq(asset))
        .order(asset_placements::id.asc())
        .select(PlacementRow::as_select())
        .load(connection)?)
}

/// Placements that nobody has cleaned, newest first, with their assets; on these sites, or on all.
pub fn open_placements(
    connection: &mut Connection,
    sites: Option<&[SiteId]>,
) -> Result<Vec<(PlacementRow, AssetRow)>, Error> {
    let mut query = asset_placements::table
        .inner_join(assets::table.on(assets::id.eq(asset_placements::asset_id)))
        .filter(asset_placements::cleaned_at.is_null())
        .select((PlacementRow::as_select(), AssetRow::as_select()))
        .into_boxed();
    if let Some(sites) = sites {
        query = query.filter(assets::site_id.eq_any(sites.to_vec()));
    }
    Ok(query.order(asset_placements::id.desc()).load(connection)?)
}
