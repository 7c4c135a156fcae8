//! What was decided about using assets again, what changed around them, and the reviews that they wait for.

use super::record::record;
use super::schema::{asset_changes, asset_reuse_decisions, asset_reviews};
use super::{Connection, Error};
use crate::domain::asset::{Answers, ReviewCause, ReviewOutcome};
use crate::domain::ids::{AssetChangeId, AssetId, AssetReviewId, PersonId, ReuseDecisionId, SiteId};
use crate::domain::moment::Moment;
use crate::redaction::Redacted;
use diesel::prelude::*;

/// A decision about using an asset again.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = asset_reuse_decisions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ReuseDecisionRow {
    /// Primary key.
    pub id: ReuseDecisionId,
    /// Which asset.
    pub asset_id: AssetId,
    /// Which edition of its record.
    pub edition: i32,
    /// It shows the product as it is sold now.
    pub product_accuracy: bool,
    /// Its campaign fits.
    pub campaign: bool,
    /// It fits the brand.
    pub brand_fit: bool,
    /// Licence and rights cover it.
    pub licence: bool,
    /// It implies nothing outdated.
    pub current_claims: bool,
    /// For which use, and what was looked at.
    pub note: Redacted,
    /// Who decided.
    pub decided_by: PersonId,
    /// When.
    pub decided_at: Moment,
}
record!(ReuseDecisionRow, asset_reuse_decisions);

impl ReuseDecisionRow {
    /// The five answers.
    pub fn answers(&self) -> Answers {
        Answers {
            product_accuracy: self.product_accuracy,
            campaign: self.campaign,
            brand_fit: self.brand_fit,
            licence: self.licence,
            current_claims: self.current_claims,
        }
    }
}

/// A change of offer, packaging, season or brand.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = asset_changes, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct AssetChangeRow {
    /// Primary key.
    pub id: AssetChangeId,
    /// What changed.
    pub kind: ReviewCause,
    /// On which site.
    pub site_id: SiteId,
    /// Only assets of this campaign are concerned.
    pub campaign: Option<Redacted>,
    /// Only assets of this set are concerned.
    pub asset_set: Option<Redacted>,
    /// What is known of it.
    pub note: Redacted,
    /// Who reported it: an actor's reference.
    pub reported_by: String,
    /// When.
    pub reported_at: Moment,
}
record!(AssetChangeRow, asset_changes);

/// A review that an asset waits for, or that was made.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = asset_reviews, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct AssetReviewRow {
    /// Primary key.
    pub id: AssetReviewId,
    /// Which asset.
    pub asset_id: AssetId,
    /// The change that asks for it; none: its review date passed.
    pub change_id: Option<AssetChangeId>,
    /// Why.
    pub cause: ReviewCause,
    /// When it was asked for.
    pub opened_at: Moment,
    /// What it found.
    pub outcome: Option<ReviewOutcome>,
    /// In words.
    pub note: Option<Redacted>,
    /// Who made it.
    pub reviewed_by: Option<PersonId>,
    /// When.
    pub reviewed_at: Option<Moment>,
}
record!(AssetReviewRow, asset_reviews);

/// The decisions about an asset, newest first.
pub fn decisions(connection: &mut Connection, asset: &AssetId) -> Result<Vec<ReuseDecisionRow>, Error> {
    Ok(asset_reuse_decisions::table
        .filter(asset_reuse_decisions::asset_id.eq(asset))
        .order(asset_reuse_decisions::id.desc())
        .select(ReuseDecisionRow::as_select())
        .load(connection)?)
}

/// The newest of them.
pub fn newest_decision(connection: &mut Connection, asset: &AssetId) -> Result<Option<ReuseDecisionRow>, Error> {
    Ok(asset_reuse_decisions::table
        .filter(asset_reuse_decisions::asset_id.eq(asset))
        .order(asset_reuse_decisions::id.desc())
        .select(ReuseDecisionRow::as_select())
        .first(connection)
        .optional()?)
}

/// Changes on these sites (none: on all), newest first, older than `before`, at most `limit`.
pub fn changes(
    connection: &mut Connection,
    sites: Option<&[SiteId]>,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<AssetChangeRow>, Error> {
    let mut query = asset_changes::table.select(AssetChangeRow::as_select()).into_boxed();
    if let Some(sites) = sites {
        query = query.filter(asset_changes::site_id.eq_any(sites.to_vec()));
    }
    if let Some(before) = before {
        query = query.filter(asset_changes::id.lt(before.to_owned()));
    }
    Ok(query.order(asset_changes::id.desc()).limit(limit).load(connection)?)
}

/// The change with this id.
pub fn find_change(connection: &mut Connection, id: &AssetChangeId) -> Result<AssetChangeRow, Error> {
    Ok(asset_changes::table.find(id).select(AssetChangeRow::as_select()).first(connection)?)
}

/// The assets that a change asks to review.
pub fn of_change(connection: &mut Connection, change: &AssetChangeId) -> Result<Vec<AssetReviewRow>, Error> {
    Ok(asset_reviews::table
        .filter(asset_reviews::change_id.eq(change))
        .order(asset_reviews::id.asc())
        .select(AssetReviewRow::as_select())
        .load(connection)?)
}

/// The review with this id.
pub fn find(connection: &mut Connection, id: &AssetReviewId) -> Result<AssetReviewRow, Error> {
    Ok(asset_reviews::table.find(id).select(AssetReviewRow::as_select()).first(connection)?)
}

/// The reviews of an asset, newest first.
pub fn of_asset(connection: &mut Connection, asset: &AssetId) -> Result<Vec<AssetReviewRow>, Error> {
    Ok(asset_reviews::table
        .filter(asset_reviews::asset_id.eq(asset))
        .order(asset_reviews::id.desc())
        .select(AssetReviewRow::as_select())
        .load(connection)?)
}
