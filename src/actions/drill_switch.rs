//! Trying a switch: pressed and released by this program, which looks whether every gate closes; or by people, who say
//! what they saw. A drill is shown on the board and never opens or closes a gate by itself.
//!
//! Source: seed "Workflow safety": "The workflow can be paused quickly by the owner or administrator".

use super::gate_facts;
use super::gate_memory::GateMemory;
use super::pause::{Switch, Target, blank, registry_redactor, resolve};
use super::{Answer, Desk, Failure, sight};
use crate::domain::gate::PauseTarget;
use crate::domain::ids::{DrillId, PauseId, PersonId};
use crate::domain::moment::Moment;
use crate::domain::person::Actor;
use crate::domain::problem::{FieldError, Reason};
use crate::domain::statement::statement;
use crate::redaction::Redacted;
use crate::store::automations::{self, AutomationRow};
use crate::store::drills::DrillRow;
use crate::store::pauses::{self, PauseRow};
use crate::store::{Connection, Tx, Verb};
use serde::Serialize;
use std::time::{Duration, Instant};

/// How long gates may take to close before the drill says that they did not.
const PATIENCE: Duration = Duration::from_secs(2);
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Longest time that a rehearsal may say, seconds: an hour.
const TOOK_MAX: i64 = 3_600;

/// What people saw who tried a switch by hand, as typed.
#[derive(Clone, Debug, Default)]
pub struct Rehearsal {
    /// How many of the automations that it covers stopped.
    pub stopped: Option<i64>,
    /// Seconds until the last of them had; not known: none.
    pub took_seconds: Option<i64>,
    /// What was done and seen.
    pub observed: String,
}

/// A drill that was held.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Drilled {
    /// Its id.
    pub id: String,
    /// What kind of thing the switch covers.
    pub target_kind: PauseTarget,
    /// Automations that it covers.
    pub covered: i32,
    /// Of those, how many were seen to stop.
    pub closed: i32,
    /// Milliseconds until the last of them had.
    pub took_ms: i32,
    /// True when all of them did.
    pub worked: bool,
    /// When.
    pub held_at: String,
}

impl Answer for Drilled {}

/// Presses the switch, looks until every gate under it is closed, and releases it again. Should the release fail, the
/// pause holds until somebody releases it: a drill never leaves open what it found closed.
pub fn press(desk: &Desk, actor: &Actor, switch: &Switch) -> Result<Drilled, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let (target, covered) = desk.read(|connection| look_up(connection, actor, switch))?;
    let drill = DrillId::fresh();
    let (drill_id, switch_copy, actor_copy) = (drill.clone(), switch.clone(), actor.clone());
    let began = Instant::now();
    let pause = desk.write(actor, move |tx| {
        let target = resolve(tx.connection(), &actor_copy, &switch_copy)?;
        let row = PauseRow {
            reason: Some(Redacted::literal(
                "A drill of this switch. It is released by itself when the gates are seen closed.",
            )),
            drill_id: Some(drill_id),
            ..blank(&target, &actor_copy, tx.now())
        };
        tx.insert(Verb::Paused, &row)?;
        Ok(row.id)
    })?;
    let closed = watch(&desk.gate, &covered, began);
    let took = began.elapsed();
    let row = DrillRow {
        id: drill,
        target_kind: target.kind,
        target: target.id,
        site_id: target.site,
        held_by: person,
        held_at: desk.now(),
        covered: counted(covered.len()),
        closed: counted(closed),
        took_ms: counted(usize::try_from(took.as_millis()).unwrap_or(usize::MAX)),
        observed: None,
    };
    let (who, held) = (actor.reference(), pause.clone());
    let answer = desk.answer(actor, move |tx| {
        let_go(tx, &held, &who)?;
        tx.insert(Verb::Drilled, &row)?;
        Ok(shown(&row))
    });
    if answer.is_err() {
        // The same drill was pressed twice at once, or could not be recorded: its pause must not stay for that.
        let who = actor.reference();
        desk.write(actor, move |tx| let_go(tx, &pause, &who))?;
    }
    answer
}

