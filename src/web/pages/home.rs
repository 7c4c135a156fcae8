//! The home page: what is paused, what is open, what waits for this person, and how an empty installation is set up.

use super::alarming;
use super::incidents::listed::{Listed, listed};
use super::incidents::next;
use super::incidents::show::covers;
use super::sites::show::Refused;
use super::switches::{self, Board};
use super::waiting::{self, Waiting};
use crate::actions::gate_memory::GateMemory;
use crate::actions::sight::Case;
use crate::actions::switch_board::Ground;
use crate::actions::{Desk, Failure, ask_gate, readiness, sight};
use crate::domain::gate::Verdict;
use crate::domain::ids::IncidentId;
use crate::domain::person::{Act, Actor, Role};
use crate::store::automations::{self, AutomationRow};
use crate::store::incidents::{self, Filter};
use crate::store::pauses::PauseRow;
use crate::store::sites;
use crate::store::{Connection, pauses, people};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::page::Page;
use crate::web::shown::{Time, capital, time};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use std::collections::HashMap;

/// Rows in each list; the whole list is a link away.
const ROWS: usize = 8;

#[derive(Serialize)]
struct Home {
    red: Vec<alarming::Red>,
    paused: Vec<PausedRow>,
    paused_total: u64,
    waiting: Vec<Waiting>,
    waiting_total: usize,
    waiting_cut: bool,
    failed_mails: usize,
    incidents: Vec<Listed>,
    open_total: u64,
    setup_steps: Vec<SetupStep>,
    board: Board,
}

#[derive(Serialize)]
struct PausedRow {
    slug: String,
    name: String,
    reason: String,
    /// The one next thing in the incident that holds it.
    next: Option<Link>,
    site_name: String,
    since: Time,
}

#[derive(Clone, Serialize)]
struct Link {
    href: String,
    label: String,
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
    render(&state, &request, &signed, Refused::default()).await
}

/// The page, also after a press on its board was refused.
pub(in crate::web::pages) async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    refused: Refused,
) -> Result<HttpResponse, PageFailure> {
    let actor = signed.actor();
    let mut context = state.run(move |desk| desk.read(|connection| compose(connection, &actor, desk))).await?;
    context.board.refused(&refused);
    Page::new(request, state, signed, "Home")
        .values(refused.values)
        .errors(refused.errors)
        .render("home.html", &context)
}

fn compose(connection: &mut Connection, actor: &Actor, desk: &Desk) -> Result<Home, Failure> {
    let (now, days) = (desk.now(), desk.limits.drill_days);
    let sites = sites::list(connection)?;
    let automations = automations::list(connection)?;
    let ground = Ground { automations: &automations, sites: &sites, days, now };
    let switches = switches::switches_of(connection, actor, &desk.gate, &ground)?;
    let (paused, paused_total) = paused(connection, actor, &desk.gate, &ground)?;
    let filter = Filter { open_only: true, ..sight::visible(actor) };
    let open_total = u64::try_from(incidents::count(connection, &filter)?).unwrap_or_default();
    let open = incidents::list(connection, &filter, ROWS as i64)?;
    let mut waiting = waiting::all(connection, actor, &sites, (now, days, desk.limits.training_days))?;
    let (waiting_total, failed_mails) = (waiting.items.len(), waiting.failed_mails());
    waiting.items.truncate(ROWS);
    Ok(Home {
        red: alarming::red(connection, actor, now)?,
        paused,
        paused_total,
        waiting: waiting.items,
        waiting_total,
        waiting_cut: waiting.cut,
        failed_mails,
        incidents: listed(connection, &open)?,
        open_total,
        setup_steps: setup_steps(connection, actor, &ground)?,
        board: Board::for_home(connection, actor, &switches)?,
    })
}

