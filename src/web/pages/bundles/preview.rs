//! "Check before it is built": what the bundle would say, what is missing, what was removed, what the second scan
//! found.

use super::hit::{self, Link, ScanHit};
use crate::actions::build_bundle::{self, Preview};
use crate::actions::report::Report;
use crate::actions::{Desk, Failure};
use crate::domain::bundle::Audience;
use crate::domain::evidence::Media;
use crate::domain::incident::Level;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::{FieldError, Reason};
use crate::store::Connection;
use crate::store::alarms::AlarmRow;
use crate::store::evidence::{self, EvidenceRow, VersionRow};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::page::Page;
use crate::web::pages::evidence::picture;
use crate::web::pages::incidents::shown::{self, EvidenceShown, FactsShown, Incident};
use crate::web::shown::{ByAt, Choice, Missing, Names, missing, time};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
pub(super) struct BundlePreview {
    pub(super) incident: Incident,
    audience: String,
    audience_words: &'static str,
    other_party: bool,
    audiences: Vec<Choice>,
    asks: &'static str,
    must_miss: Vec<Missing>,
    want_miss: Vec<Missing>,
    refusals: Vec<Reason>,
    ready: bool,
    texts: Vec<EvidenceShown>,
    pictures: Vec<PicturePreview>,
    dropped: Vec<String>,
    no_evidence_reason: Option<String>,
    paused: Vec<String>,
    scan: Scan,
    second_person: bool,
    may_lift: bool,
    alarm_open: Option<String>,
}

#[derive(Serialize)]
struct PicturePreview {
    id: String,
    name: String,
    src: String,
    width: u32,
    height: u32,
    sha256: String,
    released: Option<ByAt>,
}

#[derive(Serialize)]
struct Scan {
    hits: Vec<ScanHit>,
}

/// How the page is shown again after a press.
#[derive(Default)]
pub(super) struct Again {
    pub(super) status: Option<StatusCode>,
    pub(super) errors: Vec<FieldError>,
    pub(super) values: Map<String, Value>,
    pub(super) alarm_open: Option<String>,
}

/// Renders the page.
pub(super) async fn show(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    reference: &str,
    audience: Audience,
    again: Again,
) -> Result<HttpResponse, PageFailure> {
    let (actor, reference) = (signed.actor(), reference.to_owned());
    let mut context = state.run(move |desk| compose(desk, &actor, &reference, audience)).await?;
    context.alarm_open = again.alarm_open;
    let title = format!("Bundle of {}", context.incident.reference);
    let mut page = Page::new(request, state, signed, &title).values(again.values).errors(again.errors);
    if let Some(status) = again.status {
        page = page.status(status);
    }
    page.render("incidents/bundle_preview.html", &context)
}

fn compose(desk: &Desk, actor: &Actor, reference: &str, audience: Audience) -> Result<BundlePreview, Failure> {
    let preview = build_bundle::preview(desk, actor, reference, audience)?;
    let Preview { report, source, alarms, refusals } = &preview;
    let zone = source.site.time_zone.as_str();
    desk.read(|connection| {
        let mut names = Names::default();
        let mut incident = shown::incident(connection, &mut names, &source.incident, &source.site)?;
        incident.facts = FactsShown::from(&report.facts);
        let rows = shown::evidence(connection, &mut names, &desk.rules(), &source.incident, zone)?;
        let (mut texts, mut dropped) = (Vec::new(), Vec::new());
        for (media, row) in rows {
            match media {
                Media::Text => texts.push(row),
                Media::Dropped => dropped.push(row.name),
                Media::Picture => {}
            }
        }
        let by_level = |level: Level| -> Vec<_> {
            missing(&report.missing.iter().filter(|fact| fact.level == level).cloned().collect::<Vec<_>>())
        };
        Ok(BundlePreview {
            audience: audience.to_string(),
            audience_words: audience.in_words(),
            other_party: audience.is_other_party(),
            audiences: audiences(),
            asks: audience.request(),
            must_miss: by_level(Level::Mandatory),
            want_miss: by_level(Level::Wanted),
            ready: refusals.is_empty() && actor.may(Act::BuildBundle, &source.site.id),
            refusals: refusals.iter().filter(|reason| !is_shown_elsewhere(reason)).cloned().collect(),
            texts,
            pictures: pictures(desk, connection, &mut names, &preview, audience)?,
            dropped,
            no_evidence_reason: source.incident.no_evidence_reason.clone().map(|reason| reason.into_string()),
            paused: report.paused.iter().map(ToString::to_string).collect(),
            scan: Scan { hits: hits(desk, connection, &mut names, actor, &preview)? },
            second_person: alarms.iter().any(|alarm| alarm.level != "suspicious"),
            may_lift: actor.may(Act::BuildBundle, &source.site.id),
            alarm_open: None,
            incident,
        })
    })
}

