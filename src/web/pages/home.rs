//! The home page: what is paused, what is open, what waits for this person, and how an empty installation is set up.

use super::incidents::listed::{Listed, listed, mandatory};
use super::incidents::show::covers;
use super::{alarming, waiting};
use crate::actions::{Failure, ask_gate, sight};
use crate::domain::gate::Verdict;
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor, Role};
use crate::store::automations::{self, AutomationRow};
use crate::store::incidents::{self, Filter, IncidentRow};
use crate::store::pauses::PauseRow;
use crate::store::sites::{self, SiteRow};
use crate::store::{Connection, alarms, pauses, people};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::page::Page;
use crate::web::shown::{Time, time};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

/// Rows in each list; the whole list is a link away.
const ROWS: usize = 8;
/// Rows of what waits: it has no other list.
const WAITING_ROWS: usize = 40;
/// Open incidents that are looked through for what waits for a person.
const LOOKED_THROUGH: i64 = 200;

#[derive(Serialize)]
struct Home {
    red: Vec<alarming::Red>,
    paused: Vec<PausedRow>,
    paused_total: u64,
    waiting: Vec<Waiting>,
    waiting_total: usize,
    incidents: Vec<Listed>,
    open_total: u64,
    setup_steps: Vec<SetupStep>,
}

#[derive(Serialize)]
struct PausedRow {
    slug: String,
    name: String,
    reason: String,
    /// The one next thing that blocks its restart.
    next: Option<Link>,
    site_name: String,
    since: Time,
}

#[derive(Serialize)]
struct Link {
    href: String,
    label: String,
}

/// What needs this person's hand.
#[derive(Serialize)]
pub(super) struct Waiting {
    pub(super) title: String,
    pub(super) text: String,
    pub(super) href: String,
    pub(super) since: Option<Time>,
    /// Shown in red: something failed, or is overdue.
    pub(super) urgent: bool,
}

#[derive(Serialize)]
struct SetupStep {
    label: &'static str,
    href: &'static str,
    done: bool,
}

/// `GET /`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let context = state
        .run(move |desk| {
            let today = desk.now().utc().date_naive().to_string();
            desk.read(|connection| compose(connection, &actor, &today, desk.now()))
        })
        .await?;
    Page::new(&request, &state, &signed, "Home").render("home.html", &context)
}

fn compose(connection: &mut Connection, actor: &Actor, today: &str, now: Moment) -> Result<Home, Failure> {
    let sites = sites::list(connection)?;
    let (paused, paused_total) = paused(connection, actor, &sites, now)?;
    let filter = Filter { open_only: true, ..sight::visible(actor) };
    let open_total = u64::try_from(incidents::count_open(connection, &filter)?).unwrap_or_default();
    let open = incidents::list(connection, &filter, LOOKED_THROUGH)?;
    let mut all = waiting::story(connection, actor, &open, today)?;
    all.extend(waiting(connection, actor, &sites, &open)?);
    let waiting_total = all.len();
    all.truncate(WAITING_ROWS);
    Ok(Home {
        red: alarming::red(connection, actor, now)?,
        paused,
        paused_total,
        waiting: all,
        waiting_total,
        incidents: listed(connection, &open[..open.len().min(ROWS)])?,
        open_total,
        setup_steps: setup_steps(connection, actor, &sites)?,
    })
}

/// What is paused among the automations that this person may see, the newest pause first.
fn paused(
    connection: &mut Connection,
    actor: &Actor,
    sites: &[SiteRow],
    now: Moment,
) -> Result<(Vec<PausedRow>, u64), Failure> {
    let holding: Vec<PauseRow> = pauses::all_holding(connection)?.into_iter().map(|(pause, _)| pause).collect();
    let mut held: Vec<(AutomationRow, &PauseRow)> = Vec::new();
    for row in automations::list(connection)? {
        let first = holding.iter().find(|pause| covers(pause, &row));
        if let (true, Some(first)) = (actor.may(Act::ReadRegistry, &row.site_id), first) {
            held.push((row, first));
        }
    }
    held.sort_by_key(|(_, pause)| std::cmp::Reverse(pause.set_at));
    let total = held.len() as u64;
    let mut rows = Vec::new();
    for (row, pause) in held.into_iter().take(ROWS) {
        let Some(site) = sites.iter().find(|site| site.id == row.site_id) else { continue };
        let reason = match ask_gate::verdict(connection, &row, now)? {
            Verdict::Closed(reasons) => {
                let paused = reasons.iter().find(|reason| reason.code.starts_with("paused"));
                paused.or(reasons.first()).map(|reason| reason.message.clone()).unwrap_or_default()
            }
            Verdict::Open(_) => String::new(),
        };
        rows.push(PausedRow {
            next: next(connection, actor, &holding, &row)?,
            slug: row.slug,
            name: row.name,
            reason,
            site_name: site.name.clone(),
            since: time(pause.set_at, &site.time_zone),
        });
    }
    Ok((rows, total))
}

