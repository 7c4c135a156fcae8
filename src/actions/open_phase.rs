//! Phases: a restart decision opens read only; each wider scope is opened by a person when the one before went well.
//!
//! An automation that no incident ever paused soaks at read only from its registration, without a row.

use super::gate_facts::Ground;
use super::{Answer, Desk, Failure, Limits, configuration, pause, sight};
use crate::domain::automation::RunScope;
use crate::domain::configuration::drift;
use crate::domain::gate::{self, Verdict};
use crate::domain::ids::PhaseId;
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::phase::{self, PhaseFacts};
use crate::domain::statement::only_statement;
use crate::redaction::Redacted;
use crate::store::automations::{self, AutomationRow};
use crate::store::phases::{self, PhaseRow};
use crate::store::restarts::RequestRow;
use crate::store::{Connection, Json, Tx, Verb, cadence, runs};
use chrono::Duration;
use serde::Serialize;

/// A phase that was opened.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PhaseAnswer {
    /// Its id.
    pub id: String,
    /// The automation's slug.
    pub automation: String,
    /// The scope from now on.
    pub scope: RunScope,
    /// How far later phases may go.
    pub ceiling: RunScope,
    /// The next phase cannot be opened before.
    pub soak_until: String,
}

impl Answer for PhaseAnswer {}

/// Opens the next scope, or, when what runs is no longer what the present phase was opened for, read only anew.
/// Refused with every reason.
pub fn run(desk: &Desk, actor: &Actor, slug: &str, evidence: &str) -> Result<PhaseAnswer, Failure> {
    desk.answered_before()?;
    sight::person_id(actor)?;
    desk.read(|connection| sight::automation(connection, actor, slug, Act::WidenScope))?;
    let ask = "Give a link, or say in a sentence what shows that it went well.";
    let evidence = only_statement("evidence", evidence, ask)?;
    let evidence = pause::registry_redactor(desk)?.text(&evidence).text;
    let (slug, actor_copy, limits) = (slug.to_owned(), actor.clone(), desk.limits.clone());
    desk.answer(actor, move |tx| {
        let automation = sight::automation(tx.connection(), &actor_copy, &slug, Act::WidenScope)?;
        let present = phases::present(tx.connection(), &automation.id)?;
        let now = tx.now();
        let facts = facts(tx.connection(), &automation, present.as_ref(), &limits, now)?;
        let drifted = has_drifted(tx.connection(), &automation, present.as_ref())?;
        let scope = if drifted {
            RunScope::ReadOnly
        } else {
            let reasons = phase::widening_reasons(&facts, now);
            match phase::next(facts.scope) {
                Some(next) if reasons.is_empty() => next,
                _ => return Err(Failure::Refused(reasons)),
            }
        };
        let next = Next {
            scope,
            ceiling: facts.ceiling,
            evidence: Some(evidence),
            by: actor_copy.reference(),
            because: if drifted { "what runs has changed" } else { "the next scope was opened" },
            from: present.as_ref().map(|row| (row.request_id.clone(), row.incident_id.clone())).unwrap_or_default(),
        };
        let row = open(tx, automation, next, &limits)?;
        Ok(PhaseAnswer {
            id: row.id.to_string(),
            automation: slug,
            scope: row.scope,
            ceiling: row.ceiling,
            soak_until: row.soak_until.rfc3339(),
        })
    })
}

/// Opens the first phase of everything that an approved request lifts: read only, whatever it asked for.
pub(super) fn begin(
    tx: &mut Tx,
    automations: Vec<AutomationRow>,
    request: &RequestRow,
    by: &str,
    limits: &Limits,
) -> Result<Vec<PhaseRow>, Failure> {
    let mut opened = Vec::new();
    for automation in automations {
        let first = Next {
            scope: RunScope::ReadOnly,
            ceiling: request.scope,
            evidence: None,
            by: by.to_owned(),
            because: "a restart was decided",
            from: (Some(request.id.clone()), Some(request.incident_id.clone())),
        };
        opened.push(open(tx, automation, first, limits)?);
    }
    Ok(opened)
}

/// Ends the phases that rest on a request which is void.
pub(super) fn end_of_request(tx: &mut Tx, request: &RequestRow) -> Result<(), Failure> {
    for row in phases::of_request(tx.connection(), &request.id)? {
        let automation = sight::promised(automations::find(tx.connection(), &row.automation_id))?;
        end(tx, row, "the restart became void")?;
        set_scope(tx, automation, RunScope::ReadOnly)?;
    }
    Ok(())
}

