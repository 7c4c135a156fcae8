//! Entries of the timeline: what people observed, tried, decided and told others; and corrections.

use super::intake::{Texts, until_settled};
use super::write_review::refuse_ended;
use super::{Answer, Desk, Failure, sight};
use crate::domain::ids::{EntryId, EvidenceId, IncidentId};
use crate::domain::incident::{TEXT_MAX, check_length, check_occurred, clean_text};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::FieldError;
use crate::domain::statement::only_statement;
use crate::domain::timeline::{self as rules, EntryKind};
use crate::redaction::Redacted;
use crate::store::timeline::{self, EntryRow};
use crate::store::{Connection, Tx, Verb, evidence};
use serde::Serialize;

/// An entry as typed.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// What it tells.
    pub kind: EntryKind,
    /// The words.
    pub text: String,
    /// When it happened; now, if not said.
    pub at: Option<Moment>,
    /// Id of the evidence it cites.
    pub evidence: Option<String>,
    /// Id of the entry that it corrects.
    pub corrects: Option<String>,
}

/// The entry that was written.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Written {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: EntryKind,
    /// Its words, redacted.
    pub text: Redacted,
}

impl Answer for Written {}

/// Writes an entry. An attempt waits until evidence is sealed or its absence explained.
pub fn run(desk: &Desk, actor: &Actor, reference: &str, entry: NewEntry) -> Result<Written, Failure> {
    until_settled(|| once(desk, actor, reference, entry.clone()))
}

fn once(desk: &Desk, actor: &Actor, reference: &str, entry: NewEntry) -> Result<Written, Failure> {
    desk.answered_before()?;
    let text = clean_text(&entry.text);
    let case = desk.read(|connection| {
        let case = sight::case(connection, actor, reference, Act::WorkIncident)?;
        check(connection, &case.incident.id, &entry, &text, desk.now())?;
        Ok(case)
    })?;
    let redactor = desk.redactor(&case.incident, &case.site)?;
    let texts = Texts::over(redactor, std::iter::once(text.as_str()));
    let (body, lesson) = (texts.redact(&text), desk.lesson(&case.incident, texts.known())?);
    let (incident, reference) = (case.incident.id, reference.to_owned());
    let who = (actor.reference(), actor.name());
    let actor_copy = actor.clone();
    desk.answer(actor, move |tx| {
        let case = sight::case(tx.connection(), &actor_copy, &reference, Act::WorkIncident)?;
        if entry.kind == EntryKind::Attempted {
            refuse_early_attempt(tx.connection(), &case)?;
        }
        let row = EntryRow {
            id: EntryId::fresh(),
            incident_id: incident,
            kind: entry.kind,
            body: body.clone(),
            happened_at: entry.at.unwrap_or(tx.now()),
            written_at: tx.now(),
            author: who.0,
            author_name: who.1,
            evidence_id: entry.evidence.map(EvidenceId::from_text),
            superseded_by: None,
        };
        tx.insert(Verb::Written, &row)?;
        if let Some(corrected) = entry.corrects {
            supersede(tx, &EntryId::from_text(corrected), &row)?;
        }
        lesson.teach(tx, case.incident)?;
        Ok(Written { id: row.id.to_string(), kind: row.kind, text: body })
    })
}

/// Why there is nothing to seal.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct NothingToSeal {
    /// The incident.
    pub incident: String,
    /// The reason, redacted.
    pub no_evidence_reason: Redacted,
}

impl Answer for NothingToSeal {}

/// Records why there is nothing to seal; from then on attempts can be logged.
pub fn no_evidence(desk: &Desk, actor: &Actor, reference: &str, reason: &str) -> Result<(), Failure> {
    state_no_evidence(&desk.in_passing(), actor, reference, reason).map(drop)
}

