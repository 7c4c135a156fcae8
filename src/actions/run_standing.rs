//! Where an automation stands by its runs: what they say about relaxing its approval requirement.

use super::{Answer, Desk, Failure, Limits, gate_facts, sight};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::run::{RelaxationFacts, relaxation_reasons};
use crate::store::automations::{self, AutomationRow};
use crate::store::{Connection, Tx, Verb, pauses, runs};
use chrono::Duration;
use serde::Serialize;

/// An approval requirement after an act.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ApprovalAnswer {
    /// The automation's slug.
    pub automation: String,
    /// Is its approval requirement relaxed?
    pub relaxed: bool,
}

impl Answer for ApprovalAnswer {}

/// What relaxing rests on now.
pub fn relaxation(
    connection: &mut Connection,
    automation: &AutomationRow,
    limits: &Limits,
) -> Result<RelaxationFacts, Failure> {
    let failed = runs::last_failure(connection, &automation.id)?;
    let accepted = runs::accepted_after(connection, &automation.id, failed.as_ref().map(|run| &run.id))?;
    Ok(RelaxationFacts {
        relaxed: automation.approval_relaxed,
        accepted,
        wanted: limits.relax_runs,
        unexplained: failed.is_some_and(|run| run.explanation.is_none()),
    })
}

/// Relaxes the approval requirement, or takes that back. Refused with every reason.
pub fn set_relaxed(desk: &Desk, actor: &Actor, slug: &str, relaxed: bool) -> Result<ApprovalAnswer, Failure> {
    desk.answered_before()?;
    sight::person_id(actor)?;
    let (slug, actor_copy, limits) = (slug.to_owned(), actor.clone(), desk.limits.clone());
    desk.answer(actor, move |tx| {
        let automation = sight::automation(tx.connection(), &actor_copy, &slug, Act::WidenScope)?;
        if relaxed {
            let facts = relaxation(tx.connection(), &automation, &limits)?;
            let reasons = relaxation_reasons(&facts);
            if !reasons.is_empty() {
                return Err(Failure::Refused(reasons));
            }
            write(tx, automation, true)?;
        } else if automation.approval_relaxed {
            write(tx, automation, false)?;
        }
        Ok(ApprovalAnswer { automation: slug, relaxed })
    })
}

/// A failure takes back what was relaxed.
pub(super) fn take_back(tx: &mut Tx, automation: &AutomationRow) -> Result<(), Failure> {
    let present = sight::promised(automations::find(tx.connection(), &automation.id))?;
    if present.approval_relaxed { write(tx, present, false) } else { Ok(()) }
}

fn write(tx: &mut Tx, mut automation: AutomationRow, relaxed: bool) -> Result<(), Failure> {
    automation.approval_relaxed = relaxed;
    automation.version += 1;
    Ok(tx.update(Verb::Changed, &automation)?)
}

/// From when on its runs count: for so long, but not from before a restart decision settled what was.
pub(super) fn counted_since(
    connection: &mut Connection,
    automation: &AutomationRow,
    now: Moment,
    span: Duration,
) -> Result<Moment, Failure> {
    let window = now.minus(span);
    let restarted = pauses::last_lifted(connection, &gate_facts::covers(automation))?;
    Ok(restarted.map_or(window, |at| at.max(window)))
}
