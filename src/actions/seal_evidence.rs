//! Sealing evidence: the original is encrypted while it streams in, its redacted form appears at once.

use super::active_rules::RuleSet;
use super::intake::{Arrived, Redrawn, insert_evidence};
use super::{Answer, Desk, Failure, reread_evidence, sight, write_entry};
use crate::domain::evidence::Media;
use crate::domain::incident::{LINE_MAX, check_length, clean_line};
use crate::domain::person::{Act, Actor};
use crate::redaction::{KnownValues, Redacted};
use crate::store::incidents::{self, IncidentRow};
use crate::store::{Verb, own_rules};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::Read;

/// A sealed piece of evidence.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SealedEvidence {
    /// Its id.
    pub id: String,
    /// Its name, redacted.
    pub name: Redacted,
    /// What it is.
    pub media: Media,
    /// Was it sealed? False: nothing of it is kept but its name, and `warning` says why and what to do.
    pub kept: bool,
    /// Bytes of the redacted form.
    pub size: u64,
    /// SHA-256 of the redacted form; empty when nothing was kept.
    pub sha256: String,
    /// Removals per rule.
    pub findings: BTreeMap<String, u64>,
    /// Why nothing was kept, if so.
    pub warning: Option<String>,
}

impl Answer for SealedEvidence {
    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/evidence/{}", self.id))
    }
}

/// How often redaction is begun again because another upload taught the incident new values meanwhile.
const ROUNDS: usize = 20;

/// Streams `input` in. When it breaks off, is too large or the server dies, nothing remains.
pub fn run(
    desk: &Desk,
    actor: &Actor,
    reference: &str,
    name: &str,
    input: &mut dyn Read,
) -> Result<SealedEvidence, Failure> {
    run_from(desk, actor, reference, name, "", input)
}

/// The same, with a line that says where the file comes from.
pub fn run_from(
    desk: &Desk,
    actor: &Actor,
    reference: &str,
    name: &str,
    source: &str,
    input: &mut dyn Read,
) -> Result<SealedEvidence, Failure> {
    desk.answered_before()?;
    let source = clean_line(source);
    let mut errors = Vec::new();
    check_length("note", &source, LINE_MAX, &mut errors);
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    let case = desk.read(|connection| sight::case(connection, actor, reference, Act::SealEvidence))?;
    let mut input = Hashing { input, hasher: Sha256::new(), size: 0 };
    let mut arrived = desk.take_in(name, &mut input)?;
    desk.body_was(&input.identity(name));
    let outcome = desk.answered_before().and_then(|()| settle(desk, actor, case, &source, &mut arrived));
    if outcome.is_err() {
        desk.forget_files(arrived.sealed.as_ref(), None);
    }
    outcome
}

/// What is said of a file beyond the limit, in bytes.
pub fn too_large(most: u64) -> Failure {
    Failure::TooLarge(format!(
        "The file is larger than {most} bytes. Cut out the time around the incident, or ask the administrator to raise ALLCLEAR_UPLOAD_BYTES."
    ))
}

/// Hashes an upload on its way in: by name, length and hash a repeated request is told from another one.
struct Hashing<'i> {
    input: &'i mut dyn Read,
    hasher: Sha256,
    size: u64,
}

impl Hashing<'_> {
    fn identity(self, name: &str) -> Vec<u8> {
        format!("{}\n{}\n{name}", self.size, hex::encode(self.hasher.finalize())).into_bytes()
    }
}

impl Read for Hashing<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(out)?;
        self.hasher.update(&out[..read]);
        self.size += read as u64;
        Ok(read)
    }
}

fn settle(
    desk: &Desk,
    actor: &Actor,
    mut case: sight::Case,
    source: &str,
    arrived: &mut Arrived,
) -> Result<SealedEvidence, Failure> {
    for _ in 0..ROUNDS {
        let rules = desk.refresh_rules()?;
        let mut known = desk.known_values(&case.incident)?;
        let found = discover(desk, &case, source, arrived)?;
        let news = known.merge(&found) > 0;
        let redactor = desk.redactor_with_key(&case.incident.secret_key, &case.site)?.with_known(&known);
        let generation = case.incident.known_generation + i32::from(news);
        let redrawn = redraw(desk, &redactor, arrived, generation, rules)?;
        let name = redactor.text(&arrived.name).text;
        let arrived = &arrived.told(redactor.text(source).text);
        let wrapped = if news { desk.wrap_known(&known)? } else { case.incident.known_values.clone() };
        match name_it(desk, actor, &case.incident, arrived, redrawn.as_ref(), name, wrapped) {
            Ok(Some(sealed)) => return Ok(sealed),
            Ok(None) => {
                desk.forget_files(None, redrawn.as_ref().map(|redrawn| &redrawn.blob));
                let reference = case.incident.reference.clone();
                case = desk.read(|connection| sight::case(connection, actor, &reference, Act::SealEvidence))?;
            }
            Err(failure) => {
                desk.forget_files(None, redrawn.as_ref().map(|redrawn| &redrawn.blob));
                return Err(failure);
            }
        }
    }
    let why = "Too many uploads to this incident at once; nothing of this one was kept. Send it again.";
    Err(Failure::Busy { why: why.into(), seconds: 5 })
}

