//! Assets as the API shows them.

use crate::actions::asset_standing::{self, Standing};
use crate::actions::{Desk, Failure, sight};
use crate::domain::asset::{Answers, AssetState, ReviewCause, ReviewOutcome};
use crate::domain::problem::Reason;
use crate::redaction::Redacted;
use crate::store::asset_reviews::{AssetReviewRow, ReuseDecisionRow};
use crate::store::assets::{self, AssetRow, PlacementRow};
use crate::store::{Connection, asset_reviews, sites};
use crate::web::api::PersonNamed;
use serde::Serialize;
use utoipa::ToSchema;

/// An asset in a list.
#[derive(Serialize, ToSchema)]
pub(in crate::web) struct AssetLine {
    id: String,
    /// Slug of its site.
    site: String,
    name: Redacted,
    alt_text: Option<Redacted>,
    asset_set: Option<Redacted>,
    campaign: Option<Redacted>,
    state: AssetState,
    sha256: String,
    /// The days on which it ends, or is looked at again.
    expires_on: Option<String>,
    review_on: Option<String>,
    added_at: String,
    /// May it be used again now?
    reusable: bool,
}

impl AssetLine {
    pub(in crate::web) fn of(connection: &mut Connection, row: AssetRow, standing: &Standing) -> Result<Self, Failure> {
        Ok(Self {
            id: row.id.to_string(),
            site: sight::promised(sites::find(connection, &row.site_id))?.slug,
            name: row.name,
            alt_text: row.alt_text,
            asset_set: row.asset_set,
            campaign: row.campaign,
            state: row.state,
            sha256: row.sha256,
            expires_on: row.expires_on,
            review_on: row.review_on,
            added_at: row.added_at.rfc3339(),
            reusable: standing.reusable(),
        })
    }
}

/// An asset.
#[derive(Serialize, ToSchema)]
#[schema(as = Asset)]
pub(in crate::web) struct AssetShown {
    id: String,
    /// Slug of its site.
    site: String,
    /// File name.
    name: Redacted,
    asset_set: Option<Redacted>,
    alt_text: Option<Redacted>,
    source_note: Option<Redacted>,
    rights_note: Option<Redacted>,
    licence: Option<Redacted>,
    owner: Option<PersonNamed>,
    placement: Option<Redacted>,
    campaign: Option<Redacted>,
    campaign_ends_on: Option<String>,
    expires_on: Option<String>,
    review_on: Option<String>,
    state: AssetState,
    /// Bytes of the picture that is kept.
    size: i64,
    /// SHA-256 of it.
    sha256: String,
    /// SHA-256 of the file as it came in.
    original_sha256: String,
    width: i32,
    height: i32,
    pub(in crate::web) version: i32,
    added_at: String,
    decided_at: Option<String>,
    /// Why it was rejected or removed.
    decided_because: Option<Redacted>,
    removed_at: Option<String>,
    /// What its record lacks.
    missing: Vec<Reason>,
    /// What keeps a draft from being approved.
    unapproved: Vec<Reason>,
    /// May it be used again now?
    reusable: bool,
    /// Why not.
    reasons: Vec<Reason>,
    /// Must it go from where it stands?
    must_go: bool,
    placements: Vec<PlacementShown>,
    reviews: Vec<AssetReviewShown>,
    decisions: Vec<ReuseDecisionShown>,
}

/// Where an asset stands or stood.
#[derive(Serialize, ToSchema)]
#[schema(as = AssetPlacement)]
pub(in crate::web) struct PlacementShown {
    id: String,
    asset: String,
    place: Redacted,
    noted_by: PersonNamed,
    noted_at: String,
    cleaned_link: Option<Redacted>,
    cleaned_by: Option<PersonNamed>,
    cleaned_at: Option<String>,
}

