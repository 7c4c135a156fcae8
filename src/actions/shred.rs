//! Originals are short-lived: when their time is over they are shredded, and the values they revealed with the last.

use super::{Desk, Failure, write_entry};
use crate::domain::ids::EvidenceId;
use crate::domain::person::Actor;
use crate::redaction::Redacted;
use crate::store::{Verb, assets, bundles, evidence, incidents};
use crate::vault::Shelf;
use chrono::{DateTime, Duration, Utc};
use std::collections::HashSet;

/// Shreds the originals whose time is over; returns how many.
pub fn run(desk: &Desk) -> Result<usize, Failure> {
    let expired = desk.read(|connection| Ok(evidence::expired(connection, desk.now())?))?;
    let count = expired.len();
    for row in expired {
        shred(desk, row.id)?;
    }
    Ok(count)
}

/// The key goes first, with the row: from then on the file is noise, whatever becomes of it. Another node may have been
/// faster, and a rerun may have made a new redacted form meanwhile: the row is read where it is written.
fn shred(desk: &Desk, id: EvidenceId) -> Result<(), Failure> {
    let file = desk.write(&Actor::System("expiry"), move |tx| {
        let mut row = evidence::find(tx.connection(), &id)?;
        if row.shredded_at.is_some() {
            return Ok(None);
        }
        let file = row.sealed_file.take();
        row.sealed_key = None;
        row.shredded_at = Some(tx.now());
        tx.update(Verb::Shredded, &row)?;
        let who = (Actor::System("expiry").reference(), "Allclear".to_owned());
        let words = Redacted::join(&[Redacted::literal("Shredded the original of"), row.name.clone()], " ");
        write_entry::system(tx, &row.incident_id, &who, words)?;
        let rest = evidence::of_incident(tx.connection(), &row.incident_id)?;
        if rest.iter().all(|other| other.shredded_at.is_some()) {
            let mut incident = incidents::find(tx.connection(), &row.incident_id)?;
            incident.known_values = None;
            tx.update(Verb::Shredded, &incident)?;
        }
        Ok(file)
    })?;
    match file {
        Some(file) => Ok(desk.vault.remove(Shelf::Sealed, &file)?),
        None => Ok(()),
    }
}

/// How old a file without a row must be before it is swept: an upload in progress names its files at its end.
const ORPHAN_AGE_HOURS: i64 = 6;

/// Removes files that no row names: a server was killed between writing them and naming them.
pub fn sweep(desk: &Desk) -> Result<usize, Failure> {
    let (sealed, redacted) = desk.read(|connection| Ok(evidence::known_files(connection)?))?;
    let pictures = desk.read(|connection| Ok(assets::known_files(connection)?))?;
    let bundles = desk.read(|connection| Ok(bundles::known_files(connection)?))?;
    let mut swept = 0;
    let shelves =
        [(Shelf::Sealed, sealed), (Shelf::Redacted, redacted), (Shelf::Assets, pictures), (Shelf::Bundles, bundles)];
    for (shelf, known) in shelves {
        let known: HashSet<String> = known.into_iter().collect();
        for file in desk.vault.files(shelf)? {
            if !known.contains(&file) && is_old(desk, shelf, &file) {
                desk.vault.remove(shelf, &file)?;
                swept += 1;
            }
        }
    }
    Ok(swept)
}

fn is_old(desk: &Desk, shelf: Shelf, file: &str) -> bool {
    let modified = desk.vault.path(shelf, file).ok().and_then(|path| path.metadata().ok()?.modified().ok());
    modified.is_some_and(|at| desk.now().utc() - DateTime::<Utc>::from(at) > Duration::hours(ORPHAN_AGE_HOURS))
}
