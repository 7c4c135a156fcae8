//! An offer, packaging, season or brand changes: what is linked to it is blocked until somebody has reviewed it.

use super::assets::find;
use super::decide_asset::turn_down;
use super::pause::registry_redactor;
use super::{Answer, Desk, Failure, sight};
use crate::domain::asset::{AssetState, ReviewCause, ReviewOutcome};
use crate::domain::ids::{AssetChangeId, AssetReviewId};
use crate::domain::incident::{LINE_MAX, check_length, clean_line};
use crate::domain::moment::read_day;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::{FieldError, Reason};
use crate::domain::statement::statement;
use crate::redaction::Redacted;
use crate::store::asset_reviews::{self, AssetChangeRow, AssetReviewRow};
use crate::store::assets::{self, AssetRow};
use crate::store::{Connection, Tx, Verb};
use serde::Serialize;

/// A change as typed.
#[derive(Clone, Debug)]
pub struct NewAssetChange {
    /// What changed.
    pub kind: ReviewCause,
    /// Slug of the site.
    pub site: String,
    /// Only assets of this campaign.
    pub campaign: Option<String>,
    /// Only assets of this set.
    pub asset_set: Option<String>,
    /// What is known of it.
    pub note: String,
}

/// A change on record.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AssetChangeAnswer {
    /// Its id.
    pub id: String,
    /// Ids of the assets that wait for a review now.
    pub blocked: Vec<String>,
}

impl Answer for AssetChangeAnswer {}

/// A review after it was made.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AssetReviewed {
    /// Its id.
    pub id: String,
    /// The asset.
    pub asset: String,
    /// Where the asset stands now.
    pub state: AssetState,
}

impl Answer for AssetReviewed {}

/// Records a change and blocks what it concerns.
pub fn report(desk: &Desk, actor: &Actor, new: NewAssetChange) -> Result<AssetChangeAnswer, Failure> {
    desk.answered_before()?;
    let mut errors = Vec::new();
    if !new.kind.is_change() {
        errors.push(FieldError::new(
            "kind",
            "Say what changed: offer_change, packaging_change, season_change or brand_change.",
        ));
    }
    let note = statement("note", &new.note, "Say in a sentence what changed.", &mut errors);
    let redactor = registry_redactor(desk)?;
    let mut name = |field: &str, typed: Option<&str>| {
        let clean = typed.map(clean_line).filter(|text| !text.is_empty())?;
        check_length(field, &clean, LINE_MAX, &mut errors);
        Some(redactor.text(&clean).text)
    };
    let campaign = name("campaign", new.campaign.as_deref());
    let asset_set = name("asset_set", new.asset_set.as_deref());
    let site = match desk.read(|connection| sight::site(connection, actor, new.site.trim(), Act::ReportChange)) {
        Err(Failure::NotFound) => {
            errors.push(FieldError::new("site", "Name a site of yours by its slug."));
            None
        }
        other => Some(other?),
    };
    let Some(site) = site.filter(|_| errors.is_empty()) else { return Err(Failure::Invalid(errors)) };
    let row = AssetChangeRow {
        id: AssetChangeId::fresh(),
        kind: new.kind,
        site_id: site.id,
        campaign,
        asset_set,
        note: redactor.text(&note).text,
        reported_by: actor.reference(),
        reported_at: desk.now(),
    };
    let actor_copy = actor.clone();
    desk.answer(actor, move |tx| {
        super::keep_practice::on_site(&actor_copy, &row.site_id, Act::ReportChange)?;
        let row = AssetChangeRow { reported_at: tx.now(), ..row };
        tx.insert(Verb::Recorded, &row)?;
        let mut blocked = Vec::new();
        for asset in assets::present_on(tx.connection(), &row.site_id)?.iter().filter(|asset| concerns(&row, asset)) {
            ask(tx, asset, row.kind, Some(&row.id))?;
            blocked.push(asset.id.to_string());
        }
        Ok(AssetChangeAnswer { id: row.id.to_string(), blocked })
    })
}

/// Is an asset linked to what changed? Capital letters do not matter.
fn concerns(change: &AssetChangeRow, asset: &AssetRow) -> bool {
    let same = |wanted: &Option<Redacted>, has: &Option<Redacted>| match (wanted, has) {
        (None, _) => true,
        (Some(wanted), Some(has)) => wanted.as_str().to_lowercase() == has.as_str().to_lowercase(),
        (Some(_), None) => false,
    };
    same(&change.campaign, &asset.campaign) && same(&change.asset_set, &asset.asset_set)
}

/// Asks for a review of an asset; one that waits for the same cause is enough.
pub(super) fn ask(
    tx: &mut Tx,
    asset: &AssetRow,
    cause: ReviewCause,
    change: Option<&AssetChangeId>,
) -> Result<(), Failure> {
    let waits =
        |row: &AssetReviewRow| row.reviewed_at.is_none() && row.cause == cause && row.change_id.as_ref() == change;
    if asset_reviews::of_asset(tx.connection(), &asset.id)?.iter().any(waits) {
        return Ok(());
    }
    let row = AssetReviewRow {
        id: AssetReviewId::fresh(),
        asset_id: asset.id.clone(),
        change_id: change.cloned(),
        cause,
        opened_at: tx.now(),
        outcome: None,
        note: None,
        reviewed_by: None,
        reviewed_at: None,
    };
    Ok(tx.insert(Verb::Asked, &row)?)
}

