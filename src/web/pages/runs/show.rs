//! `GET /runs/{id}`: one run, its explanation and its review in five parts.

use super::list::AutomationName;
use crate::actions::report_run;
use crate::actions::review_run::{self, RunReview};
use crate::actions::{Failure, sight};
use crate::domain::ids::RunId;
use crate::domain::person::{Act, Actor};
use crate::domain::run::{ReviewPart, RunOutcome, cost_in_units};
use crate::redaction::Redacted;
use crate::store::runs::{self, RunReviewRow, RunRow};
use crate::store::{Connection, incidents, sites};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::{Page, go};
use crate::web::press::{Again, press};
use crate::web::shown::{ByAt, MaybeLabelled, Names, SiteName, Time, capital, time};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct Context {
    automation: AutomationName,
    run: RunShown,
    review: Option<ReviewShown>,
    parts: Vec<Part>,
    can: Can,
}

#[derive(Serialize)]
struct RunShown {
    id: String,
    outcome: String,
    environment: String,
    scope: String,
    gate_closed: bool,
    incomplete: bool,
    missing: Vec<String>,
    facts: Vec<MaybeLabelled>,
    failed: bool,
    error: Vec<MaybeLabelled>,
    ended_at: Time,
    reported: ByAt,
    incident: Option<String>,
    explanation: Option<String>,
    explained: Option<ByAt>,
    /// The owner still has to explain it.
    unexplained: bool,
}

#[derive(Serialize)]
struct ReviewShown {
    acceptable: bool,
    parts: Vec<MaybeLabelled>,
    reviewed: ByAt,
}

#[derive(Serialize)]
struct Part {
    name: &'static str,
    label: String,
    hint: &'static str,
}

#[derive(Serialize)]
struct Can {
    review: bool,
    explain: bool,
}

/// `GET /runs/{id}`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    render(&state, &request, &signed, id.into_inner(), Again::default()).await
}

/// `POST /runs/{id}/review`.
pub(in crate::web) async fn review(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (id, run) = (id.clone(), id.into_inner());
    let again = press(&state, &request, &signed, &fields, "review", seen(&run), move |desk, actor, fields| {
        let acceptable = match fields.text("acceptable") {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
        let parts = ReviewPart::ALL.iter().map(|part| (*part, fields.text(part.as_str()).to_owned())).collect();
        review_run::run(desk, actor, &id, &RunReview { acceptable, parts }).map(drop)
    })
    .await?;
    match again {
        None => Ok(go(&state, &format!("/runs/{run}#review"), "success", "The run is reviewed.")),
        Some(again) => render(&state, &request, &signed, run, again).await,
    }
}

/// `POST /runs/{id}/explanation`.
pub(in crate::web) async fn explain(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (id, run) = (id.clone(), id.into_inner());
    let again = press(&state, &request, &signed, &fields, "explanation", seen(&run), move |desk, actor, fields| {
        review_run::explain(desk, actor, &id, fields.text("explanation")).map(drop)
    })
    .await?;
    match again {
        None => Ok(go(&state, &format!("/runs/{run}#explanation-h"), "success", "The run is explained.")),
        Some(again) => render(&state, &request, &signed, run, again).await,
    }
}

/// Whoever sees the run learns what is wrong with a form on its page.
fn seen(id: &str) -> impl FnOnce(&mut Connection, &Actor) -> Result<(), Failure> + Send + 'static {
    let id = RunId::from_text(id);
    move |connection, actor| review_run::find(connection, actor, &id, Act::ReadRegistry).map(drop)
}

async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    id: String,
    again: Again,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let context = state.run(move |desk| desk.read(|connection| compose(connection, &actor, &id))).await?;
    let title = format!("Run of {}", context.automation.name);
    Page::new(request, state, signed, &title).again(again).render("automations/run.html", &context)
}

