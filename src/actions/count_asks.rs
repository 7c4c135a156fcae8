//! How often each gate was asked, and when last: counted in memory by each node, written down once a minute, outside the
//! audit chain. A lead sees by it which automation never asks, and so cannot be stopped.

use super::gate_memory::GateMemory;
use super::{Desk, Failure};
use crate::domain::ids::AutomationId;
use crate::domain::moment::Moment;
use crate::domain::person::Actor;
use crate::store::automations::AutomationRow;
use crate::store::{Connection, asks};
use std::collections::HashSet;

/// Automations whose counts are written together: one transaction stays short.
const AT_ONCE: usize = 500;

/// The asks of one automation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// How often, since it was registered.
    pub times: i64,
    /// When last; none: never.
    pub last_at: Option<Moment>,
}

/// Writes down what was counted since the last round. Says for how many automations.
pub fn round(desk: &Desk) -> Result<usize, Failure> {
    let taken = desk.gate.take_asks();
    for (at, rows) in taken.chunks(AT_ONCE).enumerate() {
        let written = rows.to_vec();
        let outcome =
            desk.write(&Actor::System("asks"), move |tx| Ok(written.iter().try_for_each(|row| asks::add(tx, row))?));
        if outcome.is_err() {
            desk.gate.put_asks_back(&taken[at * AT_ONCE..]);
            outcome?;
        }
    }
    Ok(taken.len())
}

/// What is known of an automation's asks: of all nodes up to their last round, of this one up to now.
pub fn of(connection: &mut Connection, gate: &GateMemory, automation: &AutomationId) -> Result<Asked, Failure> {
    let (last, times) = gate.unwritten_asks(automation);
    let written = asks::find(connection, automation)?;
    Ok(Asked {
        times: times + written.as_ref().map_or(0, |row| row.times),
        last_at: last.max(written.map(|row| row.last_at)),
    })
}

/// Those of these automations that have never asked: a pause is not known to stop them.
pub fn never_asked(
    connection: &mut Connection,
    gate: &GateMemory,
    automations: &[AutomationRow],
) -> Result<HashSet<AutomationId>, Failure> {
    let askers: HashSet<AutomationId> = asks::askers(connection)?.into_iter().collect();
    let silent = automations.iter().filter(|row| !askers.contains(&row.id) && gate.unwritten_asks(&row.id).1 == 0);
    Ok(silent.map(|row| row.id.clone()).collect())
}
