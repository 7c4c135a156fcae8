//! Switches and their drills: `GET /api/v1/switches`, `GET /api/v1/drills`, and a drill of one switch.

use super::{ListQuery, Listing, PersonNamed, act_once, found, json, page_of};
use crate::actions::drill_switch::{self, Rehearsal};
use crate::actions::pause::Switch;
use crate::actions::sight::{promised, somewhere};
use crate::actions::switch_board::{self, BoardSwitch};
use crate::actions::{Desk, Failure};
use crate::domain::gate::PauseTarget;
use crate::domain::ids::{AutomationId, SiteId};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::switch::DrillStanding;
use crate::redaction::Redacted;
use crate::store::drills::{self, DrillRow};
use crate::store::{Connection, automations, sites};
use crate::web::State;
use crate::web::auth::Bearer;
use crate::web::failure::ApiFailure;
use crate::web::once::IdempotencyKey;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A switch that you may press.
#[derive(Serialize, ToSchema)]
#[schema(as = Switch)]
pub(super) struct SwitchShown {
    target_kind: PauseTarget,
    /// `all`, a category, `site:SLUG`, or the slug of an automation.
    name: String,
    /// Automations that it covers.
    covered: usize,
    /// Of those, how many may run now: what a press stops.
    running: usize,
    /// Automations under it that have never asked their gate: a press is not known to stop them.
    never_asked: usize,
    /// `new`, `tried`, `overdue` or `failed`.
    drill: &'static str,
    /// When it is to be tried; null when the last drill failed: now.
    drill_due: Option<String>,
    /// When it was last tried.
    last_drill: Option<String>,
}

/// A drill that was held.
#[derive(Serialize, ToSchema)]
#[schema(as = Drill)]
pub(super) struct DrillShown {
    id: String,
    target_kind: PauseTarget,
    /// `all`, a category, the slug of a site or of an automation.
    target: String,
    held_by: PersonNamed,
    held_at: String,
    covered: i32,
    closed: i32,
    took_ms: i32,
    /// True when everything stopped.
    worked: bool,
    /// What people saw who tried it by hand; null: pressed and watched by Allclear.
    observed: Option<Redacted>,
}

/// Body of a drill. Left away: the switch is pressed, watched and released by Allclear.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DrillBody {
    /// What was pressed by hand, and what was seen.
    observed: Option<String>,
    /// How many automations stopped.
    stopped: Option<i64>,
    /// Seconds until the last of them had.
    took_seconds: Option<i64>,
}

/// `GET /api/v1/switches`: those that you may press, the widest first.
pub(in crate::web) async fn list(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &[])?;
    found(&state, move |desk| {
        somewhere(&bearer.0, Act::Pause)?;
        let (days, now) = (desk.limits.drill_days, desk.now());
        let mut switches =
            desk.read(|connection| switch_board::board_of(connection, &bearer.0, &desk.gate, days, now))?;
        if let Some(cursor) = query.cursor() {
            let at = switches.iter().position(|switch| switch.name == cursor);
            switches.drain(..at.map_or(0, |at| at + 1));
        }
        Ok(Listing::of(switches, query.limit(), |switch| switch.name.clone(), shown))
    })
    .await
}

fn shown(switch: BoardSwitch) -> SwitchShown {
    let (drill, due) = match switch.standing {
        DrillStanding::New { due } => ("new", Some(due)),
        DrillStanding::Tried { due } => ("tried", Some(due)),
        DrillStanding::Overdue { due } => ("overdue", Some(due)),
        DrillStanding::Failed { .. } => ("failed", None),
    };
    SwitchShown {
        target_kind: switch.kind,
        name: switch.name,
        covered: switch.covered,
        running: switch.running,
        never_asked: switch.never_asked,
        drill,
        drill_due: due.map(Moment::rfc3339),
        last_drill: switch.last.map(|drill| drill.held_at.rfc3339()),
    }
}

/// `GET /api/v1/drills`: newest first.
pub(in crate::web) async fn list_drills(
    state: web::Data<State>,
    bearer: Bearer,
    request: HttpRequest,
) -> Result<HttpResponse, ApiFailure> {
    let query = ListQuery::read(&request, &[])?;
    query.check_id_cursor()?;
    found(&state, move |desk| {
        somewhere(&bearer.0, Act::ReadRegistry)?;
        desk.read(|connection| {
            let mut rows = drills::all(connection)?;
            rows.retain(|row| row.site_id.as_ref().is_none_or(|site| bearer.0.may(Act::ReadRegistry, site)));
            let rows = page_of(rows, &query, |row| row.id.to_string());
            Listing::tried(rows, query.limit(), |row| row.id.to_string(), |row| show_drill(connection, row))
        })
    })
    .await
}

fn show_drill(connection: &mut Connection, row: DrillRow) -> Result<DrillShown, Failure> {
    let worked = row.worked();
    let target = match row.target_kind {
        PauseTarget::Automation => promised(automations::find(connection, &AutomationId::from_text(row.target)))?.slug,
        PauseTarget::Site => promised(sites::find(connection, &SiteId::from_text(row.target)))?.slug,
        PauseTarget::Category | PauseTarget::Everything => row.target,
    };
    Ok(DrillShown {
        id: row.id.to_string(),
        target_kind: row.target_kind,
        target,
        held_by: PersonNamed::of(connection, &row.held_by)?,
        held_at: row.held_at.rfc3339(),
        covered: row.covered,
        closed: row.closed,
        took_ms: row.took_ms,
        worked,
        observed: row.observed,
    })
}

/// `POST /api/v1/switches/{name}/drills`.
pub(in crate::web) async fn drill(
    state: web::Data<State>,
    bearer: Bearer,
    name: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let switch = Switch::Named(name.into_inner());
    act_once(&state, bearer, key, body, 201, move |desk, actor, body| hold(desk, actor, &switch, body)).await
}

/// `POST /api/v1/automations/{slug}/drills`.
pub(in crate::web) async fn drill_automation(
    state: web::Data<State>,
    bearer: Bearer,
    slug: web::Path<String>,
    key: IdempotencyKey,
    body: web::Bytes,
) -> Result<HttpResponse, ApiFailure> {
    let switch = Switch::Automation(slug.into_inner());
    act_once(&state, bearer, key, body, 201, move |desk, actor, body| hold(desk, actor, &switch, body)).await
}

fn hold(desk: &Desk, actor: &Actor, switch: &Switch, body: &[u8]) -> Result<drill_switch::Drilled, Failure> {
    let typed: Option<DrillBody> = if body.iter().all(u8::is_ascii_whitespace) { None } else { Some(json(body)?) };
    match typed {
        None => drill_switch::press(desk, actor, switch),
        Some(DrillBody { observed: None, stopped: None, took_seconds: None }) => {
            drill_switch::press(desk, actor, switch)
        }
        Some(DrillBody { observed, stopped, took_seconds }) => {
            let seen = Rehearsal { stopped, took_seconds, observed: observed.unwrap_or_default() };
            drill_switch::record(desk, actor, switch, &seen)
        }
    }
}