/// Ends a phase.
pub(super) fn end(tx: &mut Tx, mut row: PhaseRow, because: &str) -> Result<(), Failure> {
    row.ended_at = Some(tx.now());
    row.ended_because = Some(because.to_owned());
    Ok(tx.update(Verb::Ended, &row)?)
}

/// Sets the widest scope of an automation, if it is another one.
pub(super) fn set_scope(tx: &mut Tx, mut automation: AutomationRow, scope: RunScope) -> Result<(), Failure> {
    if automation.scope != scope {
        automation.scope = scope;
        automation.version += 1;
        tx.update(Verb::Changed, &automation)?;
    }
    Ok(())
}

/// What widening the scope of an automation rests on.
pub fn facts(
    connection: &mut Connection,
    automation: &AutomationRow,
    present: Option<&PhaseRow>,
    limits: &Limits,
    now: Moment,
) -> Result<PhaseFacts, Failure> {
    let since = present.map_or(automation.created_at, |row| row.opened_at);
    let never = present.is_none() && phases::of_automation(connection, &automation.id)?.is_empty();
    let ground = Ground::of_one(connection, automation)?;
    let verdict = gate::decide(&ground.facts(automation, automation.environment), now);
    // What only an override holds open is no ground for more.
    let gate_open = matches!(&verdict, Verdict::Open(opening) if opening.override_until.is_none());
    let counted = runs::counts_since(connection, &automation.id, automation.scope, since)?;
    let overdue = cadence::reviews_of(connection, &automation.id)?;
    let flags = cadence::flags_of(connection, &automation.id)?;
    Ok(PhaseFacts {
        scope: automation.scope,
        // Without a phase, after one that ended badly: only another restart decision widens it.
        ceiling: present.map_or(if never { RunScope::Normal } else { RunScope::ReadOnly }, |row| row.ceiling),
        soak_until: present.map_or_else(|| since.plus(soak(RunScope::ReadOnly, limits)), |row| row.soak_until),
        gate_open,
        accepted_runs: counted.accepted,
        accepted_runs_wanted: limits.phase_runs,
        unreviewed_runs: counted.unreviewed,
        unexplained_failures: counted.unexplained,
        overdue_reviews: overdue
            .iter()
            .filter(|row| row.done_at.is_none() && row.due_at <= now)
            .map(|row| row.occasion.label())
            .collect(),
        open_flags: flags.iter().filter(|row| row.dismissed_at.is_none()).map(|row| row.kind.label()).collect(),
    })
}

/// Is what runs no longer what the present phase was opened for?
pub fn has_drifted(
    connection: &mut Connection,
    automation: &AutomationRow,
    present: Option<&PhaseRow>,
) -> Result<bool, Failure> {
    let Some(row) = present else { return Ok(false) };
    Ok(!drift(&row.configuration, &configuration::look_up(connection, automation)?).is_empty())
}

/// How long a scope soaks. The widest leads to no other.
fn soak(scope: RunScope, limits: &Limits) -> Duration {
    match scope {
        RunScope::ReadOnly => Duration::hours(limits.soak_read_only_hours),
        RunScope::Narrow => Duration::hours(limits.soak_narrow_hours),
        RunScope::Normal => Duration::zero(),
    }
}

/// A phase that is to be opened.
struct Next {
    scope: RunScope,
    ceiling: RunScope,
    evidence: Option<Redacted>,
    by: String,
    /// Why the present one ends.
    because: &'static str,
    /// The request, and its incident, that the chain of phases goes back to.
    from: (Option<crate::domain::ids::RequestId>, Option<crate::domain::ids::IncidentId>),
}

fn open(tx: &mut Tx, automation: AutomationRow, next: Next, limits: &Limits) -> Result<PhaseRow, Failure> {
    while let Some(present) = phases::present(tx.connection(), &automation.id)? {
        end(tx, present, next.because)?;
    }
    let made_of = configuration::look_up(tx.connection(), &automation)?;
    let row = PhaseRow {
        id: PhaseId::fresh(),
        automation_id: automation.id.clone(),
        request_id: next.from.0,
        incident_id: next.from.1,
        scope: next.scope,
        ceiling: next.ceiling,
        configuration: Json::of(made_of),
        evidence: next.evidence,
        opened_by: next.by,
        opened_at: tx.now(),
        soak_until: tx.now().plus(soak(next.scope, limits)),
        ended_at: None,
        ended_because: None,
    };
    tx.insert(Verb::Opened, &row)?;
    set_scope(tx, automation, next.scope)?;
    Ok(row)
}
