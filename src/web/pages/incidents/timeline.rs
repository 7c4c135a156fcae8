//! The timeline of an incident: entries by day, and the forms that add to it and correct it.

use super::fields::{moment, renamed};
use super::show::{Again, again};
use crate::actions::write_entry::{self, NewEntry};
use crate::actions::{Failure, sight};
use crate::domain::ids::EntryId;
use crate::domain::person::Act;
use crate::domain::problem::FieldError;
use crate::domain::timeline::EntryKind;
use crate::store::timeline::{self, EntryRow};
use crate::web::State;
use crate::web::auth::{Signed, see_other};
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::once;
use crate::web::shown::{Time, time};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Duration;
use serde::Serialize;
use std::collections::HashMap;

/// Entries on one page.
const PAGE: usize = 100;
/// An entry written later than this after it happened says so.
const LATER: Duration = Duration::minutes(5);

#[derive(Serialize)]
pub(super) struct Day {
    date: String,
    entries: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    id: String,
    kind: String,
    kind_words: String,
    author: String,
    text: String,
    happened_at: Time,
    written_at: Time,
    written_later: bool,
    superseded_by: Option<String>,
    supersedes: Option<String>,
    evidence: Option<EvidenceName>,
}

#[derive(Serialize)]
struct EvidenceName {
    id: String,
    name: String,
}

/// The part of the timeline that one page shows.
pub(super) struct Shown {
    pub(super) filter: String,
    pub(super) days: Vec<Day>,
    pub(super) count: u64,
    pub(super) newer: Option<String>,
    pub(super) older: Option<String>,
}

/// Which part of the timeline is asked for.
pub(super) struct Wanted<'q> {
    /// `people`, `system` or `all`.
    pub(super) filter: &'q str,
    /// Where another page ended.
    pub(super) cursor: Option<&'q str>,
    /// The entry that must be among those shown.
    pub(super) entry: Option<&'q str>,
}

/// Entries of people, of the system, or all; the newest page of them unless the cursor or the wanted entry say
/// otherwise. Days stand newest first, and so do the entries of a day.
pub(super) fn shown(
    all: &[EntryRow],
    wanted: &Wanted<'_>,
    base: &str,
    zone: &str,
    evidence: &HashMap<String, String>,
) -> Shown {
    let is_wanted = |row: &EntryRow| wanted.entry == Some(row.id.as_str());
    // Whoever follows a link to an entry sees it, whichever kind was looked at last.
    let filter =
        if all.iter().any(|row| is_wanted(row) && !passes(row, wanted.filter)) { "all" } else { wanted.filter };
    let kept: Vec<&EntryRow> = all.iter().filter(|row| passes(row, filter)).collect();
    let at = |id: &str| kept.iter().position(|row| row.id.as_str() == id);
    let (from, to) = match wanted.cursor.and_then(|cursor| cursor.split_once('-')) {
        Some(("b", id)) => at(id).map(|to| (to.saturating_sub(PAGE), to)),
        Some(("a", id)) => at(id).map(|last| (last + 1, (last + 1 + PAGE).min(kept.len()))),
        _ => kept.iter().position(|row| is_wanted(row)).map(|place| page_with(place, kept.len())),
    }
    .unwrap_or((kept.len().saturating_sub(PAGE), kept.len()));
    let page = &kept[from..to];
    let link = |letter: char, row: Option<&&EntryRow>| {
        row.map(|row| format!("{base}?entries={filter}&cursor={letter}-{}#timeline", row.id))
    };
    let supersedes: HashMap<&str, &str> =
        all.iter().filter_map(|row| Some((row.superseded_by.as_ref()?.as_str(), row.id.as_str()))).collect();
    Shown {
        filter: filter.to_owned(),
        count: all.len() as u64,
        older: if from > 0 { link('b', page.first()) } else { None },
        newer: if to < kept.len() { link('a', page.last()) } else { None },
        days: by_day(page, zone, &supersedes, evidence),
    }
}

/// The page that holds this place, pages being counted from the newest entry back.
fn page_with(place: usize, count: usize) -> (usize, usize) {
    let to = count - (count - 1 - place) / PAGE * PAGE;
    (to.saturating_sub(PAGE), to)
}

fn passes(row: &EntryRow, filter: &str) -> bool {
    match filter {
        "people" => row.kind != EntryKind::System,
        "system" => row.kind == EntryKind::System,
        _ => true,
    }
}

fn by_day(
    page: &[&EntryRow],
    zone: &str,
    supersedes: &HashMap<&str, &str>,
    evidence: &HashMap<String, String>,
) -> Vec<Day> {
    let tz: chrono_tz::Tz = zone.parse().unwrap_or(chrono_tz::Tz::UTC);
    let mut days: Vec<Day> = Vec::new();
    for row in page.iter().rev() {
        let date = row.happened_at.utc().with_timezone(&tz).format("%A %-d %B %Y").to_string();
        let entry = entry(row, zone, supersedes, evidence);
        match days.last_mut() {
            Some(day) if day.date == date => day.entries.push(entry),
            _ => days.push(Day { date, entries: vec![entry] }),
        }
    }
    days
}

