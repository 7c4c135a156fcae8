//! `allclear audit verify`.

use super::{Stop, installation};
use crate::actions::watch_integrity;
use crate::store;
use crate::store::audit::Verification;

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Walk the chain and compare the present rows with it.
    Verify,
}

pub(super) fn run(command: &Command) -> Result<(), Stop> {
    match command {
        Command::Verify => verify(),
    }
}

/// Most differences named on the one line; the count says how many there are.
const NAMED_MAX: usize = 20;

fn verify() -> Result<(), Stop> {
    let config = installation::settings()?;
    let found = store::look(&config.database, watch_integrity::verify)?;
    holds(&found)?;
    println!("The audit chain holds: {} entries, {} rows, head {}", found.entries, found.rows, found.head);
    Ok(())
}

/// Refuses a chain that does not hold, naming what differs.
pub(super) fn holds(found: &Verification) -> Result<(), Stop> {
    let count = found.differences.len();
    if count == 0 {
        return Ok(());
    }
    let named = found.differences.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join("; ");
    let rest = if count > NAMED_MAX { format!("; and {} more", count - NAMED_MAX) } else { String::new() };
    Err(Stop::DoesNotHold(format!("The audit chain does not hold ({} entries): {named}{rest}", found.entries)))
}
