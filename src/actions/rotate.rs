//! "Rotate this": a bundle that was built carries a value which a later rule, or later evidence, shows to be a secret.
//!
//! The bundle cannot be taken back. It is read once more for the values that the incident knows by now; what stands there is
//! written down by rule and place, never by value, until somebody has rotated it.

use super::build_bundle::scan_in_windows;
use super::{Answer, Desk, Failure, lift_alarm, reread_evidence, sight, write_entry};
use crate::bundle::{self, SignatureCheck};
use crate::domain::ids::{BundleId, RotationId};
use crate::domain::person::{Act, Actor};
use crate::domain::problem::Reason;
use crate::domain::statement::only_statement;
use crate::redaction::Redacted;
use crate::redaction::scan::{Alarm, Scanner};
use crate::store::bundles::BundleRow;
use crate::store::incidents::{self, IncidentRow};
use crate::store::rotations::{self, RotationRow};
use crate::store::sites::SiteRow;
use crate::store::{Connection, Verb, alarms, bundles, evidence};
use crate::vault::Shelf;
use serde::Serialize;

/// A rotation that was answered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Rotated {
    /// Its id.
    pub id: String,
    /// The incident.
    pub incident: String,
}

impl Answer for Rotated {}

/// Reads the incident's bundles for what it knows by now; returns how many values are new there.
pub(super) fn flag(desk: &Desk, incident: &IncidentRow, site: &SiteRow) -> Result<i32, Failure> {
    let known = desk.known_values(incident)?;
    let built = desk.read(|connection| Ok(bundles::of_incident(connection, &incident.id)?))?;
    if known.is_empty() || built.is_empty() {
        return Ok(0);
    }
    let (lifted, allowed, flagged) = desk.read(|connection| {
        let lifted = alarms::of_incident(connection, &incident.id)?;
        let lifted: Vec<String> =
            lifted.into_iter().filter(lift_alarm::is_lifted).map(|alarm| alarm.fingerprint).collect();
        Ok((lifted, allowed(connection, incident, site)?, rotations::of_incident(connection, &incident.id)?))
    })?;
    let scanner = Scanner::for_values_only(desk.rules(), desk.incident_key(&incident.secret_key)?)
        .with_known(&known)
        .allowing(&allowed)
        .lifting(&lifted);
    let mut fresh: Vec<RotationRow> = Vec::new();
    for bundle in built {
        for alarm in scan(desk, &scanner, &bundle)? {
            let is_same = |row: &RotationRow| row.bundle_id == bundle.id && row.fingerprint == alarm.fingerprint;
            if !alarm.lifted && !flagged.iter().chain(&fresh).any(is_same) {
                fresh.push(row_of(desk, incident, &bundle, alarm));
            }
        }
    }
    let count = i32::try_from(fresh.len()).unwrap_or(i32::MAX);
    if count > 0 {
        write(desk, incident, fresh)?;
    }
    Ok(count)
}

fn write(desk: &Desk, incident: &IncidentRow, fresh: Vec<RotationRow>) -> Result<(), Failure> {
    let id = incident.id.clone();
    desk.write(&Actor::System("redaction"), move |tx| {
        let known = rotations::of_incident(tx.connection(), &id)?;
        let is_known = |row: &&RotationRow| {
            known.iter().any(|old| old.bundle_id == row.bundle_id && old.fingerprint == row.fingerprint)
        };
        for row in fresh.iter().filter(|row| !is_known(row)) {
            tx.insert(Verb::Flagged, row)?;
        }
        let who = (Actor::System("redaction").reference(), "Allclear".to_owned());
        let words = "A bundle that was built carries a value that is known to be a secret only now: rotate it.";
        write_entry::system(tx, &id, &who, Redacted::literal(words))
    })
}

/// Why a bundle does not leave: a value in it is known to be a secret, or what was learned last is still being looked for.
pub(super) fn holding_back(
    connection: &mut Connection,
    incident: &IncidentRow,
    bundle: &BundleId,
) -> Result<Vec<Reason>, Failure> {
    let mut reasons = Vec::new();
    // A value that was replaced meanwhile stands there all the same, and who reads it learns how secrets look here.
    if rotations::in_bundle(connection, bundle)? {
        let message = "This bundle carries a value that is known to be a secret by now. Build a new bundle and escalate that one.";
        reasons.push(Reason::new(TO_ROTATE, message, "support_lead"));
    }
    reasons.extend(reread_evidence::waiting_reason(connection, incident)?);
    Ok(reasons)
}

