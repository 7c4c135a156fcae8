//! How an asset stands: what its record lacks, what it waits for, and whether it may be used again. Gathered here, decided by
//! `domain::asset`.

use super::{Desk, Failure, Limits, keep_practice, sight};
use crate::domain::asset::{
    Approval, AssetState, DecisionFacts, Ground, Record, approval_reasons, missing, must_go, reuse_reasons,
};
use crate::domain::ids::{PersonId, SiteId};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::practice::SubjectKind;
use crate::domain::problem::Reason;
use crate::redaction::Redacted;
use crate::store::asset_reviews::{self, AssetReviewRow, ReuseDecisionRow};
use crate::store::assets::AssetRow;
use crate::store::{Connection, people, practices, sites};
use chrono::Duration;

/// The practice that assets are held against, once approved.
pub const PRACTICE: &str = "asset-lifecycle";

/// How an asset stands.
pub struct Standing {
    /// The day at its site.
    pub today: String,
    /// What its record lacks.
    pub missing: Vec<Reason>,
    /// Everything that keeps it from being approved now; empty unless it is a draft.
    pub unapproved: Vec<Reason>,
    /// Every reason why it must not be used again now.
    pub refusals: Vec<Reason>,
    /// Its reviews, newest first.
    pub reviews: Vec<AssetReviewRow>,
    /// The newest reuse decision.
    pub decision: Option<ReuseDecisionRow>,
    /// When that is too old to count.
    pub decision_until: Option<Moment>,
}

impl Standing {
    /// May it be used again now?
    pub fn reusable(&self) -> bool {
        self.refusals.is_empty()
    }

    /// Must it go from where it stands?
    pub fn must_go(&self, row: &AssetRow) -> bool {
        let open = self.reviews.iter().filter(|review| review.reviewed_at.is_none()).map(|review| review.cause);
        must_go(row.state, open, self.decision.as_ref().map(ReuseDecisionRow::answers).as_ref())
    }
}

fn text(text: &Option<Redacted>) -> Option<&str> {
    text.as_ref().map(Redacted::as_str)
}

/// The record as the rules see it.
pub fn record(row: &AssetRow, owned: bool) -> Record<'_> {
    Record {
        name: row.name.as_str(),
        alt_text: text(&row.alt_text),
        source_note: text(&row.source_note),
        rights_note: text(&row.rights_note),
        licence: text(&row.licence),
        owned,
        placement: text(&row.placement),
        campaign: text(&row.campaign),
        campaign_ends_on: row.campaign_ends_on.as_deref(),
        expires_on: row.expires_on.as_deref(),
        review_on: row.review_on.as_deref(),
    }
}

/// Does an active person of its site own it?
pub fn owned(connection: &mut Connection, row: &AssetRow) -> Result<bool, Failure> {
    let Some(owner) = &row.owner_id else { return Ok(false) };
    let person = sight::promised(people::find(connection, owner))?;
    Ok(person.active && Actor::Person(people::as_actor(connection, &person)?).may(Act::WriteAsset, &row.site_id))
}

/// The person with this address, if they are active and may own an asset on the site.
pub(super) fn owner_on(connection: &mut Connection, site: &SiteId, email: &str) -> Result<PersonId, Failure> {
    let person = people::by_email(connection, email.trim())?.filter(|person| person.active);
    if let Some(person) = person
        && Actor::Person(people::as_actor(connection, &person)?).may(Act::WriteAsset, site)
    {
        return Ok(person.id);
    }
    let message = "The owner must be an active person of this site (owner, support lead or administrator).";
    Err(Failure::field("owner", message))
}

/// The day at an asset's site.
pub fn today(connection: &mut Connection, row: &AssetRow, now: Moment) -> Result<String, Failure> {
    Ok(now.day_in(&sight::promised(sites::find(connection, &row.site_id))?.time_zone))
}

/// What its record lacks.
pub(super) fn missing_of(connection: &mut Connection, row: &AssetRow, now: Moment) -> Result<Vec<Reason>, Failure> {
    let owned = owned(connection, row)?;
    let today = today(connection, row, now)?;
    Ok(missing(&record(row, owned), &today))
}

/// Everything that keeps it from being approved.
pub(super) fn approval(connection: &mut Connection, row: &AssetRow, now: Moment) -> Result<Vec<Reason>, Failure> {
    let owned = owned(connection, row)?;
    let reviews = asset_reviews::of_asset(connection, &row.id)?;
    let approval = Approval {
        state: row.state,
        record: record(row, owned),
        prepared_by: &row.prepared_by,
        approvers: &approvers(connection, &row.site_id)?,
        open_reviews: reviews.iter().filter(|review| review.reviewed_at.is_none()).count(),
    };
    let today = today(connection, row, now)?;
    Ok(approval_reasons(&approval, &today))
}

/// The active people who may approve assets on a site.
fn approvers(connection: &mut Connection, site: &SiteId) -> Result<Vec<PersonId>, Failure> {
    let mut found = Vec::new();
    for person in people::list(connection)?.into_iter().filter(|person| person.active) {
        if Actor::Person(people::as_actor(connection, &person)?).may(Act::ApproveAsset, site) {
            found.push(person.id);
        }
    }
    Ok(found)
}

/// How an asset stands now.
pub fn of(connection: &mut Connection, row: &AssetRow, now: Moment, limits: &Limits) -> Result<Standing, Failure> {
    let reviews = asset_reviews::of_asset(connection, &row.id)?;
    let decision = asset_reviews::newest_decision(connection, &row.id)?;
    let decision_until =
        decision.as_ref().map(|decision| decision.decided_at.plus(Duration::days(limits.asset_reuse_days)));
    let owned = owned(connection, row)?;
    let today = today(connection, row, now)?;
    let ground = Ground {
        state: row.state,
        owned,
        expires_on: row.expires_on.as_deref(),
        campaign_ends_on: row.campaign_ends_on.as_deref(),
        review_on: row.review_on.as_deref(),
        open_reviews: reviews.iter().filter(|row| row.reviewed_at.is_none()).map(|row| row.cause).collect(),
        overdue_practice_reviews: overdue_practice_reviews(connection, row, now)?,
        last_change_at: reviews.iter().filter(|row| row.cause.is_change()).map(|row| row.opened_at).max(),
        decision: decision.as_ref().zip(decision_until).map(|(decision, counts_until)| DecisionFacts {
            answers: decision.answers(),
            of_this_edition: decision.edition == row.edition,
            decided_at: decision.decided_at,
            counts_until,
        }),
    };
    let refusals = reuse_reasons(&ground, &today, now);
    let unapproved = match row.state {
        AssetState::Draft => approval(connection, row, now)?,
        _ => Vec::new(),
    };
    let missing = missing(&record(row, owned), &today);
    Ok(Standing { missing, unapproved, refusals, today, reviews, decision, decision_until })
}

/// The same for whoever has a desk.
pub fn at_desk(desk: &Desk, connection: &mut Connection, row: &AssetRow) -> Result<Standing, Failure> {
    of(connection, row, desk.now(), &desk.limits)
}

/// Reviews that its practice asks for and that are overdue.
fn overdue_practice_reviews(connection: &mut Connection, row: &AssetRow, now: Moment) -> Result<usize, Failure> {
    let run = practices::run_of(connection, PRACTICE, SubjectKind::Asset, row.id.as_str())?;
    let Some(run) = run else { return Ok(0) };
    let reviews = practices::reviews(connection, &run.id)?;
    Ok(reviews.iter().filter(|review| keep_practice::is_overdue(review, now)).count())
}
