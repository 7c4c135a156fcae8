//! Filling in facts, changing status, severity and lead.

use super::intake::{Arrived, Redrawn, Texts};
use super::open_incident::{check_facts, clean_facts, find_lead, name_report, seal_report};
use super::write_review::refuse_ended;
use super::{Answer, Desk, Failure, readiness, reread_evidence, review_points, sight, withdraw_incident, write_entry};
use crate::domain::ids::PersonId;
use crate::domain::incident::{self, Facts, Impact, MissingFact, Severity, Status, Withdrawal};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::{FieldError, Reason};
use crate::domain::review::{self, Point};
use crate::redaction::{Redacted, Redactor};
use crate::store::incidents::IncidentRow;
use crate::store::{Json, Tx, Verb};
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is to change; none: stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The title.
    pub title: Option<String>,
    /// The severity.
    pub severity: Option<Severity>,
    /// The status.
    pub status: Option<Status>,
    /// Why the status changes, for the timeline.
    pub note: Option<String>,
    /// The dimensions.
    pub impact: Option<Impact>,
    /// When it happened, and the zone in which that is said.
    pub occurred: Option<(Moment, String)>,
    /// When it was noticed; inner none: nobody knows.
    pub detected_at: Option<Option<Moment>>,
    /// Address of the lead; empty: nobody.
    pub lead: Option<String>,
    /// All facts, as they are to be. A text that is a redacted one as it was shown stays what it is.
    pub facts: Option<Facts<String>>,
}

impl Change {
    /// Does it change nothing but the status? Then the status's own entry tells all.
    fn is_status_alone(&self) -> bool {
        self.status.is_some()
            && self.title.is_none()
            && self.severity.is_none()
            && self.impact.is_none()
            && self.occurred.is_none()
            && self.detected_at.is_none()
            && self.lead.is_none()
            && self.facts.is_none()
    }
}

/// What is wrong with a change, without making it: for a form that has errors of its own and tells all at once.
pub fn problems(desk: &Desk, actor: &Actor, reference: &str, change: &Change) -> Result<Vec<FieldError>, Failure> {
    let mut change = change.clone();
    change.title = change.title.map(|title| incident::clean_line(&title));
    change.facts = change.facts.map(clean_facts);
    desk.read(|connection| {
        let case = sight::case(connection, actor, reference, Act::WorkIncident)?;
        let mut errors = check(&change, desk.now());
        if let Some(email) = change.lead.as_deref().map(str::trim).filter(|email| !email.is_empty()) {
            find_lead(connection, email, Some(&case.site), &mut errors)?;
        }
        Ok(errors)
    })
}

/// The incident after the change.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Changed {
    /// Its reference.
    pub reference: String,
    /// Its status.
    pub status: Status,
    /// What is still missing.
    pub missing: Vec<MissingFact>,
    /// Its version, for the next ETag.
    pub version: i32,
}

impl Answer for Changed {}

/// How often a change is prepared again because evidence taught the incident new values meanwhile.
const ROUNDS: usize = 5;

/// Changes the incident. `expected`: the version that was looked at; another one is [`Failure::Stale`].
pub fn run(
    desk: &Desk,
    actor: &Actor,
    reference: &str,
    expected: Option<i32>,
    mut change: Change,
) -> Result<Changed, Failure> {
    desk.answered_before()?;
    change.title = change.title.map(|title| incident::clean_line(&title));
    change.note = change.note.map(|note| incident::clean_line(&note)).filter(|note| !note.is_empty());
    change.facts = change.facts.map(clean_facts);
    for _ in 0..ROUNDS {
        let prepared = prepare(desk, actor, reference, &change)?;
        let report = prepared.report.clone();
        // Set when the incident learned values that these texts were not redacted with.
        let outdated = Arc::new(AtomicBool::new(false));
        let (reference, actor_copy, change, told) =
            (reference.to_owned(), actor.clone(), change.clone(), outdated.clone());
        let original_days = desk.limits.original_days;
        let changed = desk.answer(actor, move |tx| {
            let case = sight::case(tx.connection(), &actor_copy, &reference, Act::WorkIncident)?;
            refuse_ended(&case)?;
            let row = case.incident;
            if expected.is_some_and(|expected| expected != row.version) || row.version != prepared.base.version {
                return Err(Failure::Stale);
            }
            if row.known_generation != prepared.base.known_generation {
                told.store(true, Ordering::Relaxed);
                return Err(Failure::Stale);
            }
            write(tx, &actor_copy, row, &change, prepared, original_days)
        });
        if changed.is_err()
            && let Some((arrived, redrawn)) = &report
        {
            desk.forget_files(arrived.sealed.as_ref(), Some(&redrawn.blob));
        }
        if !outdated.load(Ordering::Relaxed) {
            return changed;
        }
    }
    Err(Failure::Unavailable("Too much evidence is arriving for this incident at once. Send this again.".into()))
}

