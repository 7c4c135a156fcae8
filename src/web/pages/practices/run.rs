//! `GET /practice-runs/{id}`: how something stands; attestations, reviews that are due, moving on to the newest version.

use super::list::{SubjectName, subject};
use super::show::words;
use crate::actions::keep_practice::{self as acts, Standing};
use crate::actions::sight::promised;
use crate::actions::{Desk, Failure, escalate_practice};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::practice::{Change, Rule};
use crate::store::{Connection, sites};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::{Page, go};
use crate::web::press::{self, Again};
use crate::web::shown::{ByAt, Names, SiteName, Time, capital, time};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct Context {
    run: RunShown,
    items: Vec<Item>,
    unmet: usize,
    complete: bool,
    escalations: Vec<EscalationShown>,
    changes: Vec<Change>,
    reviews: Vec<Review>,
    may_keep: bool,
}

#[derive(Serialize)]
struct RunShown {
    id: String,
    practice: String,
    title: String,
    version: i32,
    subject: SubjectName,
    site: SiteName,
}

#[derive(Serialize)]
struct Item {
    id: String,
    section: String,
    text: String,
    rule: String,
    met: bool,
    attested: Vec<Attested>,
    /// May this person attest it?
    can_attest: bool,
    evidence: bool,
}

#[derive(Serialize)]
struct Attested {
    by: ByAt,
    evidence: Option<String>,
}

#[derive(Serialize)]
struct Review {
    id: String,
    occasion: String,
    due_at: Time,
    overdue: bool,
    done: Option<ByAt>,
    note: Option<String>,
}

#[derive(Serialize)]
struct EscalationShown {
    /// Of what was raised; empty until the next round raises it.
    id: String,
    text: String,
    raised_at: Option<Time>,
    dismissed: Option<ByAt>,
    because: Option<String>,
    /// May this person dismiss it?
    can_dismiss: bool,
}

/// `GET /practice-runs/{id}`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    render(&state, &request, &signed, id.into_inner(), Again::default()).await
}

async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    id: String,
    again: Again,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let context = state
        .run(move |desk| {
            let now = desk.now();
            desk.read(|connection| context(connection, &actor, &id, now))
        })
        .await?;
    let title = format!("{}: {}", context.run.title, context.run.subject.name);
    Page::new(request, state, signed, &title).again(again).render("practices/run.html", &context)
}

fn context(connection: &mut Connection, actor: &Actor, id: &str, now: Moment) -> Result<Context, Failure> {
    let run = acts::find(connection, actor, id, Act::ReadRegistry)?;
    let site = promised(sites::find(connection, &run.site_id))?;
    let subject = subject(connection, &run)?;
    let standing = acts::standing(connection, run)?;
    let mut names = Names::default();
    let items = items(connection, actor, &standing, &mut names, &site.time_zone)?;
    let mut reviews = Vec::new();
    for row in &standing.reviews {
        let done = match (&row.done_by, row.done_at) {
            (Some(by), Some(at)) => Some(ByAt { by: names.person(connection, by)?, at: time(at, &site.time_zone) }),
            _ => None,
        };
        reviews.push(Review {
            id: row.id.to_string(),
            occasion: capital(&row.occasion.label()),
            due_at: time(row.due_at, &site.time_zone),
            overdue: done.is_none() && row.due_at < now,
            done,
            note: row.note.clone().map(|note| note.into_string()),
        });
    }
    Ok(Context {
        unmet: standing.unmet().len(),
        complete: standing.complete(),
        escalations: escalations(connection, actor, &standing, &mut names, &site.time_zone)?,
        items,
        reviews,
        may_keep: actor.may(Act::KeepPractice, &site.id),
        run: RunShown {
            id: standing.run.id.to_string(),
            practice: standing.practice.name.clone(),
            title: standing.practice.title.clone(),
            version: standing.run.version,
            subject,
            site: SiteName::from(&site),
        },
        changes: standing.changes,
    })
}