fn discover(desk: &Desk, case: &sight::Case, source: &str, arrived: &Arrived) -> Result<KnownValues, Failure> {
    let redactor = desk.redactor(&case.incident, &case.site)?;
    let mut found = redactor.text(&arrived.name).values;
    found.merge(&redactor.text(source).values);
    if let (Media::Text, Some(sealed)) = (arrived.media, &arrived.sealed) {
        found.merge(&desk.discover(&redactor, sealed)?);
    }
    Ok(found)
}

fn redraw(
    desk: &Desk,
    redactor: &crate::redaction::Redactor,
    arrived: &mut Arrived,
    generation: i32,
    rules: RuleSet,
) -> Result<Option<Redrawn>, Failure> {
    let Some(sealed) = &arrived.sealed else { return Ok(None) };
    if arrived.media == Media::Text {
        let (blob, counts) = desk.redact_sealed(redactor, &sealed.file, &sealed.wrapped_key)?;
        return Ok(Some(Redrawn { blob, counts, generation, rules }));
    }
    if let Some(blob) = desk.redraw(sealed)? {
        return Ok(Some(Redrawn { blob, counts: BTreeMap::new(), generation, rules }));
    }
    // What calls itself a picture and cannot be drawn is not kept either.
    desk.forget_files(arrived.sealed.as_ref(), None);
    arrived.sealed = None;
    arrived.media = Media::Dropped;
    arrived.note =
        Some(Redacted::literal("It looks like a picture but cannot be decoded; its contents were not kept."));
    Ok(None)
}

/// Writes the rows, unless the incident learned new values meanwhile, or the rules changed: then nothing is written and the redaction is
/// begun again with them.
fn name_it(
    desk: &Desk,
    actor: &Actor,
    incident: &IncidentRow,
    arrived: &Arrived,
    redrawn: Option<&Redrawn>,
    name: Redacted,
    known: Option<String>,
) -> Result<Option<SealedEvidence>, Failure> {
    let (id, generation) = (incident.id.clone(), incident.known_generation);
    let current = desk.read(|connection| Ok(incidents::find(connection, &id)?))?;
    if current.known_generation != generation {
        return Ok(None);
    }
    let who = (actor.reference(), actor.name());
    let original_days = desk.limits.original_days;
    let arrived = arrived.clone();
    let redrawn = redrawn.cloned();
    let written = desk.answer(actor, move |tx| {
        let mut incident = incidents::find(tx.connection(), &id)?;
        let rules_now = own_rules::revision(tx.connection())?;
        if incident.known_generation != generation {
            return Err(Failure::Stale);
        }
        if redrawn.as_ref().is_some_and(|redrawn| redrawn.rules.revision != rules_now) {
            return Err(Failure::Stale);
        }
        let learned = redrawn.as_ref().map_or(generation, |redrawn| redrawn.generation);
        let evidence = insert_evidence(tx, &id, name.clone(), &arrived, redrawn.as_ref(), &who.0, original_days)?;
        if learned != generation {
            incident.known_values = known;
            incident.known_generation = learned;
            tx.update(Verb::Changed, &incident)?;
            reread_evidence::ask(tx, &incident)?;
        }
        let said = if arrived.sealed.is_some() { "Sealed evidence:" } else { "Could not keep a file:" };
        write_entry::system(tx, &id, &who, Redacted::join(&[Redacted::literal(said), name.clone()], " "))?;
        Ok(SealedEvidence {
            id: evidence.to_string(),
            name,
            media: arrived.media,
            kept: arrived.sealed.is_some(),
            size: redrawn.as_ref().map_or(0, |redrawn| redrawn.blob.size),
            sha256: redrawn.as_ref().map(|redrawn| redrawn.blob.sha256.clone()).unwrap_or_default(),
            findings: redrawn.map(|redrawn| redrawn.counts).unwrap_or_default(),
            warning: (arrived.not_kept.filter(|_| arrived.sealed.is_none()))
                .map(|why| format!("{why} Unpack or export it, and seal the text, or a screenshot.")),
        })
    });
    match written {
        Err(Failure::Stale) => Ok(None),
        Err(failure) => Err(failure),
        Ok(sealed) => Ok(Some(sealed)),
    }
}