impl PlacementShown {
    pub(in crate::web) fn of(connection: &mut Connection, row: PlacementRow) -> Result<Self, Failure> {
        Ok(Self {
            id: row.id.to_string(),
            asset: row.asset_id.to_string(),
            place: row.place,
            noted_by: PersonNamed::of(connection, &row.noted_by)?,
            noted_at: row.noted_at.rfc3339(),
            cleaned_link: row.cleaned_link,
            cleaned_by: PersonNamed::maybe(connection, row.cleaned_by.as_ref())?,
            cleaned_at: row.cleaned_at.map(|at| at.rfc3339()),
        })
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = AssetReview)]
struct AssetReviewShown {
    id: String,
    cause: ReviewCause,
    /// Id of the change that asks for it.
    change: Option<String>,
    opened_at: String,
    outcome: Option<ReviewOutcome>,
    note: Option<Redacted>,
    reviewed_by: Option<PersonNamed>,
    reviewed_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AssetReuseDecision)]
struct ReuseDecisionShown {
    id: String,
    answers: Answers,
    note: Redacted,
    decided_by: PersonNamed,
    decided_at: String,
    /// Was it made for the record as it is now?
    of_this_record: bool,
}

/// An asset with everything about it.
pub(super) fn show(desk: &Desk, connection: &mut Connection, row: AssetRow) -> Result<AssetShown, Failure> {
    let standing = asset_standing::at_desk(desk, connection, &row)?;
    let must_go = standing.must_go(&row);
    let mut placements = Vec::new();
    for placement in assets::placements(connection, &row.id)? {
        placements.push(PlacementShown::of(connection, placement)?);
    }
    let mut decisions = Vec::new();
    for decision in asset_reviews::decisions(connection, &row.id)? {
        decisions.push(decision_shown(connection, decision, row.edition)?);
    }
    let reusable = standing.reusable();
    let mut reviews = Vec::new();
    for review in standing.reviews {
        reviews.push(review_shown(connection, review)?);
    }
    Ok(AssetShown {
        id: row.id.to_string(),
        site: sight::promised(sites::find(connection, &row.site_id))?.slug,
        owner: PersonNamed::maybe(connection, row.owner_id.as_ref())?,
        name: row.name,
        asset_set: row.asset_set,
        alt_text: row.alt_text,
        source_note: row.source_note,
        rights_note: row.rights_note,
        licence: row.licence,
        placement: row.placement,
        campaign: row.campaign,
        campaign_ends_on: row.campaign_ends_on,
        expires_on: row.expires_on,
        review_on: row.review_on,
        state: row.state,
        size: row.size,
        sha256: row.sha256,
        original_sha256: row.original_sha256,
        width: row.width,
        height: row.height,
        version: row.version,
        added_at: row.added_at.rfc3339(),
        decided_at: row.decided_at.map(|at| at.rfc3339()),
        decided_because: row.decided_because,
        removed_at: row.removed_at.map(|at| at.rfc3339()),
        missing: standing.missing,
        unapproved: standing.unapproved,
        reusable,
        reasons: standing.refusals,
        must_go,
        placements,
        reviews,
        decisions,
    })
}

fn review_shown(connection: &mut Connection, row: AssetReviewRow) -> Result<AssetReviewShown, Failure> {
    Ok(AssetReviewShown {
        id: row.id.to_string(),
        cause: row.cause,
        change: row.change_id.map(|id| id.to_string()),
        opened_at: row.opened_at.rfc3339(),
        outcome: row.outcome,
        note: row.note,
        reviewed_by: PersonNamed::maybe(connection, row.reviewed_by.as_ref())?,
        reviewed_at: row.reviewed_at.map(|at| at.rfc3339()),
    })
}

fn decision_shown(
    connection: &mut Connection,
    row: ReuseDecisionRow,
    edition: i32,
) -> Result<ReuseDecisionShown, Failure> {
    Ok(ReuseDecisionShown {
        id: row.id.to_string(),
        answers: row.answers(),
        decided_by: PersonNamed::of(connection, &row.decided_by)?,
        decided_at: row.decided_at.rfc3339(),
        of_this_record: row.edition == edition,
        note: row.note,
    })
}

/// The name under which the picture is fetched: what is kept is a PNG, whatever came in.
pub(in crate::web) fn png_name(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    format!("{stem}.png")
}