fn compose(connection: &mut Connection, actor: &Actor, id: &str) -> Result<Context, Failure> {
    let (row, automation) = review_run::find(connection, actor, &RunId::from_text(id), Act::ReadRegistry)?;
    let site = sight::promised(sites::find(connection, &automation.site_id))?;
    let review = runs::review(connection, &row.id)?;
    let me = actor.person().map(|person| &person.id);
    let may_review = actor.may(Act::ReviewRun, &automation.site_id);
    let explainable = row.explanation.is_none() && (row.outcome == RunOutcome::Failure || row.gate_closed);
    let unexplained = row.outcome == RunOutcome::Failure && row.explanation.is_none();
    let can = Can {
        review: may_review && review.is_none() && !unexplained,
        explain: may_review && explainable && automation.owner_id.as_ref() == me,
    };
    Ok(Context {
        run: shown(connection, row, &site.time_zone)?,
        review: review.map(|review| review_shown(connection, review, &site.time_zone)).transpose()?,
        parts: ReviewPart::ALL.iter().map(|part| part_of(*part)).collect(),
        can,
        automation: AutomationName { slug: automation.slug, name: automation.name, site: SiteName::from(&site) },
    })
}

fn part_of(part: ReviewPart) -> Part {
    let hint = match part {
        ReviewPart::History => "What its last runs show beside this one.",
        ReviewPart::Failures => "Which runs failed, and whether that is understood.",
        ReviewPart::Cost => "Whether the cost is what was expected.",
        ReviewPart::AffectedRecords => "Which records it touched, and how you looked at them.",
        ReviewPart::AuditEvents => "What the site's audit log says of it.",
    };
    Part { name: part.as_str(), label: capital(&part.label()), hint }
}

fn shown(connection: &mut Connection, row: RunRow, zone: &str) -> Result<RunShown, Failure> {
    let mut names = Names::default();
    let text = |label: &str, value: Option<Redacted>| MaybeLabelled {
        label: label.into(),
        value: value.map(Redacted::into_string).filter(|text| !text.is_empty()),
    };
    let incident = match &row.incident_id {
        Some(id) => Some(sight::promised(incidents::find(connection, id))?.reference),
        None => None,
    };
    let explained = match (&row.explained_by, row.explained_at) {
        (Some(by), Some(at)) => Some(ByAt { by: names.person(connection, by)?, at: time(at, zone) }),
        _ => None,
    };
    let failed = row.outcome == RunOutcome::Failure;
    Ok(RunShown {
        missing: report_run::missing(&row),
        outcome: row.outcome.as_str().to_owned(),
        environment: row.environment.label(),
        scope: row.scope.label(),
        gate_closed: row.gate_closed,
        incomplete: row.incomplete,
        unexplained: failed && row.explanation.is_none(),
        failed,
        ended_at: time(row.ended_at, zone),
        reported: ByAt { by: names.actor(connection, &row.reported_by)?, at: time(row.reported_at, zone) },
        id: row.id.to_string(),
        facts: vec![
            text("What was done", Some(row.what)),
            text("Why", Some(row.why)),
            MaybeLabelled { label: "Cost".into(), value: row.cost.map(|cost| format!("{:.2}", cost_in_units(cost))) },
            text("Affected records", row.affected_records),
            text("Audit reference", row.audit_reference),
        ],
        error: vec![
            text("Error code", row.error_code),
            text("Step", row.error_step),
            text("Input", row.error_input),
            text("Next contact", row.next_contact),
        ],
        incident,
        explanation: row.explanation.map(Redacted::into_string),
        explained,
    })
}

fn review_shown(connection: &mut Connection, row: RunReviewRow, zone: &str) -> Result<ReviewShown, Failure> {
    let by = Names::default().person(connection, &row.reviewed_by)?;
    let texts = [row.history, row.failures, row.cost, row.affected_records, row.audit_events];
    let parts = ReviewPart::ALL.iter().zip(texts);
    Ok(ReviewShown {
        acceptable: row.acceptable,
        parts: parts
            .map(|(part, text)| MaybeLabelled { label: capital(&part.label()), value: Some(text.into_string()) })
            .collect(),
        reviewed: ByAt { by, at: time(row.reviewed_at, zone) },
    })
}
