//! The switch board, on the home page and by itself, and the drills of its switches.

pub(in crate::web) mod drill;

use super::automations::pauses::{self, PauseShown};
use super::sites::show::Refused;
use crate::actions::switch_board::{self, BoardSwitch, Ground};
use crate::actions::{Failure, count_asks};
use crate::domain::gate::PauseTarget;
use crate::domain::person::{Act, Actor};
use crate::domain::switch::DrillStanding;
use crate::store::automations::AutomationRow;
use crate::store::drills::{self, DrillRow};
use crate::store::pauses::PauseRow;
use crate::store::{self, Connection, automations, sites};
use crate::web::State;
use crate::web::auth::Signed;
use crate::web::failure::PageFailure;
use crate::web::page::Page;
use crate::web::pages::incidents::show::covers;
use crate::web::shown::{Choice, Names, Time, time};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use std::collections::HashSet;

/// Switches of single automations on the home page, and on the page of switches.
const ON_HOME: usize = 5;
const ON_PAGE: usize = 100;
/// Pauses of one switch that the board shows; its own page shows all.
const PAUSES: usize = 3;
/// Drills that the page names.
const DRILLS: usize = 50;
/// Automations not known to obey that the page names.
const UNHEARD: usize = 20;

/// The board.
#[derive(Default, Serialize)]
pub(in crate::web::pages) struct Board {
    wide: Vec<SwitchShown>,
    single: Vec<SwitchShown>,
    /// Automations that are not shown here.
    more: usize,
    /// The page to which a press comes back.
    next: &'static str,
    releasing: Option<String>,
    /// The switch to be tried next, if one is due.
    due: Option<Due>,
}

#[derive(Serialize)]
struct Due {
    label: String,
    words: String,
    href: String,
}

#[derive(Clone, Serialize)]
struct SwitchShown {
    /// Makes ids on the page.
    mark: String,
    /// As requests name it.
    name: String,
    /// Where a press goes.
    action: String,
    /// Is it of one automation?
    single: bool,
    label: String,
    href: Option<String>,
    covered: usize,
    running: usize,
    /// Those under it that have never asked their gate.
    never_asked: usize,
    /// Pauses that this switch set.
    pauses: Vec<PauseShown>,
    /// Those that are not shown here.
    more_pauses: usize,
    drill: String,
    amber: bool,
    drilled_at: Option<Time>,
}