/// What is paused among the automations that this person may see, the newest pause first.
fn paused(
    connection: &mut Connection,
    actor: &Actor,
    gate: &GateMemory,
    ground: &Ground,
) -> Result<(Vec<PausedRow>, u64), Failure> {
    let holding: Vec<PauseRow> = pauses::all_holding(connection)?.into_iter().map(|(pause, _)| pause).collect();
    let mut held: Vec<(&AutomationRow, &PauseRow)> = Vec::new();
    for row in ground.automations {
        let first = holding.iter().find(|pause| covers(pause, row));
        if let (true, Some(first)) = (actor.may(Act::ReadRegistry, &row.site_id), first) {
            held.push((row, first));
        }
    }
    held.sort_by_key(|(_, pause)| std::cmp::Reverse(pause.set_at));
    let total = held.len() as u64;
    held.truncate(ROWS);
    let steps = next_steps(connection, actor, ground, held.iter().filter_map(|(row, _)| incident_of(&holding, row)))?;
    let mut rows = Vec::new();
    for (row, pause) in held {
        let Some(site) = ground.sites.iter().find(|site| site.id == row.site_id) else { continue };
        let reason = match ask_gate::verdict_now(connection, gate, row, ground.now)? {
            Verdict::Closed(reasons) => {
                let paused = reasons.iter().find(|reason| reason.code.starts_with("paused"));
                paused.or(reasons.first()).map(|reason| reason.message.clone()).unwrap_or_default()
            }
            Verdict::Open(_) => String::new(),
        };
        rows.push(PausedRow {
            next: incident_of(&holding, row).and_then(|incident| steps.get(incident)).cloned(),
            slug: row.slug.clone(),
            name: row.name.clone(),
            reason,
            site_name: site.name.clone(),
            since: time(pause.set_at, &site.time_zone),
        });
    }
    Ok((rows, total))
}

/// The incident that holds an automation.
fn incident_of<'a>(holding: &'a [PauseRow], row: &AutomationRow) -> Option<&'a IncidentId> {
    let held = holding.iter().find(|pause| pause.incident_id.is_some() && covers(pause, row));
    held.and_then(|pause| pause.incident_id.as_ref())
}

/// What is to be done next in each of these incidents, for whoever may read it. One that pauses many automations is
/// looked through once.
fn next_steps<'a>(
    connection: &mut Connection,
    actor: &Actor,
    ground: &Ground,
    incidents: impl Iterator<Item = &'a IncidentId>,
) -> Result<HashMap<IncidentId, Link>, Failure> {
    let mut ids: Vec<IncidentId> = incidents.cloned().collect();
    ids.sort();
    ids.dedup();
    let mut steps = HashMap::new();
    if ids.is_empty() {
        return Ok(steps);
    }
    let everybody = people::actors(connection)?;
    for incident in incidents::by_ids(connection, ids)? {
        let site = ground.sites.iter().find(|site| site.id == incident.site_id).cloned();
        let (Some(site), Ok(())) = (site, sight::admit(actor, &incident, Act::ReadIncidents)) else { continue };
        let id = incident.id.clone();
        let standing = readiness::gather_among(connection, &incident, &everybody)?;
        if let Some(next) = next::step(connection, actor, &Case { incident, site }, &standing)? {
            steps.insert(id, Link { label: capital(&next.title), href: next.href });
        }
    }
    Ok(steps)
}

/// What is still to be done before the first incident can be declared; only whoever can do it is asked.
fn setup_steps(connection: &mut Connection, actor: &Actor, ground: &Ground) -> Result<Vec<SetupStep>, Failure> {
    if !actor.may_everywhere(Act::ManageRegistry) {
        return Ok(Vec::new());
    }
    let grants = people::all_grants(connection)?;
    let others = people::list(connection)?.iter().filter(|person| person.active).count() > 1;
    let steps = vec![
        SetupStep { label: "Add the first site", href: "/sites/new", done: !ground.sites.is_empty() },
        SetupStep {
            label: "Register its automations, so that they can be paused",
            href: "/automations/new",
            done: !ground.automations.is_empty(),
        },
        SetupStep {
            label: "Add people: a support lead at least",
            href: "/people/new",
            done: others && grants.iter().any(|grant| grant.role == Role::SupportLead),
        },
    ];
    Ok(if steps.iter().all(|step| step.done) { Vec::new() } else { steps })
}
