//! `/sites/{slug}/changes`: report an outside event; what was reported before.

use crate::actions::report_change::{self, NewChange};
use crate::actions::{Failure, sight};
use crate::domain::cadence::OutsideChange;
use crate::domain::person::{Act, Actor};
use crate::store::{Connection, cadence, incidents};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::{Page, go};
use crate::web::press::{Again, press};
use crate::web::shown::{ByAt, HintedChoice, Names, SiteName, capital, time};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct Context {
    site: SiteName,
    kinds: Vec<HintedChoice>,
    changes: Vec<ChangeShown>,
    may_report: bool,
}

#[derive(Serialize)]
struct ChangeShown {
    kind: String,
    note: String,
    reported: ByAt,
    incident: Option<String>,
    paused: Vec<String>,
}

/// Events that the page names.
const EVENTS: i64 = 30;

/// `GET /sites/{slug}/changes`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    slug: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    render(&state, &request, &signed, slug.into_inner(), Again::default()).await
}

/// `POST /sites/{slug}/changes`.
pub(in crate::web) async fn submit(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    slug: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (slug, site) = (slug.clone(), slug.into_inner());
    let asked = site.clone();
    let seen =
        move |connection: &mut Connection, actor: &Actor| sight::site(connection, actor, &asked, Act::ReportChange);
    let again = press(&state, &request, &signed, &fields, "", seen, move |desk, actor, fields| {
        let note = fields.text("note").to_owned();
        let Some(kind) = OutsideChange::parse(fields.text("kind")) else {
            return Err(Failure::field("kind", "Choose what changed."));
        };
        let provider = fields.optional("provider");
        report_change::run(desk, actor, NewChange { kind, site: slug, note, provider }).map(drop)
    })
    .await?;
    match again {
        None => Ok(go(
            &state,
            &format!("/sites/{site}/changes"),
            "success",
            "It is on record. What it paused stands below.",
        )),
        Some(again) => render(&state, &request, &signed, site, again).await,
    }
}

async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    slug: String,
    again: Again,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let context = state.run(move |desk| desk.read(|connection| compose(connection, &actor, &slug))).await?;
    let title = format!("Outside events on {}", context.site.name);
    Page::new(request, state, signed, &title).again(again).render("sites/changes.html", &context)
}

fn compose(connection: &mut Connection, actor: &Actor, slug: &str) -> Result<Context, Failure> {
    let site = sight::site(connection, actor, slug, Act::ReadRegistry)?;
    let mut names = Names::default();
    let mut changes = Vec::new();
    for row in cadence::changes_of(connection, Some(std::slice::from_ref(&site.id)), None, EVENTS)? {
        let incident = match &row.incident_id {
            Some(id) => Some(sight::promised(incidents::find(connection, id))?.reference),
            None => None,
        };
        changes.push(ChangeShown {
            kind: capital(&row.kind.label()),
            reported: ByAt {
                by: names.actor(connection, &row.reported_by)?,
                at: time(row.reported_at, &site.time_zone),
            },
            paused: row.paused.to_vec(),
            note: row.note.into_string(),
            incident,
        });
    }
    Ok(Context {
        may_report: actor.may(Act::ReportChange, &site.id),
        kinds: OutsideChange::ALL.iter().map(|kind| choice(*kind)).collect(),
        site: SiteName::from(&site),
        changes,
    })
}

fn choice(kind: OutsideChange) -> HintedChoice {
    let hint = match (kind.pauses(), kind.asks_for_review()) {
        (true, true) => "Pauses what it concerns, opens an incident, and asks for a review.",
        (true, false) => "Pauses every automation of the site and opens an incident.",
        (false, true) => "Goes on record, and asks for a review of what it concerns.",
        (false, false) => "Goes on record.",
    };
    HintedChoice::new(kind.as_str(), capital(&kind.label()), hint)
}
