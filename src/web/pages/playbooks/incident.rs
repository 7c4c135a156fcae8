//! `/incidents/{ref}/playbooks`: a playbook is gone through, step by step.

use crate::actions::sight::{self, promised};
use crate::actions::{Desk, Failure, playbook_words, playbooks as acts, run_playbook};
use crate::domain::person::{Act, Actor};
use crate::domain::playbook::{Boundary, PlaybookState, production_reasons};
use crate::domain::playbook_words::{Piece, Place};
use crate::store::playbook_runs::{self, PlaybookRunRow, StepRow};
use crate::store::{Connection, playbooks};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::{Page, go};
use crate::web::press::{self, Again};
use crate::web::shown::{ByAt, Choice, IncidentName, Names, time};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct Context {
    incident: IncidentName,
    runs: Vec<Run>,
    choices: Vec<Choice>,
    may_work: bool,
}

#[derive(Serialize)]
struct Run {
    id: String,
    title: String,
    version: i32,
    playbook: String,
    started: ByAt,
    left: usize,
    steps: Vec<Step>,
}

#[derive(Serialize)]
struct Step {
    id: String,
    number: i32,
    title: Vec<Word>,
    instructions: Vec<Word>,
    effect: String,
    approval: String,
    needs_approval: bool,
    asked: Option<ByAt>,
    approved: Option<ByAt>,
    done: Option<ByAt>,
    evidence: Option<String>,
    /// Is it the next one?
    next: bool,
    can_ask: bool,
    can_approve: bool,
    can_tick: bool,
}

/// A piece of a step's words. `kind`: words, here, or missing with the address where it is written down.
#[derive(Serialize)]
struct Word {
    kind: &'static str,
    text: String,
    href: Option<String>,
}

/// `GET /incidents/{ref}/playbooks`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    reference: web::Path<String>,
) -> Result<HttpResponse, PageFailure> {
    render(&state, &request, &signed, reference.into_inner(), Again::default()).await
}

async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    reference: String,
    again: Again,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let context = state.run(move |desk| desk.read(|connection| context(connection, &actor, &reference))).await?;
    let title = format!("Playbooks in {}", context.incident.reference);
    Page::new(request, state, signed, &title).again(again).render("playbooks/incident.html", &context)
}

fn context(connection: &mut Connection, actor: &Actor, reference: &str) -> Result<Context, Failure> {
    let case = sight::case(connection, actor, reference, Act::ReadIncidents)?;
    let mut choices = Vec::new();
    for row in playbooks::list(connection)?.into_iter().filter(|row| row.site_id == case.site.id) {
        let ready =
            row.state != PlaybookState::Disabled && production_reasons(&acts::import(connection, &row)?).is_empty();
        if ready && actor.may(Act::ReadRegistry, &row.site_id) {
            let content = promised(playbooks::content(connection, &row))?.content.into_inner();
            choices.push(Choice::new(row.id.as_str(), content.title.into_string()));
        }
    }
    let open = case.incident.status.is_open();
    let (mut names, mut runs) = (Names::default(), Vec::new());
    for run in playbook_runs::of_incident(connection, &case.incident.id)? {
        let rows = playbook_runs::steps(connection, &run.id)?;
        let next = rows.iter().find(|step| step.done_at.is_none()).map(|step| step.number);
        let left = rows.iter().filter(|step| step.done_at.is_none()).count();
        let local = playbook_words::on_site(connection, &run, &case.site)?;
        let mut steps = Vec::new();
        for row in rows {
            let is_next = open && next == Some(row.number);
            let words = |text: &str| words(local.pieces(text), actor, &case, &run);
            let said = (words(row.title.as_str()), words(row.instructions.as_str()));
            steps.push(step(connection, actor, &case, &mut names, (row, said), is_next)?);
        }
        runs.push(Run {
            id: run.id.to_string(),
            title: run.title.into_string(),
            version: run.version,
            playbook: run.playbook_id.to_string(),
            started: ByAt {
                by: names.person(connection, &run.started_by)?,
                at: time(run.started_at, &case.site.time_zone),
            },
            left,
            steps,
        });
    }
    Ok(Context {
        incident: IncidentName { reference: case.incident.reference, title: case.incident.title.into_string() },
        runs,
        choices,
        may_work: open && actor.may(Act::WorkIncident, &case.site.id),
    })
}

