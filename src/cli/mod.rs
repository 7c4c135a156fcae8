//! The command line. Exit 0: done, or what was checked holds; 1: it does not hold; 2: usage, bad input, or not
//! reachable, with one line on standard error.

mod serve;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Nothing restarts until it is all clear, and nothing secret leaves with the report.
#[derive(Parser)]
#[command(name = "allclear", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Web, API and jobs on one address.
    Serve,
}

/// How a command ended without being done.
#[derive(Debug)]
pub(crate) enum Stop {
    /// What was checked does not hold.
    DoesNotHold(String),
    /// Usage, bad input, or not reachable.
    Cannot(String),
}

impl From<crate::actions::Failure> for Stop {
    fn from(failure: crate::actions::Failure) -> Self {
        Stop::Cannot(failure.to_string())
    }
}

/// Runs the command line.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Command::Serve => serve::run(),
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
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
