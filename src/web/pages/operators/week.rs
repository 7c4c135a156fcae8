//! `/week-reviews/{id}`: the review of a new operator's first week.

use super::procedures::site_name;
use crate::actions::{Desk, Failure, review_week as acts, sight, training};
use crate::domain::operator::{Shortfall, WeekSource};
use crate::domain::person::{Act, Actor};
use crate::domain::problem::Reason;
use crate::store::week_reviews::{self, WeekReviewRow};
use crate::store::{Connection, procedures};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::{Fields, renamed};
use crate::web::page::{Page, go};
use crate::web::press::{Again, press};
use crate::web::shown::{ByAt, Choice, NO_SITE, Names, Time, capital, time};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct Context {
    review: Shown,
    sources: Vec<Source>,
    tasks: Vec<Task>,
    reasons: Vec<Reason>,
    source_choices: Vec<Choice>,
    finding_choices: Vec<Choice>,
    procedures: Vec<Choice>,
    can_review: bool,
    can_write: bool,
}

#[derive(Serialize)]
struct Shown {
    id: String,
    person_id: String,
    name: String,
    role: String,
    site_name: String,
    opened_at: Time,
    ends_at: Time,
    closed: Option<ByAt>,
    note: Option<String>,
}

#[derive(Serialize)]
struct Source {
    label: String,
    recorded: Vec<Recorded>,
    notes: Vec<Note>,
}

#[derive(Serialize)]
struct Recorded {
    at: Time,
    what: String,
}

#[derive(Serialize)]
struct Note {
    what: String,
    finding: Option<String>,
    by: ByAt,
}

#[derive(Serialize)]
struct Task {
    id: String,
    finding: String,
    opened_at: Time,
    procedure: Option<String>,
    done: Option<ByAt>,
}

/// `GET /week-reviews/{id}`.
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
            desk.read(|connection| {
                let row = acts::find(connection, &actor, &id)?;
                context(connection, desk, &actor, row)
            })
        })
        .await?;
    let title = format!("First week of {}", context.review.name);
    Page::new(request, state, signed, &title).again(again).render("operators/week.html", &context)
}

fn context(connection: &mut Connection, desk: &Desk, actor: &Actor, row: WeekReviewRow) -> Result<Context, Failure> {
    let mut names = Names::default();
    let reasons = acts::reasons(connection, &row, desk.now())?;
    let own = |procedure: &procedures::ProcedureRow| procedure.role == row.role;
    let written = procedures::current(connection)?.into_iter().filter(own);
    let written = written.map(|procedure| Choice::new(procedure.slug, procedure.content.title.to_string())).collect();
    let choice = |word: &str, label: String| Choice::new(word, capital(&label));
    Ok(Context {
        sources: sources(connection, &row, &mut names)?,
        tasks: tasks(connection, &row, &mut names)?,
        reasons,
        source_choices: WeekSource::ALL.iter().map(|word| choice(word.as_str(), word.label())).collect(),
        finding_choices: Shortfall::ALL.iter().map(|word| choice(word.as_str(), word.label())).collect(),
        procedures: written,
        can_review: row.closed_at.is_none() && training::trainee(connection, actor, &row.person_id).is_ok(),
        can_write: actor.may_everywhere(Act::ManageProcedures),
        review: Shown {
            id: row.id.to_string(),
            name: names.person(connection, &row.person_id)?,
            role: row.role.label(),
            site_name: site_name(connection, row.site_id.as_ref())?,
            opened_at: time(row.opened_at, NO_SITE),
            ends_at: time(row.week_ends_at, NO_SITE),
            closed: match (&row.closed_by, row.closed_at) {
                (Some(by), Some(at)) => Some(ByAt { by: names.person(connection, by)?, at: time(at, NO_SITE) }),
                _ => None,
            },
            note: row.note.map(|note| note.into_string()),
            person_id: row.person_id.to_string(),
        },
    })
}