/// Like [`no_evidence`]; says what was written.
pub fn state_no_evidence(desk: &Desk, actor: &Actor, reference: &str, reason: &str) -> Result<NothingToSeal, Failure> {
    desk.answered_before()?;
    let reason = only_statement("reason", reason, "Say in a sentence why there is nothing to seal.")?;
    let case = desk.read(|connection| sight::case(connection, actor, reference, Act::SealEvidence))?;
    let texts = Texts::over(desk.redactor(&case.incident, &case.site)?, std::iter::once(reason.as_str()));
    let (redacted, lesson) = (texts.redact(&reason), desk.lesson(&case.incident, texts.known())?);
    let (reference, who, actor_copy) = (reference.to_owned(), (actor.reference(), actor.name()), actor.clone());
    desk.answer(actor, move |tx| {
        let case = sight::case(tx.connection(), &actor_copy, &reference, Act::SealEvidence)?;
        refuse_ended(&case)?;
        let mut incident = case.incident;
        incident.no_evidence_reason = Some(redacted.clone());
        incident.version += 1;
        tx.update(Verb::Changed, &incident)?;
        let words = Redacted::join(&[Redacted::literal("No evidence to seal:"), redacted.clone()], " ");
        system(tx, &incident.id, &who, words)?;
        lesson.teach(tx, incident)?;
        Ok(NothingToSeal { incident: reference, no_evidence_reason: redacted })
    })
}

/// Writes what this program did, in the name of whoever made it do so.
pub(super) fn system(
    tx: &mut Tx,
    incident: &IncidentId,
    who: &(String, String),
    words: Redacted,
) -> Result<(), Failure> {
    told(tx, incident, EntryKind::System, who, words).map(drop)
}

/// Writes what was told just now, in the name of whoever told it.
pub(super) fn told(
    tx: &mut Tx,
    incident: &IncidentId,
    kind: EntryKind,
    who: &(String, String),
    words: Redacted,
) -> Result<EntryId, Failure> {
    let now = tx.now();
    told_at(tx, incident, kind, who, words, now)
}

/// Writes what was told at a moment that lies before now.
pub(super) fn told_at(
    tx: &mut Tx,
    incident: &IncidentId,
    kind: EntryKind,
    who: &(String, String),
    words: Redacted,
    happened_at: Moment,
) -> Result<EntryId, Failure> {
    let row = EntryRow {
        id: EntryId::fresh(),
        incident_id: incident.clone(),
        kind,
        body: words,
        happened_at,
        written_at: tx.now(),
        author: who.0.clone(),
        author_name: who.1.clone(),
        evidence_id: None,
        superseded_by: None,
    };
    tx.insert(Verb::Written, &row)?;
    Ok(row.id)
}

fn check(
    connection: &mut Connection,
    incident: &IncidentId,
    entry: &NewEntry,
    text: &str,
    now: Moment,
) -> Result<(), Failure> {
    let mut errors = Vec::new();
    if entry.kind == EntryKind::System {
        errors.push(FieldError::new("kind", "Use one of: observed, attempted, decided, communicated."));
    }
    if text.is_empty() {
        errors.push(FieldError::new("text", "Say what happened."));
    }
    check_length("text", text, TEXT_MAX, &mut errors);
    if let Some(at) = entry.at {
        check_occurred("at", at, now, &mut errors);
    }
    if let Some(id) = &entry.evidence {
        let found = evidence::find(connection, &EvidenceId::from_text(id.as_str()));
        if !found.is_ok_and(|row| row.incident_id == *incident) {
            errors.push(FieldError::new("evidence", "This incident has no such evidence."));
        }
    }
    if let Some(id) = &entry.corrects {
        match timeline::find(connection, &EntryId::from_text(id.as_str())) {
            Ok(row) if row.incident_id == *incident && row.kind != EntryKind::System => {
                if row.superseded_by.is_some() {
                    errors
                        .push(FieldError::new("corrects", "This entry was corrected already; correct the newer one."));
                }
            }
            _ => errors.push(FieldError::new("corrects", "This incident has no such entry of a person.")),
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Failure::Invalid(errors)) }
}

fn refuse_early_attempt(connection: &mut Connection, case: &sight::Case) -> Result<(), Failure> {
    let sealed = evidence::of_incident(connection, &case.incident.id)?;
    let sealed = sealed.iter().filter(|row| row.current_version > 0).count();
    let reason = case.incident.no_evidence_reason.as_ref().map(Redacted::as_str);
    rules::attempt_refusal(sealed, reason).map_or(Ok(()), |reason| Err(Failure::refused(reason)))
}

fn supersede(tx: &mut Tx, id: &EntryId, by: &EntryRow) -> Result<(), Failure> {
    let mut corrected = timeline::find(tx.connection(), id)?;
    if corrected.superseded_by.is_some() {
        return Err(Failure::Stale);
    }
    corrected.superseded_by = Some(by.id.clone());
    Ok(tx.update(Verb::Superseded, &corrected)?)
}
