//! What comes in from outside: texts become [`Redacted`], uploads become sealed originals with a redacted form.

use super::active_rules::RuleSet;
use super::picture::{self, Bounds};
use super::sight::Case;
use super::{Desk, Failure, reread_evidence};
use crate::domain::evidence::{Media, safe_name};
use crate::domain::ids::{EvidenceId, IncidentId, VersionId};
use crate::domain::moment::Moment;
use crate::redaction::{Finding, KnownValues, Redacted, Redactor, looks_like_text};
use crate::store::evidence::{EvidenceRow, VersionRow};
use crate::store::incidents::IncidentRow;
use crate::store::{Json, Tx, Verb};
use crate::vault::{Blob, Sealed, Shelf};
use chrono::Duration;
use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Write};

/// Redacts several texts of one act together: what one of them reveals is removed from all.
pub(super) struct Texts {
    redactor: Redactor,
    known: KnownValues,
    /// The texts as they came out of the first pass; kept where that revealed nothing, because a second pass would find
    /// nothing more then.
    clean: HashMap<String, Redacted>,
}

impl Texts {
    /// `redactor` knows what the incident already knows; `all` are the texts that are coming.
    pub(super) fn over<'t>(redactor: Redactor, all: impl Iterator<Item = &'t str>) -> Self {
        let mut known = KnownValues::new();
        let mut clean = HashMap::new();
        for text in all {
            let redacted = redactor.text(text);
            known.merge(&redacted.values);
            clean.insert(text.to_owned(), redacted.text);
        }
        if known.is_empty() {
            return Self { redactor, known, clean };
        }
        let redactor = redactor.with_known(&known);
        Self { redactor, known, clean: HashMap::new() }
    }

    /// The text without what must not stay.
    pub(super) fn redact(&self, text: &str) -> Redacted {
        match self.clean.get(text) {
            Some(redacted) => redacted.clone(),
            None => self.redactor.text(text).text,
        }
    }

    /// What the texts revealed.
    pub(super) fn known(&self) -> &KnownValues {
        &self.known
    }
}

/// What an act's texts revealed beyond what the incident knew when they were redacted. Written with them.
pub(super) struct Lesson {
    generation: i32,
    wrapped: Option<String>,
}

impl Desk {
    /// What `found` adds to what the incident knows.
    pub(super) fn lesson(&self, incident: &IncidentRow, found: &KnownValues) -> Result<Lesson, Failure> {
        let mut known = self.known_values(incident)?;
        let news = known.merge(found) > 0;
        let wrapped = if news { self.wrap_known(&known)? } else { None };
        Ok(Lesson { generation: incident.known_generation, wrapped })
    }
}

impl Desk {
    /// Redacts the texts of one act of a case together, and says what they teach the incident.
    pub(super) fn read_texts<'t>(
        &self,
        case: &Case,
        all: impl Iterator<Item = &'t str>,
    ) -> Result<(Texts, Lesson), Failure> {
        let texts = Texts::over(self.redactor(&case.incident, &case.site)?, all);
        let lesson = self.lesson(&case.incident, texts.known())?;
        Ok((texts, lesson))
    }

    /// The same for an act of one text.
    pub(super) fn read_text(&self, case: &Case, text: &str) -> Result<(Redacted, Lesson), Failure> {
        let (texts, lesson) = self.read_texts(case, std::iter::once(text))?;
        Ok((texts.redact(text), lesson))
    }
}

impl Lesson {
    /// Teaches the incident in the transaction of the act. [`Failure::Stale`] when it learned something else since the
    /// texts were redacted: then they may hold what it learned, and are redacted again.
    pub(super) fn teach(self, tx: &mut Tx, mut incident: IncidentRow) -> Result<(), Failure> {
        if incident.known_generation != self.generation {
            return Err(Failure::Stale);
        }
        if self.wrapped.is_some() {
            incident.known_values = self.wrapped;
            incident.known_generation += 1;
            tx.update(Verb::Changed, &incident)?;
            reread_evidence::ask(tx, &incident)?;
        }
        Ok(())
    }
}

/// Does an act again while the incident learns something new between its redaction and its transaction.
pub(super) fn until_settled<T>(mut act: impl FnMut() -> Result<T, Failure>) -> Result<T, Failure> {
    const ROUNDS: usize = 5;
    for _ in 1..ROUNDS {
        match act() {
            Err(Failure::Stale) => {}
            outcome => return outcome,
        }
    }
    act()
}

/// How much of a file is looked at to tell what it is.
const HEAD: usize = 64 * 1024;
/// Largest picture that is decoded, in pixels of either side.
const PICTURE_SIDE_MAX: u32 = 16_384;
/// Most pixels in all.
const PICTURE_PIXELS_MAX: u64 = 1 << 28;
/// Most memory that decoding a picture may take, bytes.
const PICTURE_MEMORY_MAX: u64 = 512 * 1024 * 1024;