fn escalations(
    connection: &mut Connection,
    actor: &Actor,
    standing: &Standing,
    names: &mut Names,
    zone: &str,
) -> Result<Vec<EscalationShown>, Failure> {
    let mut shown = Vec::new();
    for line in standing.escalations() {
        let raised = standing.raised(line);
        let dismissed = match raised.and_then(|row| row.dismissed_by.as_ref().zip(row.dismissed_at)) {
            Some((by, at)) => Some(ByAt { by: names.person(connection, by)?, at: time(at, zone) }),
            None => None,
        };
        shown.push(EscalationShown {
            id: raised.map(|row| row.id.to_string()).unwrap_or_default(),
            text: format!("{} {}", line.text, words(&line.rule)),
            raised_at: raised.map(|row| time(row.raised_at, zone)),
            dismissed,
            because: raised.and_then(|row| row.dismissed_because.clone()).map(|text| text.into_string()),
            can_dismiss: raised.is_some_and(|row| row.stands())
                && escalate_practice::is_told(actor, line, &standing.run),
        });
    }
    Ok(shown)
}

fn items(
    connection: &mut Connection,
    actor: &Actor,
    standing: &Standing,
    names: &mut Names,
    zone: &str,
) -> Result<Vec<Item>, Failure> {
    let unmet: Vec<&str> = standing.unmet().into_iter().map(|line| line.id.as_str()).collect();
    let mut items = Vec::new();
    for line in standing.practice.lines.iter().filter(|line| line.is_item()) {
        let mut attested = Vec::new();
        for row in standing.attestations.iter().filter(|row| row.line_id == line.id) {
            attested.push(Attested {
                by: ByAt { by: names.person(connection, &row.attested_by)?, at: time(row.attested_at, zone) },
                evidence: row.evidence.clone().map(|text| text.into_string()),
            });
        }
        let (can_attest, evidence) = match &line.rule {
            Rule::Attestation(asked) => {
                let site = &standing.run.site_id;
                (actor.may(Act::KeepPractice, site) && acts::holds_role(actor, asked.role, site), asked.evidence)
            }
            _ => (false, false),
        };
        items.push(Item {
            id: line.id.clone(),
            section: capital(&line.section().replace('_', " ")),
            text: line.text.clone(),
            rule: words(&line.rule),
            met: !unmet.contains(&line.id.as_str()),
            attested,
            can_attest,
            evidence,
        });
    }
    Ok(items)
}

async fn press(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    run: String,
    fields: Fields,
    (form, said): (String, &'static str),
    act: impl FnOnce(&Desk, &Actor, &Fields) -> Result<(), Failure> + Send + 'static,
) -> Result<HttpResponse, PageFailure> {
    let named = run.clone();
    let seen =
        move |connection: &mut Connection, actor: &Actor| acts::find(connection, actor, &named, Act::KeepPractice);
    match press::press(state, request, signed, &fields, &form, seen, act).await? {
        None => Ok(go(state, &format!("/practice-runs/{run}"), "success", said)),
        Some(again) => render(state, request, signed, run, again).await,
    }
}

/// `POST /practice-runs/{id}/attestations`.
pub(in crate::web) async fn attest(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let run = id.into_inner();
    let (named, form) = (run.clone(), (fields.text("line").to_owned(), "It stands there with your name."));
    press(&state, &request, &signed, run, fields, form, move |desk, actor, fields| {
        acts::attest(desk, actor, &named, fields.text("line"), Some(fields.text("evidence"))).map(drop)
    })
    .await
}

/// `POST /practice-runs/{id}/version`.
pub(in crate::web) async fn move_on(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let run = id.into_inner();
    let (named, form) = (run.clone(), (String::new(), "It follows the newest version now."));
    press(&state, &request, &signed, run, fields, form, move |desk, actor, _| {
        acts::move_on(desk, actor, &named).map(drop)
    })
    .await
}

/// `POST /practice-runs/{id}/reviews/{review}`.
pub(in crate::web) async fn review(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (run, review) = path.into_inner();
    let form = (review.clone(), "The review is done.");
    press(&state, &request, &signed, run, fields, form, move |desk, actor, fields| {
        acts::complete_review(desk, actor, &review, fields.text("note")).map(drop)
    })
    .await
}

/// `POST /practice-runs/{id}/escalations/{escalation}`: dismisses it.
pub(in crate::web) async fn dismiss(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (run, escalation) = path.into_inner();
    let form = (escalation.clone(), "It is dismissed, with your reason.");
    press(&state, &request, &signed, run, fields, form, move |desk, actor, fields| {
        escalate_practice::dismiss(desk, actor, &escalation, fields.text("reason")).map(drop)
    })
    .await
}