/// The pieces of a text, each missing value with the place where this person can write it down, or read about it.
fn words(pieces: Vec<Piece>, actor: &Actor, case: &sight::Case, run: &PlaybookRunRow) -> Vec<Word> {
    let shown = |piece| match piece {
        Piece::Words(text) => Word { kind: "words", text, href: None },
        Piece::Here(text) => Word { kind: "here", text, href: None },
        Piece::Missing(text, place) => {
            let href = match place {
                Place::Site(field) if actor.may(Act::ManageRegistry, &case.site.id) => {
                    format!("/sites/{}/edit#{field}", case.site.slug)
                }
                Place::Site(_) => format!("/sites/{}", case.site.slug),
                Place::Row(topic) => format!("/playbooks/{}#row-{topic}", run.playbook_id),
            };
            Word { kind: "missing", text, href: Some(href) }
        }
    };
    pieces.into_iter().map(shown).collect()
}

fn step(
    connection: &mut Connection,
    actor: &Actor,
    case: &sight::Case,
    names: &mut Names,
    (row, (title, instructions)): (StepRow, (Vec<Word>, Vec<Word>)),
    next: bool,
) -> Result<Step, Failure> {
    let me = actor.person().map(|person| &person.id);
    let mut by_at = |by: &Option<_>, at: Option<_>| -> Result<Option<ByAt>, Failure> {
        let (Some(by), Some(at)) = (by, at) else { return Ok(None) };
        Ok(Some(ByAt { by: names.person(connection, by)?, at: time(at, &case.site.time_zone) }))
    };
    let needs_approval = row.approval != Boundary::None;
    let works = next && actor.may(Act::WorkIncident, &case.site.id);
    let asked_another = row.asked_by.is_some() && row.asked_by.as_ref() != me;
    Ok(Step {
        id: row.id.to_string(),
        number: row.number,
        effect: row.effect.label(),
        approval: row.approval.label(),
        needs_approval,
        asked: by_at(&row.asked_by, row.asked_at)?,
        approved: by_at(&row.approved_by, row.approved_at)?,
        done: by_at(&row.done_by, row.done_at)?,
        can_ask: works && needs_approval && row.asked_at.is_none(),
        can_approve: next && asked_another && row.approved_at.is_none() && actor.may(Act::VerifyAction, &case.site.id),
        can_tick: works
            && (!needs_approval || row.approved_at.is_some())
            && (row.approved_by.is_none() || row.approved_by.as_ref() != me),
        next,
        evidence: row.evidence.map(|text| text.into_string()),
        title,
        instructions,
    })
}

/// Does the act for somebody who sees the incident.
async fn press(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    reference: String,
    fields: Fields,
    (open_form, said): (String, &'static str),
    act: impl FnOnce(&Desk, &Actor, &str, &Fields) -> Result<(), Failure> + Send + 'static,
) -> Result<HttpResponse, PageFailure> {
    let (asked, named) = (reference.clone(), reference.clone());
    let seen =
        move |connection: &mut Connection, actor: &Actor| sight::case(connection, actor, &asked, Act::ReadIncidents);
    let act = move |desk: &Desk, actor: &Actor, fields: &Fields| act(desk, actor, &named, fields);
    match press::press(state, request, signed, &fields, &open_form, seen, act).await? {
        None => Ok(go(state, &format!("/incidents/{reference}/playbooks"), "success", said)),
        Some(again) => render(state, request, signed, reference, again).await,
    }
}

/// `POST /incidents/{ref}/playbooks`: begins one.
pub(in crate::web) async fn begin(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    reference: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let form = ("begin".to_owned(), "The playbook has begun. Its steps stay as they are now.");
    press(&state, &request, &signed, reference.into_inner(), fields, form, |desk, actor, reference, fields| {
        run_playbook::begin(desk, actor, reference, fields.text("playbook")).map(drop)
    })
    .await
}

/// `POST /incidents/{ref}/playbooks/{step}/{what}`: asks for an approval, agrees, or ticks.
pub(in crate::web) async fn work(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    path: web::Path<(String, String, String)>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (reference, step, what) = path.into_inner();
    let said = match what.as_str() {
        "approval-request" => "A second person is asked.",
        "approval" => "You agreed to the step.",
        "completion" => "The step is done.",
        _ => return Err(Failure::NotFound.into()),
    };
    let form = (format!("step-{step}"), said);
    press(&state, &request, &signed, reference, fields, form, move |desk, actor, reference, fields| {
        if run_playbook::seen(desk, actor, &step, Act::ReadIncidents)? != reference {
            return Err(Failure::NotFound);
        }
        match what.as_str() {
            "approval-request" => run_playbook::ask(desk, actor, &step),
            "approval" => run_playbook::approve(desk, actor, &step),
            _ => run_playbook::tick(desk, actor, &step, fields.text("evidence")),
        }
        .map(drop)
    })
    .await
}