/// The page has a place of its own for what is missing and for the second scan.
fn is_shown_elsewhere(reason: &Reason) -> bool {
    reason.code.starts_with("missing_") || reason.code == "second_scan"
}

fn audiences() -> Vec<Choice> {
    let label = |audience: &Audience| match audience {
        Audience::Hosting => "Hosting company",
        Audience::Provider => "AI provider",
        Audience::Vendor => "Plugin vendor",
        Audience::Internal => "Our operations",
    };
    Audience::ALL.iter().map(|audience| Choice::new(audience.as_str(), label(audience))).collect()
}

fn pictures(
    desk: &Desk,
    connection: &mut Connection,
    names: &mut Names,
    preview: &Preview,
    audience: Audience,
) -> Result<Vec<PicturePreview>, Failure> {
    let zone = preview.source.site.time_zone.as_str();
    let mut found = Vec::new();
    for (row, version) in &preview.source.evidence {
        let (Media::Picture, Some(version)) = (row.media, version) else { continue };
        let picture = picture::shown(desk, &row.id, version)?;
        let released = match evidence::unused_release(connection, &row.id, audience, &version.sha256)? {
            Some(release) => {
                Some(ByAt { by: names.person(connection, &release.person_id)?, at: time(release.released_at, zone) })
            }
            None => None,
        };
        found.push(PicturePreview {
            id: row.id.to_string(),
            name: row.name.as_str().to_owned(),
            src: picture.src,
            width: picture.width,
            height: picture.height,
            sha256: version.sha256.clone(),
            released,
        });
    }
    Ok(found)
}

fn hits(
    desk: &Desk,
    connection: &mut Connection,
    names: &mut Names,
    actor: &Actor,
    preview: &Preview,
) -> Result<Vec<ScanHit>, Failure> {
    let zone = preview.source.site.time_zone.as_str();
    let mut found = Vec::new();
    for alarm in &preview.alarms {
        let mut shown = hit::shown(desk, connection, names, actor, zone, alarm)?;
        shown.fix = fix(alarm, &preview.report, &preview.source.evidence);
        found.push(shown);
    }
    Ok(found)
}

/// Where it can be taken out: the evidence that holds it, or the facts of the report.
fn fix(alarm: &AlarmRow, report: &Report, rows: &[(EvidenceRow, Option<VersionRow>)]) -> Option<Link> {
    let (member, place) = alarm.place.split_once(", line ")?;
    let line: u64 = place.split(',').next()?.trim().parse().ok()?;
    if member.starts_with("report.") {
        let href = format!("/incidents/{}/edit", report.reference);
        return Some(Link { href, label: "Take it out of the facts" });
    }
    let at = report.evidence.iter().position(|item| item.path.as_deref() == Some(member))?;
    let (row, _) = rows.get(at)?;
    Some(Link { href: format!("/evidence/{}?from={line}#L{line}", row.id), label: "See the place" })
}
