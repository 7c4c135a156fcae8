//! Approving, rejecting and removing an asset.

use super::asset_standing::{self, PRACTICE};
use super::assets::{AssetAnswer, answer, find, forget, step};
use super::{Desk, Failure, keep_practice, sight};
use crate::domain::asset::AssetStep;
use crate::domain::person::{Act, Actor};
use crate::domain::practice::SubjectKind;
use crate::domain::statement::only_statement;
use crate::redaction::Redacted;
use crate::store::assets::AssetRow;
use crate::store::{Tx, Verb};

/// Approves an asset: somebody who neither brought it in, nor changed its record, nor ever owned it.
///
/// # Errors
/// Everything that is missing, at once.
pub fn approve(desk: &Desk, actor: &Actor, id: &str, expected: Option<i32>) -> Result<AssetAnswer, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let (id, actor_copy) = (id.to_owned(), actor.clone());
    desk.answer(actor, move |tx| {
        let mut row = find(tx.connection(), &actor_copy, &id, Act::ApproveAsset)?;
        if expected.is_some_and(|expected| expected != row.version) {
            return Err(Failure::Stale);
        }
        if row.prepared_by.contains(&person) {
            let why = "Somebody else approves it: you brought it in, changed its record or owned it.";
            return Err(Failure::Forbidden(why.into()));
        }
        let now = tx.now();
        let reasons = asset_standing::approval(tx.connection(), &row, now)?;
        if !reasons.is_empty() {
            return Err(Failure::Refused(reasons));
        }
        step(&mut row, AssetStep::Approve)?;
        row.decided_by = Some(actor_copy.reference());
        row.decided_at = Some(now);
        tx.update(Verb::Approved, &row)?;
        keep_practice::open_in(
            tx,
            &actor_copy.reference(),
            PRACTICE,
            SubjectKind::Asset,
            row.id.as_str(),
            &row.site_id,
        )?;
        answer(tx, &row)
    })
}

/// Why, in a sentence.
fn because(desk: &Desk, reason: &str) -> Result<Redacted, Failure> {
    let reason = only_statement("reason", reason, "Say in a sentence why.")?;
    Ok(super::pause::registry_redactor(desk)?.text(&reason).text)
}

/// Rejects an asset: a variation that is not taken, or one that no longer fits. It is removed on schedule.
pub fn reject(desk: &Desk, actor: &Actor, id: &str, reason: &str) -> Result<AssetAnswer, Failure> {
    desk.answered_before()?;
    sight::person_id(actor)?;
    desk.read(|connection| find(connection, actor, id, Act::ApproveAsset))?;
    let reason = because(desk, reason)?;
    let (id, actor_copy) = (id.to_owned(), actor.clone());
    desk.answer(actor, move |tx| {
        let mut row = find(tx.connection(), &actor_copy, &id, Act::ApproveAsset)?;
        turn_down(tx, &mut row, &actor_copy.reference(), reason)?;
        answer(tx, &row)
    })
}

/// The same inside another act.
pub(super) fn turn_down(tx: &mut Tx, row: &mut AssetRow, by: &str, because: Redacted) -> Result<(), Failure> {
    step(row, AssetStep::Reject)?;
    row.decided_by = Some(by.to_owned());
    row.decided_at = Some(tx.now());
    row.decided_because = Some(because);
    Ok(tx.update(Verb::Declined, row)?)
}

/// Removes an asset's bytes now; its row and hash stay.
pub fn remove(desk: &Desk, actor: &Actor, id: &str, reason: &str) -> Result<AssetAnswer, Failure> {
    desk.answered_before()?;
    sight::person_id(actor)?;
    desk.read(|connection| find(connection, actor, id, Act::ApproveAsset))?;
    let reason = because(desk, reason)?;
    let (named, actor_copy) = (id.to_owned(), actor.clone());
    let row = desk.read(|connection| find(connection, actor, id, Act::ApproveAsset))?;
    let done = desk.answer(actor, move |tx| {
        let mut row = find(tx.connection(), &actor_copy, &named, Act::ApproveAsset)?;
        row.decided_by = Some(actor_copy.reference());
        row.decided_at = Some(tx.now());
        row.decided_because = Some(reason);
        strip(tx, &mut row)?;
        answer(tx, &row)
    })?;
    let files: Vec<String> = [row.file, row.thumbnail].into_iter().flatten().collect();
    forget(desk, &files);
    Ok(done)
}

/// The row lets go of its files first: from then on nothing leads to them, whatever becomes of them.
pub(super) fn strip(tx: &mut Tx, row: &mut AssetRow) -> Result<(), Failure> {
    step(row, AssetStep::Remove)?;
    (row.file, row.thumbnail) = (None, None);
    row.removed_at = Some(tx.now());
    Ok(tx.update(Verb::Shredded, row)?)
}
