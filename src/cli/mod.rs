//! The command line, one file per command. Exit 0: done, or what was checked holds; 1: it does not hold; 2: usage, bad
//! input, or not reachable, with one line on standard error and nothing half-written.

mod audit;
mod backup;
mod check;
mod demo;
mod gate;
mod installation;
mod keys;
mod mail_in;
mod migrate;
mod redact;
mod restore;
mod serve;
mod token;
mod user;
mod verify;
mod verify_audit;
mod verify_playbook;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Nothing restarts until it is all clear, and nothing secret leaves with the report.
#[derive(Parser)]
#[command(name = "allclear", version, about, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Web, API and jobs on one address.
    Serve,
    /// The same on a throwaway data folder, with a sample to look round in.
    Demo,
    /// Take secrets out of files or of standard input; the rest goes to standard output.
    Redact(redact::Arguments),
    /// Check a bundle, a restart certificate, a playbook file or an audit chain that was downloaded. Works without a network.
    Verify(verify::Arguments),
    /// The audit chain.
    #[command(subcommand)]
    Audit(audit::Command),
    /// People.
    #[command(subcommand)]
    User(user::Command),
    /// File an answer to an escalation: one mail message on standard input, as a mail server hands it over.
    MailIn,
    /// Guard a command by the gate of its automation.
    #[command(subcommand)]
    Gate(gate::Command),
    /// Signing keys.
    #[command(subcommand)]
    Keys(keys::Command),
    /// API tokens.
    #[command(subcommand)]
    Token(token::Command),
    /// Bring the database's schema up to date.
    Migrate,
    /// Look whether settings, database, storage and key file are in order.
    Check,
    /// Write database and files into one file, while serving. The key file is not in it.
    Backup(backup::Arguments),
    /// Bring a backup back into an empty place, and check its audit chain.
    Restore(restore::Arguments),
}

/// How a command ended without being done.
#[derive(Debug)]
pub(crate) enum Stop {
    /// What was checked does not hold.
    DoesNotHold(String),
    /// Usage, bad input, or not reachable.
    Cannot(String),
    /// A guarded command ran, and ended with this code.
    Guarded(u8),
}

impl Stop {
    /// Something could not be done to a file.
    fn file(what: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        Stop::Cannot(format!("cannot {what} {}: {error}", path.display()))
    }
}

impl From<crate::actions::Failure> for Stop {
    fn from(failure: crate::actions::Failure) -> Self {
        Stop::Cannot(failure.to_string())
    }
}

impl From<crate::store::Error> for Stop {
    fn from(error: crate::store::Error) -> Self {
        Stop::Cannot(error.to_string())
    }
}

impl From<crate::vault::VaultError> for Stop {
    fn from(error: crate::vault::VaultError) -> Self {
        Stop::Cannot(error.to_string())
    }
}

/// Runs the command line.
pub fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve => serve::run(),
        Command::Demo => demo::run(),
        Command::Redact(arguments) => redact::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Audit(command) => audit::run(&command),
        Command::User(command) => user::run(command),
        Command::Gate(command) => gate::run(command),
        Command::Keys(command) => keys::run(&command),
        Command::Token(command) => token::run(command),
        Command::MailIn => mail_in::run(),
        Command::Migrate => migrate::run(),
        Command::Check => check::run(),
        Command::Backup(arguments) => backup::run(&arguments),
        Command::Restore(arguments) => restore::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::DoesNotHold(why)) => {
            eprintln!("{}", one_line(&why));
            ExitCode::from(1)
        }
        Err(Stop::Cannot(why)) => {
            eprintln!("allclear: {}", one_line(&why));
            ExitCode::from(2)
        }
        Err(Stop::Guarded(code)) => ExitCode::from(code),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
