//! The installation that the settings name, for commands that work on it beside a running server.

use super::Stop;
use crate::actions::Desk;
use crate::app;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::person::Actor;

/// How the audit chain names whoever works at the command line: whoever may run it is the operator of the machine.
pub(super) const OPERATOR: Actor = Actor::System("command-line");

/// The settings.
pub(super) fn settings() -> Result<Config, Stop> {
    Config::read().map_err(Stop::Cannot)
}

/// The desk of this installation. Makes data folder, key file and database when they are not there yet, so that the
/// first person can be added before the first start.
pub(super) fn desk() -> Result<Desk, Stop> {
    Ok(app::open(&settings()?, None, Clock::default())?)
}