/// The review with this id and its asset, for someone who may make it.
pub fn find_review(
    connection: &mut Connection,
    actor: &Actor,
    id: &str,
) -> Result<(AssetReviewRow, AssetRow), Failure> {
    let row = asset_reviews::find(connection, &AssetReviewId::from_text(id))?;
    let asset = find(connection, actor, row.asset_id.as_str(), Act::ApproveAsset)?;
    Ok((row, asset))
}

/// What a review says.
#[derive(Clone, Debug)]
pub struct AssetReview {
    /// What it found.
    pub outcome: Option<ReviewOutcome>,
    /// In words.
    pub note: String,
    /// The next review date, where the old one has passed.
    pub next_review_on: Option<String>,
}

/// Makes a review: the asset still fits, or it is rejected.
pub fn complete(desk: &Desk, actor: &Actor, id: &str, review: AssetReview) -> Result<AssetReviewed, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let (row, today) = desk.read(|connection| {
        let (row, asset) = find_review(connection, actor, id)?;
        let today = super::asset_standing::today(connection, &asset, desk.now())?;
        Ok((row, today))
    })?;
    let said = read(&row, review, &today)?;
    let id = row.id;
    let note = registry_redactor(desk)?.text(&said.note).text;
    let by = actor.reference();
    desk.answer(actor, move |tx| {
        let mut row = asset_reviews::find(tx.connection(), &id)?;
        if row.reviewed_at.is_some() {
            return Err(Failure::refused(Reason::new("done_already", "This review was made already.", "nobody")));
        }
        row.outcome = Some(said.outcome);
        row.note = Some(note.clone());
        row.reviewed_by = Some(person);
        row.reviewed_at = Some(tx.now());
        tx.update(Verb::Reviewed, &row)?;
        let mut asset = assets::find(tx.connection(), &row.asset_id)?;
        settle(tx, &mut asset, &row, said, note, &by)?;
        Ok(AssetReviewed { id: row.id.to_string(), asset: asset.id.to_string(), state: asset.state })
    })
}

struct Said {
    outcome: ReviewOutcome,
    note: String,
    next_review_on: Option<String>,
}

fn read(row: &AssetReviewRow, review: AssetReview, today: &str) -> Result<Said, Failure> {
    let mut errors = Vec::new();
    if review.outcome.is_none() {
        errors.push(FieldError::new("outcome", "Say what you found: still_fits or no_longer_fits."));
    }
    let note = statement("note", &review.note, "Say in a sentence what you looked at.", &mut errors);
    let typed = review.next_review_on.filter(|day| !day.trim().is_empty());
    let next_review_on = typed.as_deref().and_then(read_day);
    if typed.is_some() && next_review_on.is_none() {
        errors.push(FieldError::new("next_review_on", "Use a calendar day, like 2026-12-24."));
    } else if next_review_on.as_deref().is_some_and(|day| day <= today) {
        errors.push(FieldError::new("next_review_on", "Choose a day that is still to come."));
    }
    let asks = row.cause == ReviewCause::ReviewDate && review.outcome == Some(ReviewOutcome::StillFits);
    if asks && typed.is_none() {
        errors.push(FieldError::new("next_review_on", "Its review date has passed. Say when somebody looks again."));
    }
    match (review.outcome, errors.is_empty()) {
        (Some(outcome), true) => Ok(Said { outcome, note, next_review_on }),
        _ => Err(Failure::Invalid(errors)),
    }
}

fn settle(
    tx: &mut Tx,
    asset: &mut AssetRow,
    row: &AssetReviewRow,
    said: Said,
    note: Redacted,
    by: &str,
) -> Result<(), Failure> {
    match said.outcome {
        ReviewOutcome::StillFits => {
            if row.cause == ReviewCause::ReviewDate
                && said.next_review_on.is_some()
                && asset.review_on != said.next_review_on
            {
                asset.review_on = said.next_review_on;
                asset.version += 1;
                tx.update(Verb::Changed, asset)?;
            }
            Ok(())
        }
        // What is rejected or removed already is out of use as it is.
        ReviewOutcome::NoLongerFits if matches!(asset.state, AssetState::Rejected | AssetState::Removed) => Ok(()),
        ReviewOutcome::NoLongerFits => turn_down(tx, asset, by, note),
    }
}

/// Asks for the reviews of assets whose review date has passed.
pub(super) fn ask_for_dated(tx: &mut Tx, asset: &AssetRow, today: &str) -> Result<bool, Failure> {
    let passed = asset.state == AssetState::Approved && asset.review_on.as_deref().is_some_and(|day| day < today);
    if passed {
        ask(tx, asset, ReviewCause::ReviewDate, None)?;
    }
    Ok(passed)
}