/// What blocks the restart of an automation next, for whoever may read the incident that holds it.
fn next(
    connection: &mut Connection,
    actor: &Actor,
    holding: &[PauseRow],
    row: &AutomationRow,
) -> Result<Option<Link>, Failure> {
    let held = holding.iter().find(|pause| pause.incident_id.is_some() && covers(pause, row));
    let Some(id) = held.and_then(|pause| pause.incident_id.as_ref()) else { return Ok(None) };
    if !actor.may(Act::ReadIncidents, &row.site_id) {
        return Ok(None);
    }
    let incident = incidents::find(connection, id)?;
    let case = match sight::of_incident(connection, actor, incident, Act::ReadIncidents) {
        Ok(case) => case,
        Err(Failure::NotFound | Failure::Forbidden(_)) => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let (label, href) = waiting::next_step(connection, actor, &case)?;
    Ok(Some(Link { href, label }))
}

fn waiting(
    connection: &mut Connection,
    actor: &Actor,
    sites: &[SiteRow],
    open: &[IncidentRow],
) -> Result<Vec<Waiting>, Failure> {
    let mut waiting = false_alarms(connection, actor, sites)?;
    let me = actor.person().map(|person| &person.id);
    for row in open.iter().filter(|row| actor.may(Act::WorkIncident, &row.site_id)) {
        let zone = sites.iter().find(|site| site.id == row.site_id).map_or("UTC", |site| site.time_zone.as_str());
        let missing = mandatory(row);
        if row.lead_id.is_none() {
            waiting.push(Waiting {
                title: format!("Name a lead for {}", row.reference),
                text: row.title.as_str().to_owned(),
                href: format!("/incidents/{}/edit#lead", row.reference),
                since: Some(time(row.reported_at, zone)),
                urgent: false,
            });
        } else if row.lead_id.as_ref() == me && missing > 0 {
            let facts = if missing == 1 { "fact is" } else { "facts are" };
            waiting.push(Waiting {
                title: format!("Find out what is missing in {}", row.reference),
                text: format!("{missing} needed {facts} not known yet: {}", row.title),
                href: format!("/incidents/{}#facts", row.reference),
                since: Some(time(row.reported_at, zone)),
                urgent: false,
            });
        }
    }
    Ok(waiting)
}

/// Alarms that somebody else called false, where this person may agree.
fn false_alarms(connection: &mut Connection, actor: &Actor, sites: &[SiteRow]) -> Result<Vec<Waiting>, Failure> {
    let mut found = Vec::new();
    if !actor.may_somewhere(Act::BuildBundle) {
        return Ok(found);
    }
    let me = actor.person().map(|person| &person.id);
    for alarm in alarms::waiting(connection, LOOKED_THROUGH)? {
        let incident = incidents::find(connection, &alarm.incident_id)?;
        if alarm.asked_by.as_ref() == me || !actor.may(Act::BuildBundle, &incident.site_id) {
            continue;
        }
        let zone = sites.iter().find(|site| site.id == incident.site_id).map_or("UTC", |site| site.time_zone.as_str());
        found.push(Waiting {
            title: format!("Is it a false alarm? {}", incident.reference),
            text: format!(
                "The second scan found a {} in {}. A second person must agree that it is none.",
                alarm.rule, alarm.place
            ),
            href: format!("/incidents/{}/bundles/new#alarm-{}", incident.reference, alarm.id),
            since: alarm.asked_at.map(|at| time(at, zone)),
            urgent: false,
        });
    }
    Ok(found)
}

/// What is still to be done before the first incident can be declared; only whoever can do it is asked.
fn setup_steps(connection: &mut Connection, actor: &Actor, sites: &[SiteRow]) -> Result<Vec<SetupStep>, Failure> {
    if !actor.may_everywhere(Act::ManageRegistry) {
        return Ok(Vec::new());
    }
    let grants = people::all_grants(connection)?;
    let others = people::list(connection)?.iter().filter(|person| person.active).count() > 1;
    let steps = vec![
        SetupStep { label: "Add the first site", href: "/sites/new", done: !sites.is_empty() },
        SetupStep {
            label: "Register its automations, so that they can be paused",
            href: "/automations/new",
            done: !automations::list(connection)?.is_empty(),
        },
        SetupStep {
            label: "Add people: a support lead at least",
            href: "/people/new",
            done: others && grants.iter().any(|grant| grant.role == Role::SupportLead),
        },
    ];
    Ok(if steps.iter().all(|step| step.done) { Vec::new() } else { steps })
}
