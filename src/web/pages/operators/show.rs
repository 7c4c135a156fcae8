//! `/operators/{id}`: one person's training. Their own, or of somebody whom the reader judges.

use super::procedures::site_name;
use crate::actions::training::Book;
use crate::actions::{Desk, Failure, review_week, sight, train, training};
use crate::domain::person::{Act, Actor, Role, role_may};
use crate::domain::problem::Reason;
use crate::store::people::PersonRow;
use crate::store::procedures::{self, CheckRow};
use crate::store::{Connection, drills, rollouts, sites, week_reviews};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::{Page, go};
use crate::web::press::{Again, press};
use crate::web::shown::{ByAt, Choice, NO_SITE, Names, Time, capital, time};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct Context {
    person: Person,
    training: Vec<Owed>,
    checks: Vec<Check>,
    weeks: Vec<Week>,
    drills: Vec<Time>,
    downloads: Vec<Download>,
    /// Sites whose switch and diagnostics they have to reach.
    sites: Vec<Choice>,
    is_own: bool,
    can_judge: bool,
}

#[derive(Serialize)]
struct Person {
    id: String,
    name: String,
}

#[derive(Serialize)]
struct Owed {
    role: String,
    site_name: String,
    held: bool,
    due_at: Option<Time>,
    late: bool,
    reasons: Vec<Reason>,
    procedures: Vec<Procedure>,
}

#[derive(Serialize)]
struct Procedure {
    slug: String,
    title: String,
    version: i32,
    acknowledged: bool,
    passed: bool,
}

#[derive(Serialize)]
struct Check {
    id: String,
    title: String,
    slug: String,
    version: i32,
    state: &'static str,
    answered_at: Time,
    judged: Option<ByAt>,
    note: Option<String>,
    /// The situations with what is right: for the judge.
    scenarios: Vec<Scenario>,
}

#[derive(Serialize)]
struct Scenario {
    situation: String,
    behaviour: String,
    why: String,
}

#[derive(Serialize)]
struct Week {
    id: String,
    site_name: String,
    ends_at: Time,
    open: bool,
    reasons: usize,
}

#[derive(Serialize)]
struct Download {
    site_name: String,
    at: Time,
}

/// `GET /operators/{id}`.
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
                let row = training::operator(connection, &actor, &id)?;
                context(connection, desk, &actor, row)
            })
        })
        .await?;
    let title = format!("Training of {}", context.person.name);
    Page::new(request, state, signed, &title).again(again).render("operators/show.html", &context)
}

fn context(connection: &mut Connection, desk: &Desk, actor: &Actor, row: PersonRow) -> Result<Context, Failure> {
    let now = desk.now();
    let book = Book::of(connection, &row.id)?;
    let mut owed = Vec::new();
    for one in training::owed(connection, desk.limits.training_days, &row.id)? {
        let procedures = book.procedures(one.role).map(|procedure| {
            let learned = book.learned_one(procedure);
            Procedure {
                slug: procedure.slug.clone(),
                title: learned.title,
                version: learned.version,
                acknowledged: learned.acknowledged,
                passed: learned.passed,
            }
        });
        owed.push(Owed {
            procedures: procedures.collect(),
            role: capital(&one.role.label()),
            site_name: site_name(connection, one.site.as_ref())?,
            held: one.held,
            due_at: one.due_at.map(|at| time(at, NO_SITE)),
            late: one.due_at.is_some_and(|due| due <= now),
            reasons: one.reasons,
        });
    }
    let me = actor.person().is_some_and(|person| person.id == row.id);
    let can_judge = training::trainee(connection, actor, &row.id).is_ok();
    let mut weeks = Vec::new();
    for week in week_reviews::of_person(connection, &row.id)? {
        weeks.push(Week {
            id: week.id.to_string(),
            site_name: site_name(connection, week.site_id.as_ref())?,
            ends_at: time(week.week_ends_at, NO_SITE),
            open: week.closed_at.is_none(),
            reasons: review_week::reasons(connection, &week, now)?.len(),
        });
    }
    let mut downloads = Vec::new();
    for download in rollouts::downloads_of(connection, &row.id)? {
        let site_name = site_name(connection, Some(&download.site_id))?;
        downloads.push(Download { site_name, at: time(download.fetched_at, NO_SITE) });
    }
    Ok(Context {
        training: owed,
        checks: checks(connection, &row, can_judge)?,
        weeks,
        drills: drills::held_by(connection, &row.id)?.into_iter().map(|drill| time(drill.held_at, NO_SITE)).collect(),
        downloads,
        sites: reached(connection, &row)?,
        is_own: me,
        can_judge,
        person: Person { id: row.id.to_string(), name: row.name },
    })
}

