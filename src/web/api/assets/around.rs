//! What happens around assets: changes that ask for reviews, and the places where they stand.

use super::shown::PlacementShown;
use crate::actions::asset_changes::{self, AssetReview, NewAssetChange};
use crate::actions::{Failure, asset_placements, assets as acts, sight};
use crate::domain::asset::{ReviewCause, ReviewOutcome};
use crate::domain::ids::SiteId;
use crate::domain::person::Act;
use crate::redaction::Redacted;
use crate::store::asset_reviews::{self, AssetChangeRow};
use crate::store::{Connection, sites};
use crate::web::State;
use crate::web::api::found;
use crate::web::api::{ListQuery, Listing, act_once, json, json_or_nothing, needed, page_of, word};
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/v1/asset-changes`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct AssetChangeBody {
    /// offer_change, packaging_change, season_change or brand_change.
    kind: Option<String>,
    /// Slug of the site.
    site: Option<String>,
    /// Only assets of this campaign are concerned.
    campaign: Option<String>,
    /// Only assets of this set are concerned.
    asset_set: Option<String>,
    /// What is known of it.
    note: Option<String>,
}

/// Body of `POST /api/v1/asset-reviews/{id}/completion`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct AssetReviewBody {
    /// still_fits or no_longer_fits.
    outcome: Option<String>,
    /// What was looked at.
    note: Option<String>,
    /// Where a review date has passed: the next one.
    next_review_on: Option<String>,
}

/// Body of `POST /api/v1/assets/{id}/placements`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct PlacementBody {
    /// Where it stands: an address, or words.
    place: Option<String>,
}

/// Body of `POST /api/v1/asset-placements/{id}/cleaning`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct CleaningBody {
    /// What shows that it no longer stands there.
    link: Option<String>,
}

/// A change on record.
#[derive(Serialize, ToSchema)]
#[schema(as = AssetChange)]
pub(in crate::web) struct AssetChangeShown {
    id: String,
    kind: ReviewCause,
    /// Slug of the site.
    site: String,
    campaign: Option<Redacted>,
    asset_set: Option<Redacted>,
    note: Redacted,
    reported_at: String,
    /// Ids of the assets that it asked to review.
    assets: Vec<String>,
    /// How many of them still wait.
    waiting: usize,
}

fn show_change(connection: &mut Connection, row: AssetChangeRow) -> Result<AssetChangeShown, Failure> {
    let reviews = asset_reviews::of_change(connection, &row.id)?;
    Ok(AssetChangeShown {
        id: row.id.to_string(),
        kind: row.kind,
        site: sight::promised(sites::find(connection, &row.site_id))?.slug,
        campaign: row.campaign,
        asset_set: row.asset_set,
        note: row.note,
        reported_at: row.reported_at.rfc3339(),
        waiting: reviews.iter().filter(|review| review.reviewed_at.is_none()).count(),
        assets: reviews.into_iter().map(|review| review.asset_id.to_string()).collect(),
    })
}

/// `GET /api/v1/asset-changes`: those of the asker's sites.
pub(in crate::web) async fn changes(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &["site"])?;
    query.check_id_cursor()?;
    found(&state, move |desk| {
        sight::somewhere(&bearer.0, Act::ReadRegistry)?;
        desk.read(|connection| {
            let on: Option<Vec<SiteId>> = match query.filter("site") {
                Some(slug) => Some(vec![sight::site(connection, &bearer.0, slug, Act::ReadRegistry)?.id]),
                None => bearer.0.sites_for(Act::ReadRegistry),
            };
            let more = i64::try_from(query.limit() + 1).unwrap_or(i64::MAX);
            let rows = asset_reviews::changes(connection, on.as_deref(), query.cursor(), more)?;
            let id = |row: &AssetChangeRow| row.id.to_string();
            Listing::tried(rows, query.limit(), id, |row| show_change(connection, row))
        })
    })
    .await
}

/// `POST /api/v1/asset-changes`: answers with what it blocked.
pub(in crate::web) async fn report(
    state: web::Data<State>,
    bearer: Bearer,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 201, |desk, actor, body| {
        sight::somewhere(actor, Act::ReportChange)?;
        let body: AssetChangeBody = json(body)?;
        let mut errors = Vec::new();
        let kind = word::<ReviewCause>("kind", body.kind.as_deref(), &mut errors);
        let words: Vec<&str> = ReviewCause::changes().into_iter().map(ReviewCause::as_str).collect();
        let kind = needed("kind", kind, &format!("Say what changed: {}.", words.join(", ")), &mut errors);
        let site = needed("site", body.site, "Name its site by the slug.", &mut errors);
        let note = needed("note", body.note, "Say in a sentence what changed.", &mut errors);
        let (Some(kind), Some(site), Some(note)) = (kind, site, note) else { return Err(Failure::Invalid(errors)) };
        let new = NewAssetChange { kind, site, campaign: body.campaign, asset_set: body.asset_set, note };
        asset_changes::report(desk, actor, new)
    })
    .await
}

/// `POST /api/v1/asset-reviews/{id}/completion`.
pub(in crate::web) async fn complete_review(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 200, move |desk, actor, body| {
        desk.read(|connection| asset_changes::find_review(connection, actor, &id))?;
        let body: AssetReviewBody = json_or_nothing(body)?;
        let mut errors = Vec::new();
        let outcome = word::<ReviewOutcome>("outcome", body.outcome.as_deref(), &mut errors);
        if !errors.is_empty() {
            return Err(Failure::Invalid(errors));
        }
        let review = AssetReview { outcome, note: body.note.unwrap_or_default(), next_review_on: body.next_review_on };
        asset_changes::complete(desk, actor, &id, review)
    })
    .await
}

/// `GET /api/v1/asset-placements`: from where assets must go.
pub(in crate::web) async fn to_clean(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &["site"])?;
    query.check_id_cursor()?;
    found(&state, move |desk| {
        sight::somewhere(&bearer.0, Act::ReadRegistry)?;
        desk.read(|connection| {
            let mut rows = asset_placements::to_clean(desk, connection, &bearer.0)?;
            if let Some(slug) = query.filter("site") {
                let site = sight::site(connection, &bearer.0, slug, Act::ReadRegistry)?;
                rows.retain(|(_, asset)| asset.site_id == site.id);
            }
            let rows: Vec<_> = rows.into_iter().map(|(placement, _)| placement).collect();
            let id = |row: &crate::store::assets::PlacementRow| row.id.to_string();
            let rows = page_of(rows, &query, id);
            Listing::tried(rows, query.limit(), id, |row| PlacementShown::of(connection, row))
        })
    })
    .await
}

/// `POST /api/v1/assets/{id}/placements`.
pub(in crate::web) async fn note(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 201, move |desk, actor, body| {
        desk.read(|connection| acts::find(connection, actor, &id, Act::WriteAsset))?;
        let body: PlacementBody = json_or_nothing(body)?;
        asset_placements::note(desk, actor, &id, &body.place.unwrap_or_default())
    })
    .await
}

/// `POST /api/v1/asset-placements/{id}/cleaning`.
pub(in crate::web) async fn clean(
    state: web::Data<State>,
    bearer: Bearer,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    act_once(&state, bearer, key, body, 200, move |desk, actor, body| {
        desk.read(|connection| asset_placements::find(connection, actor, &id))?;
        let body: CleaningBody = json_or_nothing(body)?;
        asset_placements::clean(desk, actor, &id, &body.link.unwrap_or_default())
    })
    .await
}