/// A change whose texts are redacted, ready to be written.
struct Prepared {
    base: IncidentRow,
    lead: Option<PersonId>,
    title: Option<Redacted>,
    note: Option<Redacted>,
    facts: Option<Facts<Redacted>>,
    /// Known values with what these texts revealed; none when they revealed nothing new.
    learned: Option<String>,
    report: Option<(Arrived, Redrawn)>,
}

/// Checks the change and redacts its texts: what is slow, before the transaction.
fn prepare(desk: &Desk, actor: &Actor, reference: &str, change: &Change) -> Result<Prepared, Failure> {
    let (case, lead) = desk.read(|connection| {
        let case = sight::case(connection, actor, reference, Act::WorkIncident)?;
        let mut errors = check(change, desk.now());
        let lead = match change.lead.as_deref().map(str::trim) {
            None => case.incident.lead_id.clone(),
            Some("") => None,
            Some(email) => find_lead(connection, email, Some(&case.site), &mut errors)?,
        };
        if errors.is_empty() { Ok((case, lead)) } else { Err(Failure::Invalid(errors)) }
    })?;
    let redactor = desk.redactor(&case.incident, &case.site)?;
    let all = all_texts(change);
    let texts = Texts::over(redactor.clone(), all.iter().map(String::as_str));
    let mut known = desk.known_values(&case.incident)?;
    let news = known.merge(texts.known()) > 0;
    let generation = case.incident.known_generation + i32::from(news);
    let typed = change.facts.as_ref().and_then(|facts| facts.error_report.as_deref());
    let report = seal_new_report(desk, &case, typed, &redactor.with_known(&known), generation)?;
    Ok(Prepared {
        lead,
        title: change.title.as_deref().map(|title| texts.redact(title)),
        note: change.note.as_deref().map(|note| texts.redact(note)),
        facts: change.facts.clone().map(|facts| facts.map(|text| texts.redact(&text))),
        learned: if news { desk.wrap_known(&known)? } else { None },
        report,
        base: case.incident,
    })
}

fn write(
    tx: &mut Tx,
    actor: &Actor,
    mut row: IncidentRow,
    change: &Change,
    prepared: Prepared,
    original_days: i64,
) -> Result<Changed, Failure> {
    if let Some(title) = prepared.title {
        row.title = title;
    }
    if let Some(facts) = prepared.facts {
        row.facts = Json::of(facts);
    }
    row.lead_id = prepared.lead;
    let news = prepared.learned.is_some();
    if news {
        row.known_values = prepared.learned;
        row.known_generation += 1;
    }
    apply(tx, actor, &mut row, change, prepared.note)?;
    if !change.is_status_alone() {
        let who = (actor.reference(), actor.name());
        write_entry::system(tx, &row.id, &who, Redacted::literal("Changed the facts."))?;
    }
    if let Some((arrived, redrawn)) = &prepared.report {
        name_report(tx, actor, &row.id, arrived, redrawn, original_days)?;
    }
    row.version += 1;
    tx.update(Verb::Changed, &row)?;
    if news {
        reread_evidence::ask(tx, &row)?;
    }
    Ok(Changed {
        missing: incident::missing(&row.facts, row.lead_id.is_some()),
        reference: row.reference,
        status: row.status,
        version: row.version,
    })
}

