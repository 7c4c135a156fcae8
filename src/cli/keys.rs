//! `allclear keys`.

use super::{Stop, installation};
use crate::actions::signing;

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Make a new signing key and retire the one in use. A running server takes it up by itself; what the old key signed
    /// stays good, and the old key stays published.
    Rotate,
}

pub(super) fn run(command: &Command) -> Result<(), Stop> {
    let Command::Rotate = command;
    let rotated = signing::rotate(&installation::desk()?, &installation::OPERATOR)?;
    println!("New key: {}", rotated.kid);
    for retired in rotated.retired {
        println!("Retired: {retired}");
    }
    Ok(())
}
