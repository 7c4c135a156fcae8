//! What one file reveals is removed from the incident's other evidence and texts too; so is what other rules find, of the
//! organisation or of a newer version of Allclear.
//!
//! A job reads each sealed original again with all values known by now and the rules in force; a new version appears where that changes
//! anything. No bundle is built while this waits.

use super::active_rules::RuleSet;
use super::intake::{Redrawn, version_row};
use super::{Desk, Failure, reread_texts, rotate, write_entry};
use crate::domain::evidence::Media;
use crate::domain::ids::IncidentId;
use crate::domain::person::Actor;
use crate::domain::problem::Reason;
use crate::redaction::{Redacted, Redactor, in_order, texts_at_once};
use crate::store::evidence::{self, EvidenceRow, VersionRow};
use crate::store::incidents::{self, IncidentRow};
use crate::store::sites::SiteRow;
use crate::store::{Connection, Error, Tx, Verb, jobs, sites};
use crate::vault::Shelf;

/// The kind of job.
pub const JOB: &str = "reread_evidence";

/// Asks for the work, in the transaction that taught the incident something.
pub(super) fn ask(tx: &mut Tx, incident: &IncidentRow) -> Result<(), Error> {
    jobs::enqueue(tx, JOB, incident.id.as_str())
}

/// Is the work about to be done, and has nothing gone wrong with it?
pub(super) fn is_under_way(connection: &mut Connection, incident: &IncidentRow) -> Result<bool, Error> {
    Ok(jobs::waiting(connection, JOB, incident.id.as_str())?.is_some_and(|job| job.last_error.is_none()))
}