fn sources(connection: &mut Connection, row: &WeekReviewRow, names: &mut Names) -> Result<Vec<Source>, Failure> {
    let recorded = acts::recorded(connection, row)?;
    let notes = week_reviews::notes(connection, &row.id)?;
    let mut shown = Vec::new();
    for source in WeekSource::ALL {
        let mut own = Vec::new();
        for note in notes.iter().filter(|note| note.source == *source) {
            own.push(Note {
                what: note.what.to_string(),
                finding: note.finding.map(|kind| capital(&kind.label())),
                by: ByAt { by: names.person(connection, &note.noted_by)?, at: time(note.noted_at, NO_SITE) },
            });
        }
        let recorded = recorded.iter().filter(|record| record.source == *source);
        shown.push(Source {
            label: capital(&source.label()),
            recorded: recorded
                .map(|record| Recorded { at: time(record.at, NO_SITE), what: record.what.clone() })
                .collect(),
            notes: own,
        });
    }
    Ok(shown)
}

fn tasks(connection: &mut Connection, row: &WeekReviewRow, names: &mut Names) -> Result<Vec<Task>, Failure> {
    let mut shown = Vec::new();
    for task in acts::tasks(connection, row)? {
        let procedure = match &task.procedure_id {
            Some(id) => Some(sight::promised(procedures::find(connection, id))?.slug),
            None => None,
        };
        shown.push(Task {
            id: task.id.to_string(),
            finding: capital(&task.finding.label()),
            opened_at: time(task.opened_at, NO_SITE),
            procedure,
            done: match (&task.done_by, task.done_at) {
                (Some(by), Some(at)) => Some(ByAt { by: names.person(connection, by)?, at: time(at, NO_SITE) }),
                _ => None,
            },
        });
    }
    Ok(shown)
}

/// `POST /week-reviews/{id}/notes`.
pub(in crate::web) async fn note(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (id, named, asked) = (id.clone(), id.clone(), id.into_inner());
    let seen = move |connection: &mut Connection, actor: &Actor| acts::reviewed(connection, actor, &asked);
    let again = press(&state, &request, &signed, &fields, "note", seen, move |desk, actor, fields| {
        let source = WeekSource::parse(fields.text("source"))
            .ok_or_else(|| Failure::field("source", "Choose what you read."))?;
        let finding = match fields.text("finding") {
            "" => None,
            word => Some(Shortfall::parse(word).ok_or_else(|| Failure::field("finding", "Choose from the list."))?),
        };
        acts::note(desk, actor, &named, source, finding, fields.text("what")).map(drop)
    });
    answer(&state, &request, &signed, id, "It is noted.", again.await?).await
}

/// `POST /week-reviews/{id}/closure`.
pub(in crate::web) async fn close(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (id, named, asked) = (id.clone(), id.clone(), id.into_inner());
    let seen = move |connection: &mut Connection, actor: &Actor| acts::reviewed(connection, actor, &asked);
    let again = press(&state, &request, &signed, &fields, "close", seen, move |desk, actor, fields| {
        acts::close(desk, actor, &named, fields.text("close_note")).map(drop).map_err(|failure| match failure {
            Failure::Invalid(errors) => Failure::Invalid(renamed(errors, &[("note", "close_note")])),
            other => other,
        })
    });
    answer(&state, &request, &signed, id, "The first week is reviewed.", again.await?).await
}

/// `POST /week-reviews/{id}/tasks/{task}/completion`.
pub(in crate::web) async fn complete(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (id, task) = path.into_inner();
    let (form, asked) = (task.clone(), task.clone());
    let seen = move |connection: &mut Connection, actor: &Actor| acts::task(connection, actor, &asked);
    let again = press(&state, &request, &signed, &fields, &form, seen, move |desk, actor, fields| {
        acts::complete_task(desk, actor, &task, fields.text("procedure")).map(drop)
    });
    answer(&state, &request, &signed, id, "The change answers it.", again.await?).await
}

async fn answer(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    id: String,
    said: &str,
    again: Option<Again>,
) -> Result<HttpResponse, PageFailure> {
    match again {
        None => Ok(go(state, &format!("/week-reviews/{id}"), "success", said)),
        Some(again) => render(state, request, signed, id, again).await,
    }
}