/// Releases the pause of a drill, unless somebody did already.
fn let_go(tx: &mut Tx, pause: &PauseId, who: &str) -> Result<(), Failure> {
    let mut held = pauses::find(tx.connection(), pause)?;
    if held.released_at.is_none() {
        held.released_by = Some(who.to_owned());
        held.released_at = Some(tx.now());
        held.release_reason = Some(Redacted::literal("The drill is over."));
        tx.update(Verb::Released, &held)?;
    }
    Ok(())
}

/// Records what people saw when they tried it by hand.
pub fn record(desk: &Desk, actor: &Actor, switch: &Switch, seen: &Rehearsal) -> Result<Drilled, Failure> {
    desk.answered_before()?;
    let person = sight::person_id(actor)?;
    let (_, covered) = desk.read(|connection| look_up(connection, actor, switch))?;
    let (closed, took_ms, observed) = checked(seen, covered.len())?;
    let observed = registry_redactor(desk)?.text(&observed).text;
    let (switch, actor_copy) = (switch.clone(), actor.clone());
    desk.answer(actor, move |tx| {
        let target = resolve(tx.connection(), &actor_copy, &switch)?;
        let row = rehearsed(target, person, tx.now(), (covered.len(), closed, took_ms), observed);
        tx.insert(Verb::Drilled, &row)?;
        Ok(shown(&row))
    })
}

fn rehearsed(
    target: Target,
    held_by: PersonId,
    held_at: Moment,
    (covered, closed, took_ms): (usize, i32, i32),
    observed: Redacted,
) -> DrillRow {
    DrillRow {
        id: DrillId::fresh(),
        target_kind: target.kind,
        target: target.id,
        site_id: target.site,
        held_by,
        held_at,
        covered: counted(covered),
        closed,
        took_ms,
        observed: Some(observed),
    }
}

/// How many stopped, how long it took and what was seen, once everything that was typed is right.
fn checked(seen: &Rehearsal, covered: usize) -> Result<(i32, i32, String), Failure> {
    let mut errors = Vec::new();
    let most = counted(covered);
    let stopped =
        seen.stopped.and_then(|number| i32::try_from(number).ok()).filter(|number| (0..=most).contains(number));
    if stopped.is_none() {
        errors.push(FieldError::new(
            "stopped",
            format!("Say how many of the {most} stopped: a number from 0 to {most}."),
        ));
    }
    let took = seen.took_seconds.unwrap_or(0);
    if !(0..=TOOK_MAX).contains(&took) {
        errors.push(FieldError::new("took_seconds", format!("Use seconds from 0 to {TOOK_MAX}.")));
    }
    let ask = "Say in a sentence what was pressed and what you saw stop.";
    let observed = statement("observed", &seen.observed, ask, &mut errors);
    match stopped {
        Some(stopped) if errors.is_empty() => Ok((stopped, i32::try_from(took * 1000).unwrap_or(i32::MAX), observed)),
        _ => Err(Failure::Invalid(errors)),
    }
}

/// The switch that a request names, and what it covers; refused where there is nothing to stop.
fn look_up(
    connection: &mut Connection,
    actor: &Actor,
    switch: &Switch,
) -> Result<(Target, Vec<AutomationRow>), Failure> {
    let target = resolve(connection, actor, switch)?;
    let mut covered = automations::list(connection)?;
    covered.retain(|row| gate_facts::covers(row).includes(target.kind, &target.id));
    if covered.is_empty() {
        let message = "This switch covers no automation yet: there is nothing to see stop. Register one first.";
        return Err(Failure::refused(Reason::new("nothing_to_stop", message, "administrator")));
    }
    Ok((target, covered))
}

/// Looks until every gate is closed, or patience ends; says how many are.
fn watch(gate: &GateMemory, covered: &[AutomationRow], began: Instant) -> usize {
    loop {
        let is_closed =
            |row: &&AutomationRow| gate.verdict(&row.slug, row.environment).is_some_and(|verdict| !verdict.is_open());
        let closed = covered.iter().filter(is_closed).count();
        if closed == covered.len() || began.elapsed() > PATIENCE {
            return closed;
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

fn counted(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn shown(row: &DrillRow) -> Drilled {
    Drilled {
        id: row.id.to_string(),
        target_kind: row.target_kind,
        covered: row.covered,
        closed: row.closed,
        took_ms: row.took_ms,
        worked: row.worked(),
        held_at: row.held_at.rfc3339(),
    }
}
