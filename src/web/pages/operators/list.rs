//! `/operators`: how everybody stands, and roles that the installer gave without training.

use super::procedures::site_name;
use crate::actions::{Desk, Failure, review_week, roll_out, sight, train, training};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::store::{Connection, people, procedures, rollouts};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::fields::Fields;
use crate::web::page::{Page, go};
use crate::web::press::{Again, press};
use crate::web::shown::{ByAt, NO_SITE, Names, Time, capital, time};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct Context {
    operators: Vec<Line>,
    weeks: Vec<WeekLine>,
    waivers: Vec<Waiver>,
    can_manage: bool,
}

#[derive(Serialize)]
struct Line {
    id: String,
    name: String,
    active: bool,
    roles: Vec<String>,
    /// trained, learning, late or free: nothing is asked of them.
    state: &'static str,
    lacking: usize,
    due_at: Option<Time>,
    waits: usize,
}

#[derive(Serialize)]
pub(super) struct WeekLine {
    id: String,
    name: String,
    role: String,
    site_name: String,
    week_ends_at: Time,
    open: bool,
    reasons: usize,
}

#[derive(Serialize)]
struct Waiver {
    id: String,
    person_id: String,
    name: String,
    role: String,
    site_name: String,
    lacked: String,
    granted_at: Time,
    noted: Option<ByAt>,
    note: Option<String>,
    mine: bool,
}

/// `GET /operators`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
) -> Result<HttpResponse, PageFailure> {
    render(&state, &request, &signed, Again::default()).await
}

async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    again: Again,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let context = state
        .run(move |desk| {
            if !actor.may_somewhere(Act::ReadAudit) {
                sight::somewhere(&actor, Act::TrainOperators)?;
            }
            desk.read(|connection| context(connection, desk, &actor))
        })
        .await?;
    Page::new(request, state, signed, "Operators").again(again).render("operators/list.html", &context)
}

fn context(connection: &mut Connection, desk: &Desk, actor: &Actor) -> Result<Context, Failure> {
    let now = desk.now();
    let mut operators = Vec::new();
    for person in training::operators(connection, actor)? {
        let owed = training::owed(connection, desk.limits.training_days, &person.id)?;
        let lacking: usize = owed.iter().map(|owed| owed.reasons.len()).sum();
        let due = owed.iter().filter_map(|owed| owed.due_at).min();
        let mut roles = Vec::new();
        for owed in &owed {
            let site = site_name(connection, owed.site.as_ref())?;
            let learns = if owed.held { "" } else { " (in training)" };
            roles.push(format!("{}, {site}{learns}", capital(&owed.role.label())));
        }
        let checks = procedures::checks(connection, &person.id)?;
        operators.push(Line {
            id: person.id.to_string(),
            name: person.name,
            active: person.active,
            roles,
            state: state_of(owed.is_empty(), lacking, due, now),
            lacking,
            due_at: due.map(|at| time(at, NO_SITE)),
            waits: checks.iter().filter(|check| train::state_of(check) == "waits").count(),
        });
    }
    let can_manage = actor.may_everywhere(Act::ManagePeople);
    Ok(Context {
        operators,
        weeks: weeks(connection, actor, now)?,
        waivers: if can_manage { waivers(connection, actor)? } else { Vec::new() },
        can_manage,
    })
}

fn state_of(free: bool, lacking: usize, due: Option<Moment>, now: Moment) -> &'static str {
    match (free, lacking, due) {
        (true, ..) => "free",
        (_, 0, _) => "trained",
        (.., Some(due)) if due <= now => "late",
        _ => "learning",
    }
}

fn weeks(connection: &mut Connection, actor: &Actor, now: Moment) -> Result<Vec<WeekLine>, Failure> {
    let mut names = Names::default();
    let mut shown = Vec::new();
    for row in review_week::visible(connection, actor)? {
        shown.push(WeekLine {
            name: names.person(connection, &row.person_id)?,
            role: row.role.label(),
            site_name: site_name(connection, row.site_id.as_ref())?,
            week_ends_at: time(row.week_ends_at, NO_SITE),
            open: row.closed_at.is_none(),
            reasons: review_week::reasons(connection, &row, now)?.len(),
            id: row.id.to_string(),
        });
    }
    Ok(shown)
}

fn waivers(connection: &mut Connection, actor: &Actor) -> Result<Vec<Waiver>, Failure> {
    let mut names = Names::default();
    let mut shown = Vec::new();
    for row in rollouts::waivers(connection)? {
        shown.push(Waiver {
            id: row.id.to_string(),
            name: sight::promised(people::find(connection, &row.person_id))?.name,
            role: row.role.label(),
            site_name: site_name(connection, row.site_id.as_ref())?,
            lacked: row.lacked.replace('_', " "),
            granted_at: time(row.granted_at, NO_SITE),
            noted: match (&row.acknowledged_by, row.acknowledged_at) {
                (Some(by), Some(at)) => Some(ByAt { by: names.person(connection, by)?, at: time(at, NO_SITE) }),
                _ => None,
            },
            note: row.note.map(|note| note.into_string()),
            mine: actor.person().is_some_and(|person| person.id == row.person_id),
            person_id: row.person_id.to_string(),
        });
    }
    Ok(shown)
}

/// `POST /waivers/{id}/acknowledgement`.
pub(in crate::web) async fn acknowledge(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
    id: web::Path<String>,
    fields: Fields,
) -> Result<HttpResponse, PageFailure> {
    let (id, named, asked) = (id.clone(), id.clone(), id.into_inner());
    let seen = move |connection: &mut Connection, actor: &Actor| roll_out::noted(connection, actor, &asked);
    let again = press(&state, &request, &signed, &fields, &id, seen, move |desk, actor, fields| {
        roll_out::acknowledge_waiver(desk, actor, &named, fields.text("note")).map(drop)
    });
    match again.await? {
        None => Ok(go(&state, "/operators", "success", "It stands there with your name.")),
        Some(again) => render(&state, &request, &signed, again).await,
    }
}