/// The sites whose switches and diagnostics somebody can reach by a role that they hold.
fn reached(connection: &mut Connection, row: &PersonRow) -> Result<Vec<Choice>, Failure> {
    let reaches = |role: Role| role_may(role, Act::Pause) || role_may(role, Act::ReadRegistry);
    let grants = crate::store::people::grants_of(connection, &row.id)?;
    let held = |site: &sites::SiteRow| {
        grants.iter().any(|grant| reaches(grant.role) && grant.site_id.as_ref().is_none_or(|own| *own == site.id))
    };
    let all = sites::list(connection)?;
    Ok(all.iter().filter(|site| held(site)).map(|site| Choice::new(&site.slug, &site.name)).collect())
}

fn checks(connection: &mut Connection, row: &PersonRow, can_judge: bool) -> Result<Vec<Check>, Failure> {
    let mut names = Names::default();
    let mut shown = Vec::new();
    for check in procedures::checks(connection, &row.id)?.into_iter().rev() {
        let procedure = sight::promised(procedures::find(connection, &check.procedure_id))?;
        let state = train::state_of(&check);
        let scenarios = if can_judge && state == "waits" { scenarios(&procedure, &check) } else { Vec::new() };
        shown.push(Check {
            id: check.id.to_string(),
            title: procedure.content.title.to_string(),
            slug: procedure.slug,
            version: procedure.version,
            state,
            answered_at: time(check.answered_at, NO_SITE),
            judged: match (&check.judged_by, check.judged_at) {
                (Some(by), Some(at)) => Some(ByAt { by: names.person(connection, by)?, at: time(at, NO_SITE) }),
                _ => None,
            },
            note: check.note.map(|note| note.into_string()),
            scenarios,
        });
    }
    Ok(shown)
}

fn scenarios(procedure: &procedures::ProcedureRow, check: &CheckRow) -> Vec<Scenario> {
    let shown = procedure.content.shown_to(&train::order_of(procedure, &check.person_id));
    let with = shown.into_iter().map(|scenario| Scenario {
        situation: scenario.situation.to_string(),
        behaviour: capital(&scenario.behaviour.label()),
        why: scenario.why.to_string(),
    });
    with.collect()
}

/// `POST /operators/{id}/checks/{check}/judgement`.
pub(in crate::web) async fn judge(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (id, check) = path.into_inner();
    let (form, asked) = (check.clone(), check.clone());
    let seen = move |connection: &mut Connection, actor: &Actor| train::judged(connection, actor, &asked);
    let again = press(&state, &request, &signed, &fields, &form, seen, move |desk, actor, fields| {
        let passed = match fields.text("passed") {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
        train::judge(desk, actor, &check, passed, fields.text("judge_note")).map(drop).map_err(at_note)
    });
    match again.await? {
        None => Ok(go(&state, &format!("/operators/{id}"), "success", "Your judgement stands there with your name.")),
        Some(again) => render(&state, &request, &signed, id, again).await,
    }
}

fn at_note(failure: Failure) -> Failure {
    match failure {
        Failure::Invalid(errors) => Failure::Invalid(crate::web::fields::renamed(errors, &[("note", "judge_note")])),
        other => other,
    }
}
