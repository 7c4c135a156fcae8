//! The redacted form of a piece of evidence, each removal marked and explained.

use super::lines::{self, Line};
use super::picture;
use crate::actions::{Desk, Failure, read_evidence, sight};
use crate::domain::evidence::Media;
use crate::domain::person::{Act, Actor};
use crate::redaction::{Redacted, Rules};
use crate::store::evidence::{self, EvidenceRow, VersionRow};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::page::Page;
use crate::web::pages::incidents::shown as incident_shown;
use crate::web::press::Again;
use crate::web::shown::{IncidentName, Names, Time, rule_title, rule_words, stored_size, time};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Serialize)]
struct ShowEvidence {
    evidence: Evidence,
    shown_version: i32,
    shown_is_current: bool,
    removals: Vec<Removal>,
    versions: Vec<EvidenceVersion>,
    lines: Vec<Line>,
    picture: Option<picture::Shown>,
    parts: Option<Parts>,
    /// May the reader mark a value in it that must go?
    can_remove: bool,
}

/// The way through a long text.
#[derive(Serialize)]
struct Parts {
    /// "Part 2 of 12".
    words: String,
    first: Option<String>,
    earlier: Option<String>,
    later: Option<String>,
    last: Option<String>,
}

impl Parts {
    /// None when all of it is on one page.
    fn of(from: u64, part: &lines::Shown, address: &impl Fn(u64) -> String) -> Option<Self> {
        let begin = |line: u64| (line.max(1) - 1) / lines::PART * lines::PART + 1;
        let number = |line: u64| (line.max(1) - 1) / lines::PART + 1;
        let last = part.total.map(begin);
        if from == 1 && !part.more {
            return None;
        }
        let of = match part.total {
            Some(total) => format!("of {}", number(total)),
            None => "of many".to_owned(),
        };
        Some(Self {
            words: format!("Part {} {of}", number(from)),
            first: (from > 1).then(|| address(1)),
            earlier: (from > 1).then(|| address(from.saturating_sub(lines::PART).max(1))),
            later: part.more.then(|| address(from + lines::PART)),
            last: last.filter(|last| part.more && *last > from).map(address),
        })
    }
}

#[derive(Serialize)]
struct Evidence {
    id: String,
    name: String,
    media: String,
    note: Option<String>,
    size: String,
    added_by: String,
    added_at: Time,
    sealed_until: Time,
    shredded_at: Option<Time>,
    incident: IncidentName,
}

#[derive(Serialize)]
struct Removal {
    rule: String,
    what: String,
    count: u64,
    first_href: Option<String>,
}

#[derive(Serialize)]
struct EvidenceVersion {
    number: i32,
    why: &'static str,
    made_at: Time,
    removed: u64,
    sha256: String,
    current: bool,
}

/// What the address asks for.
#[derive(Default, Deserialize)]
pub(in crate::web) struct Query {
    version: Option<String>,
    from: Option<String>,
}

/// `GET /evidence/{id}`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    query: web::Query<Query>,
) -> Result<HttpResponse, PageFailure> {
    show(&state, &request, &signed, id.into_inner(), query.into_inner(), Again::default()).await
}

/// The page after its form was refused.
pub(super) async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    id: String,
    again: Again,
) -> Result<HttpResponse, PageFailure> {
    show(state, request, signed, id, Query::default(), again).await
}

async fn show(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    id: String,
    query: Query,
    again: Again,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let context = state.run(move |desk| read_evidence::while_replaced(|| compose(desk, &actor, &id, &query))).await?;
    Page::new(request, state, signed, &context.evidence.name).again(again).render("evidence/show.html", &context)
}