/// The reason that does not pass: a bundle is never changed.
pub(super) const TO_ROTATE: &str = "bundle_to_rotate";

/// What the second scan let pass when the bundle was built.
fn allowed(connection: &mut Connection, incident: &IncidentRow, site: &SiteRow) -> Result<Vec<String>, Failure> {
    let mut allowed = vec![site.production_url.clone(), incident.reference.clone()];
    allowed.extend(site.staging_url.clone());
    for row in evidence::of_incident(connection, &incident.id)? {
        allowed.extend(evidence::versions(connection, &row.id)?.into_iter().map(|version| version.sha256));
    }
    Ok(allowed)
}

fn scan(desk: &Desk, scanner: &Scanner, bundle: &BundleRow) -> Result<Vec<Alarm>, Failure> {
    let file = desk.vault.read(Shelf::Bundles, &bundle.file)?;
    let mut found = Vec::new();
    let read = bundle::verify(file, |_, _, _| SignatureCheck::Known, &mut |path, member| {
        let alarms = scan_in_windows(scanner, path, member).map_err(|e| std::io::Error::other(e.to_string()))?;
        found.extend(alarms);
        Ok(Vec::new())
    });
    read.map_err(|why| Failure::Broken(format!("the bundle {} cannot be read: {why}", bundle.id)))?;
    Ok(found)
}

fn row_of(desk: &Desk, incident: &IncidentRow, bundle: &BundleRow, alarm: Alarm) -> RotationRow {
    RotationRow {
        id: RotationId::fresh(),
        incident_id: incident.id.clone(),
        bundle_id: bundle.id.clone(),
        rule: alarm.rule,
        place: format!("{}, line {}, column {}", alarm.member, alarm.line, alarm.column),
        fingerprint: alarm.fingerprint,
        found_at: desk.now(),
        note: None,
        rotated_by: None,
        rotated_at: None,
    }
}

/// Says that the value was rotated, or why it need not be.
pub fn complete(desk: &Desk, actor: &Actor, id: &str, note: &str) -> Result<Rotated, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let id = RotationId::from_text(id);
    let case = desk.read(|connection| find(connection, actor, &id))?.0;
    let ask = "Say in a sentence what was done: which key was replaced, who was told.";
    let note = only_statement("note", note, ask)?;
    let note = desk.redactor(&case.incident, &case.site)?.text(&note).text;
    let (who, actor_copy) = ((actor.reference(), actor.name()), actor.clone());
    desk.answer(actor, move |tx| {
        let (case, mut row) = find(tx.connection(), &actor_copy, &id)?;
        if row.rotated_at.is_some() {
            return Err(Failure::refused(Reason::new("done_already", "This was answered already.", "nobody")));
        }
        row.note = Some(note.clone());
        row.rotated_by = Some(person);
        row.rotated_at = Some(tx.now());
        tx.update(Verb::Settled, &row)?;
        let words = Redacted::join(&[Redacted::literal("Rotated what a bundle carries:"), note], " ");
        write_entry::system(tx, &case.incident.id, &who, words)?;
        Ok(Rotated { id: row.id.to_string(), incident: case.incident.reference })
    })
}

/// The incident whose bundle it is, for somebody who may answer it.
pub fn of(connection: &mut Connection, actor: &Actor, id: &str) -> Result<String, Failure> {
    Ok(find(connection, actor, &RotationId::from_text(id))?.0.incident.reference)
}

fn find(connection: &mut Connection, actor: &Actor, id: &RotationId) -> Result<(sight::Case, RotationRow), Failure> {
    let row = rotations::find(connection, id)?;
    let incident = sight::promised(incidents::find(connection, &row.incident_id))?;
    Ok((sight::of_incident(connection, actor, incident, Act::WorkIncident)?, row))
}