/// An upload that lies sealed on its shelf, not yet named by any row.
#[derive(Clone)]
pub(super) struct Arrived {
    /// Its name, cleaned but not redacted.
    pub(super) name: String,
    /// What it is.
    pub(super) media: Media,
    /// Where it comes from, and why it was dropped.
    pub(super) note: Option<Redacted>,
    /// The second of both alone.
    pub(super) not_kept: Option<Redacted>,
    /// Bytes that came in.
    pub(super) size: u64,
    /// The sealed original; none when it was dropped.
    pub(super) sealed: Option<Sealed>,
}

impl Arrived {
    /// With a line that says where it comes from.
    pub(super) fn told(&self, source: Redacted) -> Self {
        let parts: Vec<Redacted> =
            [Some(source), self.note.clone()].into_iter().flatten().filter(|part| !part.is_empty()).collect();
        let note = (!parts.is_empty()).then(|| Redacted::join(&parts, " "));
        Self { note, not_kept: self.note.clone(), ..self.clone() }
    }
}

impl Desk {
    /// Streams an upload into a sealed original. Nothing remains when it breaks off or is too large.
    pub(super) fn take_in(&self, name: &str, input: &mut dyn Read) -> Result<Arrived, Failure> {
        let name = safe_name(name);
        let mut head = vec![0; HEAD];
        let filled = fill(input, &mut head)?;
        head.truncate(filled);
        if head.is_empty() {
            return Err(Failure::field("file", "The file is empty. Choose the file that holds the log."));
        }
        let media = media_of(&head);
        let mut writer = self.vault.seal()?;
        writer.write_all(&head).map_err(broken)?;
        let rest = self.limits.upload_bytes.saturating_sub(head.len() as u64);
        let copied = std::io::copy(&mut input.take(rest + 1), &mut writer).map_err(interrupted)?;
        if copied > rest || head.len() as u64 > self.limits.upload_bytes {
            return Err(super::seal_evidence::too_large(self.limits.upload_bytes));
        }
        let size = head.len() as u64 + copied;
        if media == Media::Dropped {
            let note = Redacted::literal(
                "It is neither text nor a picture, so nobody could redact it; its contents were not kept.",
            );
            return Ok(Arrived { name, media, note: Some(note), not_kept: None, size, sealed: None });
        }
        Ok(Arrived { name, media, note: None, not_kept: None, size, sealed: Some(writer.finish()?) })
    }

    /// The values that a sealed text reveals.
    pub(super) fn discover(&self, redactor: &Redactor, sealed: &Sealed) -> Result<KnownValues, Failure> {
        self.discover_in(redactor, &sealed.file, &sealed.wrapped_key)
    }

    /// The same by its file and key.
    pub(super) fn discover_in(&self, redactor: &Redactor, file: &str, key: &str) -> Result<KnownValues, Failure> {
        let mut original = self.vault.open_sealed(file, key)?;
        redactor.discover(&mut original).map_err(broken)
    }

    /// The values that a redacted form reveals to newer rules, where the original is shredded.
    pub(super) fn discover_again(&self, redactor: &Redactor, file: &str) -> Result<KnownValues, Failure> {
        let mut redacted = self.vault.read(Shelf::Redacted, file)?;
        redactor.discover(&mut redacted).map_err(broken)
    }

    /// Tells where a redactor would remove something from a sealed text; writes nothing.
    pub(super) fn look_through_sealed(
        &self,
        redactor: &Redactor,
        file: &str,
        wrapped_key: &str,
        note: &mut dyn FnMut(&Finding),
    ) -> Result<(), Failure> {
        let mut original = self.vault.open_sealed(file, wrapped_key)?;
        redactor.stream(&mut original, &mut std::io::sink(), note).map_err(broken)?;
        Ok(())
    }

    /// Writes the redacted form of a sealed text.
    pub(super) fn redact_sealed(
        &self,
        redactor: &Redactor,
        file: &str,
        wrapped_key: &str,
    ) -> Result<(Blob, BTreeMap<String, u64>), Failure> {
        let mut original = self.vault.open_sealed(file, wrapped_key)?;
        let mut out = self.vault.write(Shelf::Redacted, "txt")?;
        let summary = redactor.stream(&mut original, &mut out, &mut |_| ()).map_err(broken)?;
        Ok((out.finish()?, summary.counts))
    }

    /// Redacts a redacted form once more, with what is known by now.
    pub(super) fn redact_again(
        &self,
        redactor: &Redactor,
        file: &str,
    ) -> Result<(Blob, BTreeMap<String, u64>), Failure> {
        let mut redacted = self.vault.read(Shelf::Redacted, file)?;
        let mut out = self.vault.write(Shelf::Redacted, "txt")?;
        let summary = redactor.stream(&mut redacted, &mut out, &mut |_| ()).map_err(broken)?;
        Ok((out.finish()?, summary.counts))
    }