impl Board {
    /// The switches of this person, with what each would stop now.
    pub(in crate::web::pages) fn compose(
        connection: &mut Connection,
        actor: &Actor,
        switches: &[BoardSwitch],
        (next, most): (&'static str, usize),
    ) -> Result<Self, Failure> {
        let due = switch_board::next_due(switches).map(|switch| Due {
            label: switch.label.clone(),
            words: drill_words(switch),
            href: format!("/switches#{}", mark(switch)),
        });
        let (single, wide): (Vec<_>, Vec<_>) =
            switches.iter().partition(|switch| switch.kind == PauseTarget::Automation);
        let shown: Vec<&BoardSwitch> =
            single.iter().copied().filter(|switch| next != "/" || switch.matters).take(most).collect();
        let more = single.len() - shown.len();
        let held = store::pauses::all_holding(connection)?;
        let mut show = |of: Vec<&BoardSwitch>| -> Result<Vec<SwitchShown>, Failure> {
            of.into_iter().map(|switch| one(connection, actor, switch, &held)).collect()
        };
        Ok(Self { wide: show(wide)?, single: show(shown)?, more, next, releasing: None, due })
    }

    /// The board of the home page.
    pub(in crate::web::pages) fn for_home(
        connection: &mut Connection,
        actor: &Actor,
        switches: &[BoardSwitch],
    ) -> Result<Self, Failure> {
        Self::compose(connection, actor, switches, ("/", ON_HOME))
    }

    /// Says whose release was refused.
    pub(in crate::web::pages) fn refused(&mut self, refused: &Refused) {
        self.releasing.clone_from(&refused.releasing);
    }
}

/// The id of a switch on the page of switches.
pub(in crate::web::pages) fn mark(switch: &BoardSwitch) -> String {
    format!("switch-{}", switch.name.replace(':', "-"))
}

fn one(
    connection: &mut Connection,
    actor: &Actor,
    switch: &BoardSwitch,
    held: &[(PauseRow, Option<String>)],
) -> Result<SwitchShown, Failure> {
    let mut own = Vec::new();
    let its = |(row, _): &&(PauseRow, Option<String>)| row.target_kind == switch.kind && row.target == switch.target;
    let more_pauses = held.iter().filter(its).count().saturating_sub(PAUSES);
    for (row, incident) in held.iter().filter(its).take(PAUSES) {
        own.push(pauses::shown_to(connection, actor, row.clone(), incident.clone())?);
    }
    let single = switch.kind == PauseTarget::Automation;
    let action = if single { format!("/automations/{}/pauses", switch.name) } else { "/switches/pauses".to_owned() };
    let href = match switch.kind {
        PauseTarget::Automation => format!("/automations/{}", switch.name),
        PauseTarget::Site => format!("/sites/{}", switch.name.trim_start_matches("site:")),
        PauseTarget::Category => format!("/automations?category={}", switch.name),
        PauseTarget::Everything => "/automations".to_owned(),
    };
    let drilled_at = match &switch.last {
        Some(drill) => Some(time(drill.held_at, &Names::default().zone(connection, drill.site_id.as_ref())?)),
        None => None,
    };
    Ok(SwitchShown {
        mark: mark(switch),
        name: switch.name.clone(),
        action,
        single,
        label: switch.label.clone(),
        href: Some(href),
        covered: switch.covered,
        running: switch.running,
        never_asked: switch.never_asked,
        pauses: own,
        more_pauses,
        drill: drill_words(switch),
        amber: switch.standing.is_amber(),
        drilled_at,
    })
}

fn drill_words(switch: &BoardSwitch) -> String {
    let day = |due: crate::domain::moment::Moment| due.utc().format("%Y-%m-%d").to_string();
    match switch.standing {
        DrillStanding::New { due } => format!("Not tried yet; to be tried by {}", day(due)),
        DrillStanding::Tried { due } => format!("Tried and worked; to be tried again by {}", day(due)),
        DrillStanding::Overdue { .. } if switch.last.is_none() => {
            "Never tried: nobody knows whether it stops".to_owned()
        }
        DrillStanding::Overdue { due } => format!("Untried for too long: it was due on {}", day(due)),
        DrillStanding::Failed { .. } => match &switch.last {
            Some(drill) if drill.target_kind != switch.kind => {
                format!("The last drill of a wider switch stopped {} of {} only", drill.closed, drill.covered)
            }
            Some(drill) => format!("The last drill stopped {} of {} only", drill.closed, drill.covered),
            None => "The last drill failed".to_owned(),
        },
    }
}

#[derive(Serialize)]
struct Context {
    board: Board,
    drills: Vec<DrillShown>,
    /// Days that a switch may go untried.
    days: i64,
    /// The switch whose rehearsal was refused.
    recording: Option<String>,
    /// Automations that are paused, and have never asked their gate; the first of them, and how many there are.
    unheard: Vec<Choice>,
    unheard_count: usize,
}

#[derive(Serialize)]
struct DrillShown {
    label: String,
    by: String,
    at: Time,
    covered: i32,
    closed: i32,
    worked: bool,
    /// None: it was recorded by hand without a time.
    took: Option<String>,
    observed: Option<String>,
}

/// `GET /switches`.
pub(in crate::web) async fn page(
    state: web::Data<State>,
    request: HttpRequest,
    signed: Signed,
) -> Result<HttpResponse, PageFailure> {
    render(&state, &request, &signed, Refused::default()).await
}

/// The page, also after one of its forms was refused.
pub(in crate::web::pages) async fn render(
    state: &State,
    request: &HttpRequest,
    signed: &Signed,
    refused: Refused,
) -> Result<HttpResponse, PageFailure> {
    signed.somewhere(Act::Pause)?;
    let actor = signed.actor();
    let recording = refused.values.get("drill_of").and_then(|name| name.as_str()).map(str::to_owned);
    let mut context = state
        .run(move |desk| {
            let days = desk.limits.drill_days;
            desk.read(|connection| {
                let switches = switch_board::board_of(connection, &actor, &desk.gate, days, desk.now())?;
                let board = Board::compose(connection, &actor, &switches, ("/switches", ON_PAGE))?;
                let mut unheard = unheard(connection, &switches)?;
                let unheard_count = unheard.len();
                unheard.truncate(UNHEARD);
                Ok(Context { board, drills: held(connection, &actor)?, days, recording: None, unheard, unheard_count })
            })
        })
        .await?;
    context.board.refused(&refused);
    context.recording = recording;
    Page::new(request, state, signed, "Switches")
        .values(refused.values)
        .errors(refused.errors)
        .render("switches.html", &context)
}

/// Automations under a pause of which nobody knows whether they obey it: they have never asked.
fn unheard(connection: &mut Connection, switches: &[BoardSwitch]) -> Result<Vec<Choice>, Failure> {
    let silent = switches.iter().filter(|switch| switch.kind == PauseTarget::Automation && switch.never_asked > 0);
    let silent: HashSet<&str> = silent.map(|switch| switch.target.as_str()).collect();
    let pauses = store::pauses::all_holding(connection)?;
    let rows = automations::list(connection)?;
    let paused = |row: &AutomationRow| pauses.iter().any(|(pause, _)| covers(pause, row));
    let unheard = rows.into_iter().filter(|row| silent.contains(row.id.as_str()) && paused(row));
    Ok(unheard.map(|row| Choice::new(row.slug, row.name)).collect())
}

/// The newest drills that this person may know of.
fn held(connection: &mut Connection, actor: &Actor) -> Result<Vec<DrillShown>, Failure> {
    let mut names = Names::default();
    let theirs = |drill: &DrillRow| drill.site_id.as_ref().is_none_or(|site| actor.may(Act::ReadRegistry, site));
    let rows: Vec<DrillRow> = drills::all(connection)?.into_iter().filter(theirs).take(DRILLS).collect();
    let mut shown = Vec::new();
    for row in rows {
        shown.push(DrillShown {
            label: label(connection, &row)?,
            by: names.person(connection, &row.held_by)?,
            at: time(row.held_at, &names.zone(connection, row.site_id.as_ref())?),
            covered: row.covered,
            closed: row.closed,
            worked: row.worked(),
            took: match (row.took_ms, row.observed.is_some()) {
                (0, true) => None,
                (ms, true) => Some(format!("{} s", ms / 1000)),
                (ms, false) => Some(format!("{ms} ms")),
            },
            observed: row.observed.map(|text| text.into_string()),
        });
    }
    Ok(shown)
}

fn label(connection: &mut Connection, row: &DrillRow) -> Result<String, Failure> {
    use crate::actions::sight::promised;
    use crate::domain::ids::{AutomationId, SiteId};
    Ok(match row.target_kind {
        PauseTarget::Automation => {
            promised(automations::find(connection, &AutomationId::from_text(row.target.as_str())))?.name
        }
        PauseTarget::Site => {
            let site = promised(sites::find(connection, &SiteId::from_text(row.target.as_str())))?;
            format!("Site {}", site.name)
        }
        PauseTarget::Category => format!("Category {}", row.target),
        PauseTarget::Everything => "Everything".to_owned(),
    })
}

/// The switches of this person, from what the home page has read already.
pub(in crate::web::pages) fn switches_of(
    connection: &mut Connection,
    actor: &Actor,
    gate: &crate::actions::gate_memory::GateMemory,
    ground: &Ground,
) -> Result<Vec<BoardSwitch>, Failure> {
    if !actor.may_somewhere(Act::Pause) {
        return Ok(Vec::new());
    }
    let open = switch_board::running(connection, gate, ground.automations, ground.now)?;
    let silent = count_asks::never_asked(connection, gate, ground.automations)?;
    switch_board::board(connection, actor, ground, &open, &silent)
}
