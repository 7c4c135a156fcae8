//! Time passes over assets by itself: ends and review dates come, and what was rejected is removed.

use super::asset_changes::ask_for_dated;
use super::assets::{forget, step};
use super::decide_asset::strip;
use super::notify::{self, News};
use super::{Desk, Failure, asset_standing};
use crate::domain::asset::{AssetState, AssetStep, past_end};
use crate::domain::cadence::NoticeKind;
use crate::domain::ids::AssetId;
use crate::domain::moment::Moment;
use crate::domain::person::Actor;
use crate::redaction::Redacted;
use crate::store::assets::{self, AssetRow};
use crate::store::{Tx, Verb};
use chrono::Duration;

/// The furthest that a site's calendar may be ahead of UTC, hours; days are compared in each site's own zone.
const AHEAD_HOURS: i64 = 14;

/// Makes a round; returns how many assets it changed.
pub fn round(desk: &Desk) -> Result<usize, Failure> {
    Ok(end(desk)? + remove_rejected(desk)?)
}

/// Expires what is past its end, and asks for the reviews whose date has passed.
fn end(desk: &Desk) -> Result<usize, Failure> {
    let now = desk.now();
    let furthest = now.plus(Duration::hours(AHEAD_HOURS)).day_in("UTC");
    let due: Vec<AssetId> = desk.read(|connection| {
        let mut due = Vec::new();
        for row in assets::ending_before(connection, &furthest)? {
            let today = asset_standing::today(connection, &row, now)?;
            let standing = asset_standing::of(connection, &row, now, &desk.limits)?;
            let waits = standing.reviews.iter().any(|review| review.reviewed_at.is_none() && !review.cause.is_change());
            if ended(&row, &today) || (row.review_on.as_deref().is_some_and(|day| day < today.as_str()) && !waits) {
                due.push(row.id);
            }
        }
        Ok(due)
    })?;
    for id in &due {
        let id = id.clone();
        desk.write(&Actor::System("calendar"), move |tx| {
            // Another node may have been faster.
            let row = assets::find(tx.connection(), &id)?;
            let today = asset_standing::today(tx.connection(), &row, now)?;
            end_one(tx, row, &today)
        })?;
    }
    Ok(due.len())
}

fn ended(row: &AssetRow, today: &str) -> bool {
    row.state == AssetState::Approved && past_end(row.expires_on.as_deref(), row.campaign_ends_on.as_deref(), today)
}

fn end_one(tx: &mut Tx, mut row: AssetRow, today: &str) -> Result<(), Failure> {
    let said = if ended(&row, today) {
        step(&mut row, AssetStep::Expire)?;
        tx.update(Verb::Ended, &row)?;
        "Its end has passed. Take it out of use: its page names where it stands."
    } else if ask_for_dated(tx, &row, today)? {
        "Its review date has passed. It must not be used again until somebody has reviewed it."
    } else {
        return Ok(());
    };
    let news = News {
        kind: NoticeKind::ReviewDue,
        subject: Redacted::join(&[Redacted::literal("Asset:"), row.name.clone()], " "),
        body: Redacted::literal(said),
        link: format!("/assets/{}", row.id),
    };
    let owner = row.owner_id.clone().filter(|_| asset_standing::owned(tx.connection(), &row).unwrap_or(false));
    match owner {
        Some(owner) => notify::tell(tx, &owner, &news),
        None => notify::tell_administrators(tx, &row.site_id, &news),
    }
}

/// Removes what was rejected long enough ago.
fn remove_rejected(desk: &Desk) -> Result<usize, Failure> {
    let until = desk.now().minus(Duration::days(desk.limits.asset_rejected_days));
    let due = desk.read(|connection| Ok(assets::rejected_until(connection, until)?))?;
    let mut removed = 0;
    for row in due {
        if remove(desk, row.id, until)? {
            let files: Vec<String> = [row.file, row.thumbnail].into_iter().flatten().collect();
            forget(desk, &files);
            removed += 1;
        }
    }
    Ok(removed)
}

fn remove(desk: &Desk, id: AssetId, until: Moment) -> Result<bool, Failure> {
    desk.write(&Actor::System("calendar"), move |tx| {
        let mut row = assets::find(tx.connection(), &id)?;
        // Somebody may have taken it up again meanwhile.
        let is_due = row.state == AssetState::Rejected && row.decided_at.is_some_and(|at| at <= until);
        if is_due {
            strip(tx, &mut row)?;
        }
        Ok(is_due)
    })
}