    /// Re-encodes a sealed picture: the pixels stay, everything else (place, camera, hidden text) is gone. `None`: it
    /// cannot be decoded.
    pub(super) fn redraw(&self, sealed: &Sealed) -> Result<Option<Blob>, Failure> {
        let mut bytes = Vec::new();
        self.vault.open_sealed(&sealed.file, &sealed.wrapped_key)?.read_to_end(&mut bytes).map_err(broken)?;
        let bounds = Bounds { side: PICTURE_SIDE_MAX, pixels: PICTURE_PIXELS_MAX, memory: PICTURE_MEMORY_MAX };
        let Ok(picture) = picture::decode(&bytes, bounds) else { return Ok(None) };
        let mut out = self.vault.write(Shelf::Redacted, "png")?;
        out.write_all(&picture::png(&picture)?).map_err(broken)?;
        Ok(Some(out.finish()?))
    }

    /// Forgets files that no row names, because their act failed.
    pub(super) fn forget_files(&self, sealed: Option<&Sealed>, redacted: Option<&Blob>) {
        if let Some(sealed) = sealed {
            let _ = self.vault.remove(Shelf::Sealed, &sealed.file);
        }
        if let Some(blob) = redacted {
            let _ = self.vault.remove(Shelf::Redacted, &blob.file);
        }
    }
}

fn media_of(head: &[u8]) -> Media {
    if image::guess_format(head).is_ok_and(|format| format.reading_enabled()) {
        Media::Picture
    } else if looks_like_text(head) {
        Media::Text
    } else {
        Media::Dropped
    }
}

fn fill(input: &mut dyn Read, buffer: &mut [u8]) -> Result<usize, Failure> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(interrupted(e)),
        }
    }
    Ok(filled)
}

/// What is said of an upload that did not come to its end.
pub(super) fn interrupted(error: std::io::Error) -> Failure {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::ConnectionAborted => {
            Failure::Interrupted("The upload broke off before its end; nothing was kept. Send it again.".into())
        }
        _ => broken(error),
    }
}

fn broken(error: std::io::Error) -> Failure {
    Failure::Broken(format!("a file could not be processed: {error}"))
}

/// A redacted form, ready to be named by its row.
#[derive(Clone)]
pub(super) struct Redrawn {
    pub(super) blob: Blob,
    pub(super) counts: BTreeMap<String, u64>,
    pub(super) generation: i32,
    /// The rules that it was made with.
    pub(super) rules: RuleSet,
}

/// Writes the rows of one piece of evidence.
pub(super) fn insert_evidence(
    tx: &mut Tx,
    incident: &IncidentId,
    name: Redacted,
    arrived: &Arrived,
    redrawn: Option<&Redrawn>,
    added_by: &str,
    original_days: i64,
) -> Result<EvidenceId, Failure> {
    let now = tx.now();
    let row = EvidenceRow {
        id: EvidenceId::fresh(),
        incident_id: incident.clone(),
        name,
        media: arrived.media,
        note: arrived.note.clone(),
        sealed_file: arrived.sealed.as_ref().map(|sealed| sealed.file.clone()),
        sealed_key: arrived.sealed.as_ref().map(|sealed| sealed.wrapped_key.clone()),
        sealed_size: i64::try_from(arrived.size).unwrap_or(i64::MAX),
        sealed_until: now.plus(Duration::days(original_days)),
        shredded_at: arrived.sealed.is_none().then_some(now),
        current_version: i32::from(redrawn.is_some()),
        added_by: added_by.to_owned(),
        added_at: now,
    };
    tx.insert(Verb::Sealed, &row)?;
    if let Some(redrawn) = redrawn {
        tx.insert(Verb::Redacted, &version_row(&row.id, 1, redrawn, now))?;
    }
    Ok(row.id)
}

/// The row of a redacted form.
pub(super) fn version_row(evidence: &EvidenceId, number: i32, redrawn: &Redrawn, now: Moment) -> VersionRow {
    VersionRow {
        id: VersionId::fresh(),
        evidence_id: evidence.clone(),
        number,
        file: redrawn.blob.file.clone(),
        size: i64::try_from(redrawn.blob.size).unwrap_or(i64::MAX),
        sha256: redrawn.blob.sha256.clone(),
        counts: Json::of(redrawn.counts.clone()),
        known_generation: redrawn.generation,
        made_at: now,
        rules_revision: Some(redrawn.rules.revision),
        rules_digest: Some(redrawn.rules.digest().to_owned()),
    }
}