fn entry(row: &EntryRow, zone: &str, supersedes: &HashMap<&str, &str>, evidence: &HashMap<String, String>) -> Entry {
    let cited = row
        .evidence_id
        .as_ref()
        .and_then(|id| Some(EvidenceName { id: id.to_string(), name: evidence.get(id.as_str())?.clone() }));
    Entry {
        id: row.id.to_string(),
        kind: row.kind.to_string(),
        kind_words: kind_words(row.kind).to_owned(),
        author: row.author_name.clone(),
        text: row.body.as_str().to_owned(),
        happened_at: time(row.happened_at, zone),
        written_at: time(row.written_at, zone),
        written_later: row.written_at > row.happened_at.plus(LATER),
        superseded_by: row.superseded_by.as_ref().map(ToString::to_string),
        supersedes: supersedes.get(row.id.as_str()).map(|id| (*id).to_owned()),
        evidence: cited,
    }
}

fn kind_words(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Observed => "Observed",
        EntryKind::Attempted => "Tried",
        EntryKind::Decided => "Decided",
        EntryKind::Communicated => "Communicated",
        EntryKind::System => "System",
    }
}

/// `POST /incidents/{ref}/timeline`.
pub(in crate::web) async fn add(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    reference: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let reference = reference.into_inner();
    let (actor, typed, named) = (signed.actor(), fields.clone(), reference.clone());
    let path = request.path().to_owned();
    let outcome = state
        .run(move |desk| {
            desk.read(|connection| sight::case(connection, &actor, &named, Act::WorkIncident))?;
            let desk = once::for_form(desk, &path, &actor, &typed.once());
            write_entry::run(&desk, &actor, &named, entry_of(&typed)?)
        })
        .await;
    settle(&state, &request, &signed, &reference, fields, outcome, None).await
}

fn entry_of(fields: &Fields) -> Result<NewEntry, Failure> {
    let mut errors = fields.encoding_errors();
    let kind = EntryKind::parse(fields.text("kind")).filter(|kind| EntryKind::BY_PEOPLE.contains(kind));
    if kind.is_none() {
        errors.push(FieldError::new("kind", "Choose what it was: tried, observed, decided or communicated."));
    }
    if fields.text("text").trim().is_empty() {
        errors.push(FieldError::new("text", "Say what happened."));
    }
    let at = moment(fields, "happened", &mut errors);
    match kind {
        Some(kind) if errors.is_empty() => Ok(NewEntry {
            kind,
            text: fields.text("text").to_owned(),
            at,
            evidence: fields.optional("entry_evidence"),
            corrects: None,
        }),
        _ => Err(Failure::Invalid(errors)),
    }
}

/// `POST /incidents/{ref}/timeline/{id}/correction`: an entry that supersedes another one.
pub(in crate::web) async fn correct(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (reference, corrected) = path.into_inner();
    let (actor, typed) = (signed.actor(), fields.clone());
    let (named, id) = (reference.clone(), corrected.clone());
    let address = request.path().to_owned();
    let outcome = state
        .run(move |desk| {
            let old = desk.read(|connection| {
                let case = sight::case(connection, &actor, &named, Act::WorkIncident)?;
                let row = timeline::find(connection, &EntryId::from_text(id.as_str()))?;
                if row.incident_id == case.incident.id { Ok(row) } else { Err(Failure::NotFound) }
            })?;
            let errors = typed.encoding_errors();
            if !errors.is_empty() {
                return Err(Failure::Invalid(errors));
            }
            let entry = NewEntry {
                kind: old.kind,
                text: typed.text("correction").to_owned(),
                at: Some(old.happened_at),
                evidence: old.evidence_id.map(|id| id.to_string()),
                corrects: Some(id),
            };
            let desk = once::for_form(desk, &address, &actor, &typed.once());
            write_entry::run(&desk, &actor, &named, entry)
        })
        .await;
    settle(&state, &request, &signed, &reference, fields, outcome, Some(corrected)).await
}

/// Shows the new entry, or the incident again with what was typed.
async fn settle(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    reference: &str,
    fields: Fields,
    outcome: Result<write_entry::Written, Failure>,
    correcting: Option<String>,
) -> Result<HttpResponse, PageFailure> {
    let to_entry = |id: &str| see_other(&format!("/incidents/{reference}?entry={id}#entry-{id}"));
    let names: &[(&str, &str)] = if correcting.is_some() {
        &[("text", "correction"), ("kind", "correction"), ("corrects", "correction")]
    } else {
        &[("at", "happened_date"), ("evidence", "entry_evidence")]
    };
    let shown = match outcome {
        Ok(written) => return Ok(to_entry(&written.id)),
        Err(Failure::Repeated { answer, .. }) => {
            return Ok(to_entry(&once::in_answer(&answer, "id").ok_or(Failure::NotFound)?));
        }
        Err(Failure::Invalid(errors)) => Again::errors(renamed(errors, names)),
        Err(Failure::Refused(reasons)) => Again::refused(reasons),
        Err(Failure::Stale) => Again::errors(vec![FieldError::new(
            "correction",
            "Somebody corrected this entry meanwhile. Look at their correction first.",
        )]),
        Err(failure) => return Err(failure.into()),
    };
    let shown = match correcting {
        Some(id) => shown.correcting(id),
        None => shown.logging(),
    };
    again(state, request, signed, reference, &fields, shown).await
}