/// Why nothing leaves while the work is still to be done; what went wrong, where it was tried in vain.
pub(super) fn waiting_reason(connection: &mut Connection, incident: &IncidentRow) -> Result<Option<Reason>, Error> {
    let Some(job) = jobs::waiting(connection, JOB, incident.id.as_str())? else { return Ok(None) };
    let (message, who) = match job.last_error {
        Some(error) => (
            format!(
                "The evidence could not be read again for values that were found since: {error}. It is tried again by \
                 itself; whoever runs this server looks at its log and repairs what is named."
            ),
            "administrator",
        ),
        None => {
            let wait = "New evidence revealed values that are being removed from the rest. Try again in a moment.";
            (wait.to_owned(), "nobody")
        }
    };
    Ok(Some(Reason::new("evidence_being_reread", message, who)))
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reread {
    /// Files of which there is a new version.
    pub changed: i32,
    /// Values in bundles that must be rotated.
    pub flagged: i32,
}

/// An incident with its texts in their newest form.
struct Held {
    incident: IncidentRow,
    site: SiteRow,
    texts: Vec<(EvidenceRow, VersionRow)>,
}

impl Held {
    fn read(desk: &Desk, id: &IncidentId) -> Result<Self, Failure> {
        desk.read(|connection| {
            let incident = incidents::find(connection, id)?;
            let site = sites::find(connection, &incident.site_id)?;
            let mut texts = Vec::new();
            for row in evidence::of_incident(connection, id)? {
                if row.media == Media::Text
                    && let Some(version) = evidence::current_version(connection, &row)?
                {
                    texts.push((row, version));
                }
            }
            Ok(Self { incident, site, texts })
        })
    }
}

/// Does the work for one incident, and takes what was replaced out of the database's files.
pub fn run(desk: &Desk, incident: &str) -> Result<Reread, Failure> {
    let outcome = reread(desk, incident)?;
    desk.forget_overwritten()?;
    Ok(outcome)
}

/// Reads one incident again: with what it knows by now, and with the rules that are in force by now.
pub(super) fn reread(desk: &Desk, incident: &str) -> Result<Reread, Failure> {
    let actor = Actor::System("redaction");
    let id = IncidentId::from_text(incident);
    let rules = desk.refresh_rules()?;
    let is_older = |version: &VersionRow| version.rules_digest.as_deref() != Some(rules.digest());
    let mut held = Held::read(desk, &id)?;
    if held.texts.iter().any(|(_, version)| is_older(version)) {
        learn(desk, &actor, &held, &is_older)?;
        held = Held::read(desk, &id)?;
    }
    let Held { incident, site, texts } = held;
    let redactor = desk.redactor(&incident, &site)?;
    let outdated = |(_, version): &(EvidenceRow, VersionRow)| {
        version.known_generation < incident.known_generation || is_older(version)
    };
    let files: Vec<_> = texts.into_iter().filter(outdated).collect();
    let mut outcome =
        Reread { changed: reread_files(desk, &actor, &redactor, &incident, &files, &rules)?, ..Reread::default() };
    reread_texts::run(desk, &actor, &redactor, &incident)?;
    outcome.flagged = rotate::flag(desk, &incident, &site)?;
    Ok(outcome)
}

/// What newer rules find in older evidence is known to the incident from then on.
fn learn(desk: &Desk, actor: &Actor, held: &Held, is_older: &dyn Fn(&VersionRow) -> bool) -> Result<(), Failure> {
    let redactor = desk.redactor(&held.incident, &held.site)?;
    let mut known = desk.known_values(&held.incident)?;
    let mut news = 0;
    for (row, version) in held.texts.iter().filter(|(_, version)| is_older(version)) {
        let found = match (&row.sealed_file, &row.sealed_key) {
            (Some(file), Some(key)) => desk.discover_in(&redactor, file, key)?,
            _ => desk.discover_again(&redactor, &version.file)?,
        };
        news += known.merge(&found);
    }
    if news == 0 {
        return Ok(());
    }
    let wrapped = desk.wrap_known(&known)?;
    let (id, generation) = (held.incident.id.clone(), held.incident.known_generation);
    desk.write(actor, move |tx| {
        let mut incident = incidents::find(tx.connection(), &id)?;
        if incident.known_generation != generation {
            return Err(Failure::Stale);
        }
        incident.known_values = wrapped;
        incident.known_generation += 1;
        tx.update(Verb::Changed, &incident)?;
        Ok(())
    })
}

/// Reads files again, as many together as there are cores; says how many became other than they were.
fn reread_files(
    desk: &Desk,
    actor: &Actor,
    redactor: &Redactor,
    incident: &IncidentRow,
    files: &[(EvidenceRow, VersionRow)],
    rules: &RuleSet,
) -> Result<i32, Failure> {
    let redraw = |(row, version): &(EvidenceRow, VersionRow)| -> Result<Redrawn, Failure> {
        // An original that was shredded cannot be read again: its redacted form is read instead.
        let (blob, counts) = match (&row.sealed_file, &row.sealed_key) {
            (Some(file), Some(key)) => desk.redact_sealed(redactor, file, key)?,
            _ => desk.redact_again(redactor, &version.file)?,
        };
        Ok(Redrawn { blob, counts, generation: incident.known_generation, rules: rules.clone() })
    };
    let mut changed = 0;
    // All of them know the same values, so their order says nothing; after a failure no further ones are begun.
    for batch in files.chunks(texts_at_once()) {
        let mut failed = None;
        in_order(batch, redraw, |(row, version), redrawn| {
            let redrawn = redrawn.unwrap_or_else(|| Err(Failure::Broken("a file could not be read again".into())));
            match (redrawn, &failed) {
                (Ok(redrawn), None) => {
                    match keep(desk, actor, redactor, incident, row.clone(), version.clone(), redrawn) {
                        Ok(is_other) => changed += i32::from(is_other),
                        Err(failure) => failed = Some(failure),
                    }
                }
                // What was written beside a failure is named by no row.
                (Ok(redrawn), Some(_)) => desk.forget_files(None, Some(&redrawn.blob)),
                (Err(failure), _) => failed = failed.take().or(Some(failure)),
            }
        });
        if let Some(failure) = failed {
            return Err(failure);
        }
    }
    Ok(changed)
}

/// Writes the new version of a file, when it differs from the one before.
fn keep(
    desk: &Desk,
    actor: &Actor,
    redactor: &Redactor,
    incident: &IncidentRow,
    row: EvidenceRow,
    mut version: VersionRow,
    redrawn: Redrawn,
) -> Result<bool, Failure> {
    let name = redactor.text(row.name.as_str()).text;
    let changed = redrawn.blob.sha256 != version.sha256;
    // What is replaced holds what was to be removed: its row stays, its file goes.
    let outdated = if changed { version.file.clone() } else { redrawn.blob.file.clone() };
    let fresh = redrawn.blob.file.clone();
    let (id, number) = (row.id.clone(), row.current_version);
    let incident = incident.id.clone();
    let written = desk.write(actor, move |tx| {
        let mut row = evidence::find(tx.connection(), &id)?;
        if row.current_version != number {
            return Err(Failure::Stale);
        }
        let who = (Actor::System("redaction").reference(), "Allclear".to_owned());
        if changed {
            row.current_version += 1;
            let next = version_row(&row.id, row.current_version, &redrawn, tx.now());
            tx.insert(Verb::Redacted, &next)?;
            let words = Redacted::literal("Made a new redacted form of");
            write_entry::system(tx, &incident, &who, Redacted::join(&[words, name.clone()], " "))?;
        } else {
            version.known_generation = redrawn.generation;
            version.rules_revision = Some(redrawn.rules.revision);
            version.rules_digest = Some(redrawn.rules.digest().to_owned());
            tx.update(Verb::Redacted, &version)?;
        }
        if changed || row.name != name {
            row.name = name;
            tx.update(Verb::Redacted, &row)?;
        }
        Ok(())
    });
    if written.is_err() {
        let _ = desk.vault.remove(Shelf::Redacted, &fresh);
        return written.map(|()| changed);
    }
    desk.vault.remove(Shelf::Redacted, &outdated)?;
    Ok(changed)
}