fn compose(desk: &Desk, actor: &Actor, id: &str, query: &Query) -> Result<ShowEvidence, Failure> {
    let (evidence, row, versions, zone, may_work) = desk.read(|connection| {
        let (row, case) = sight::evidence(connection, actor, id, Act::ReadIncidents)?;
        let versions = evidence::versions(connection, &row.id)?;
        let added_by = Names::default().actor(connection, &row.added_by)?;
        let may_work = actor.may(Act::WorkIncident, &case.site.id);
        let zone = case.site.time_zone;
        let evidence = evidence_of(&row, incident_shown::name(&case.incident), added_by, &zone);
        Ok((evidence, row, versions, zone, may_work))
    })?;
    // Of what was not kept there is nothing to show; the incident names it.
    let wanted = match query.version.as_deref() {
        Some(number) => number.parse().map_err(|_| Failure::NotFound)?,
        None => row.current_version,
    };
    let shown = versions.iter().find(|version| version.number == wanted).ok_or(Failure::NotFound)?;
    let from = query.from.as_deref().and_then(|from| from.parse().ok()).unwrap_or(1).max(1);
    let mut page = ShowEvidence {
        evidence: Evidence { size: stored_size(shown.size), ..evidence },
        shown_version: shown.number,
        shown_is_current: shown.number == row.current_version,
        removals: Vec::new(),
        versions: versions.iter().map(|version| version_of(version, &row, &zone)).collect(),
        lines: Vec::new(),
        picture: None,
        parts: None,
        can_remove: may_work && row.media == Media::Text && shown.number == row.current_version,
    };
    if row.media == Media::Picture {
        page.picture = Some(picture::shown(desk, &row.id, shown)?);
        return Ok(page);
    }
    if !page.shown_is_current {
        // What was replaced held what had to go, so its file went with it; the row tells what was removed even then.
        page.removals = removals(&desk.rules(), &shown.counts, &BTreeMap::new(), from, &|_| String::new());
        return Ok(page);
    }
    let file = read_evidence::open(&desk.vault, &shown.file)?;
    let wanted: Vec<String> = shown.counts.keys().cloned().collect();
    let part = lines::read(file, from, &wanted, &desk.rules())?;
    let address = |from: u64| format!("?from={from}");
    page.parts = Parts::of(from, &part, &address);
    page.removals = removals(&desk.rules(), &shown.counts, &part.first, from, &address);
    page.lines = part.lines;
    Ok(page)
}

fn evidence_of(row: &EvidenceRow, incident: IncidentName, added_by: String, zone: &str) -> Evidence {
    Evidence {
        id: row.id.to_string(),
        name: row.name.as_str().to_owned(),
        media: row.media.to_string(),
        note: row.note.clone().map(Redacted::into_string),
        size: String::new(),
        added_by,
        added_at: time(row.added_at, zone),
        sealed_until: time(row.sealed_until, zone),
        shredded_at: row.shredded_at.map(|at| time(at, zone)),
        incident,
    }
}

fn version_of(version: &VersionRow, row: &EvidenceRow, zone: &str) -> EvidenceVersion {
    EvidenceVersion {
        number: version.number,
        why: match (version.number, row.media) {
            (1, Media::Picture) => "Drawn anew when it was sealed.",
            (1, _) => "Made when it was sealed.",
            _ => "Made again: other evidence revealed a value that stands here too, or the rules changed.",
        },
        made_at: time(version.made_at, zone),
        removed: version.counts.values().sum(),
        sha256: version.sha256.clone(),
        current: version.number == row.current_version,
    }
}

fn removals(
    rules: &Rules,
    counts: &BTreeMap<String, u64>,
    first: &BTreeMap<String, u64>,
    from: u64,
    address: &impl Fn(u64) -> String,
) -> Vec<Removal> {
    counts
        .iter()
        .map(|(rule, count)| Removal {
            rule: rule.clone(),
            what: rule_words(rules, rule),
            count: *count,
            first_href: first.get(rule).map(|line| {
                if (from..from + lines::PART).contains(line) {
                    format!("#L{line}")
                } else {
                    let part = (line - 1) / lines::PART * lines::PART + 1;
                    format!("{}#L{line}", address(part))
                }
            }),
        })
        .collect()
}

/// A rule's id and name, from the name in a placeholder.
pub(super) fn shown_rule(rules: &Rules, name: &str) -> (String, String) {
    (name.to_owned(), rule_title(rules, name))
}
