//! What the gate says, for pages: the facts from the database, and the one pure function. Automations are answered from
//! memory (`gate_memory`); a test holds the two against each other.

use super::Failure;
use super::gate_facts::Ground;
use super::gate_memory::GateMemory;
use crate::domain::gate::{self, Verdict};
use crate::domain::moment::Moment;
use crate::store::Connection;
use crate::store::automations::AutomationRow;

/// The verdict of one automation.
pub fn verdict(connection: &mut Connection, automation: &AutomationRow, now: Moment) -> Result<Verdict, Failure> {
    let ground = Ground::of_one(connection, automation)?;
    Ok(gate::decide(&ground.facts(automation, automation.environment), now))
}

/// The same from memory where that is fresh, else from the database.
pub fn verdict_now(
    connection: &mut Connection,
    gate: &GateMemory,
    automation: &AutomationRow,
    now: Moment,
) -> Result<Verdict, Failure> {
    let remembered = || gate.verdict(&automation.slug, automation.environment);
    match gate.is_fresh().then(remembered).flatten() {
        Some(verdict) => Ok(verdict),
        None => verdict(connection, automation, now),
    }
}

/// The verdicts of many automations, in their order, without asking the database for each.
pub fn verdicts(
    connection: &mut Connection,
    automations: &[AutomationRow],
    now: Moment,
) -> Result<Vec<Verdict>, Failure> {
    let ground = Ground::of_all(connection)?;
    let verdict = |automation: &AutomationRow| gate::decide(&ground.facts(automation, automation.environment), now);
    Ok(automations.iter().map(verdict).collect())
}