/// An error report that is filled in or replaced later is sealed as evidence, like the one of a declaration. One that is
/// sent back as it was shown, redacted, is no new report.
fn seal_new_report(
    desk: &Desk,
    case: &sight::Case,
    typed: Option<&str>,
    redactor: &Redactor,
    generation: i32,
) -> Result<Option<(Arrived, Redrawn)>, Failure> {
    let shown = case.incident.facts.error_report.as_ref().map(Redacted::as_str);
    match typed {
        Some(report) if shown != Some(report) => {
            let (arrived, redrawn) = seal_report(desk, redactor, report)?;
            Ok(Some((arrived, Redrawn { generation, ..redrawn })))
        }
        _ => Ok(None),
    }
}

fn check(change: &Change, now: Moment) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if let Some(title) = &change.title {
        if title.is_empty() {
            errors.push(FieldError::new("title", "Say in a line what went wrong."));
        }
        incident::check_length("title", title, incident::TITLE_MAX, &mut errors);
    }
    if let Some(note) = &change.note {
        incident::check_length("note", note, incident::LINE_MAX, &mut errors);
    }
    if let Some((at, _)) = &change.occurred {
        incident::check_occurred("occurred_at", *at, now, &mut errors);
    }
    if let Some(Some(at)) = change.detected_at {
        incident::check_occurred("detected_at", at, now, &mut errors);
    }
    if let Some(facts) = &change.facts {
        check_facts(facts, &mut errors);
    }
    errors
}

fn all_texts(change: &Change) -> Vec<String> {
    let mut all = Vec::new();
    all.extend(change.title.clone());
    all.extend(change.note.clone());
    if let Some(facts) = &change.facts {
        facts.clone().map(|text| all.push(text));
    }
    all
}

/// Status, clocks and dimensions, with the entry that tells of them.
fn apply(
    tx: &mut Tx,
    actor: &Actor,
    row: &mut IncidentRow,
    change: &Change,
    note: Option<Redacted>,
) -> Result<(), Failure> {
    let who = (actor.reference(), actor.name());
    if let Some(status) = change.status
        && status != row.status
    {
        if let Some(reason) = incident::status_refusal(row.status, status) {
            return Err(Failure::refused(reason));
        }
        let reasons = ending_reasons(tx, row, status)?;
        if !reasons.is_empty() {
            return Err(Failure::Refused(reasons));
        }
        row.status = status;
        if status == Status::Mitigated {
            review_points::ask(tx, &row.id, Point::AfterRecovery)?;
        }
        if status == Status::Mitigated && row.mitigated_at.is_none() {
            row.mitigated_at = Some(tx.now());
        }
        if !status.is_open() {
            row.closed_at = Some(tx.now());
        }
        let words = match note {
            Some(note) => Redacted::join(&[status_words(status), note], " "),
            None => status_words(status),
        };
        write_entry::system(tx, &row.id, &who, words)?;
    }
    if let Some(severity) = change.severity {
        row.severity = severity;
    }
    if let Some(impact) = &change.impact {
        row.impact = Json::of(impact.clone());
    }
    if let Some((at, zone)) = &change.occurred {
        row.occurred_at = *at;
        row.occurred_zone.clone_from(zone);
    }
    if let Some(detected_at) = change.detected_at {
        row.detected_at = detected_at;
    }
    Ok(())
}

/// Everything that keeps the incident from ending like this; nothing when it goes on.
fn ending_reasons(tx: &mut Tx, row: &IncidentRow, status: Status) -> Result<Vec<Reason>, Failure> {
    Ok(match status {
        Status::Closed => review::closing_reasons(&readiness::gather(tx.connection(), row)?.readiness),
        Status::Cancelled => {
            let held = withdraw_incident::held_names(tx.connection(), row)?;
            incident::withdrawal_reasons(row.status, &Withdrawal { held, worked_on: false })
        }
        Status::Triage | Status::Investigating | Status::Mitigated | Status::InReview => Vec::new(),
    })
}

fn status_words(status: Status) -> Redacted {
    Redacted::literal(match status {
        Status::Triage => "Status is now: triage.",
        Status::Investigating => "Status is now: investigating.",
        Status::Mitigated => "Status is now: mitigated.",
        Status::InReview => "Status is now: in review.",
        Status::Closed => "Status is now: closed.",
        Status::Cancelled => "Status is now: cancelled.",
    })
}
