//! `allclear gate run`: any cron job or script, protected by one word.
//!
//! The command runs in a process group of its own, and only while a lease is held. The gate is asked every few seconds,
//! which also renews the lease, and at once when the server's events tell that it closed; when it closes, narrows below
//! what is needed, or cannot be reached until the lease ends, the group is told to stop, and made to after a grace. A pause
//! whose `running` is `finish` lets the command come to its own end.

mod child;
mod listen;
mod report;
mod server;

use super::Stop;
use crate::config::ClientSettings;
use crate::domain::automation::{Environment, RunScope};
use child::{Child, Ended};
use report::Report;
use server::{Held, Server, Told};
use std::ffi::OsString;
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How often we look whether the command has ended.
const LOOK_EVERY: Duration = Duration::from_millis(50);

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Ask the gate of an automation, and run a command only while it is open. Exits with the command's own code when
    /// it ran to its end, with 1 when the gate was or became closed, with 2 when the gate could not be asked.
    Run(Arguments),
}

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Slug of the automation.
    automation: String,
    /// Where it runs.
    #[arg(long, default_value = "production")]
    environment: Environment,
    /// The least scope that the command needs; a gate that opens less counts as closed.
    #[arg(long, default_value = "read_only")]
    scope: RunScope,
    /// Seconds between asking the command to stop (SIGTERM) and making it (SIGKILL).
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(0..=600))]
    grace: u64,
    /// Seconds between two asks; with a short lease, half of it at most. A pause is heard of at once beside them.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=300))]
    every: u64,
    /// What the run does, for its report; without it: the command's name.
    #[arg(long)]
    what: Option<String>,
    /// Whom to turn to when it fails, for its report.
    #[arg(long, default_value = "the owner of the automation")]
    contact: String,
    /// The command and its arguments.
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

/// What reaches the loop that guards the command.
enum Heard {
    Told(Told),
    /// A signal told us to stop.
    Signal(i32),
}

/// What the loop that guards the command is told by, and what it hears.
type News = (mpsc::Sender<Heard>, mpsc::Receiver<Heard>);

/// What reaches the loop that asks.
enum Nudge {
    /// Ask now.
    Ask,
    /// Nobody needs an answer any more.
    Done,
}

/// How a guarded run ended.
enum End {
    /// By itself.
    Itself(Ended),
    /// The gate closed, or narrowed below what was needed.
    Closed(String),
    /// The gate could not be asked, or not believed, until the lease ended.
    Lost(String),
    /// We were told to stop.
    Signal(i32),
}

pub(super) fn run(command: Command) -> Result<(), Stop> {
    let Command::Run(arguments) = command;
    let settings = ClientSettings::read().map_err(Stop::Cannot)?;
    let server = Server::new(&settings, &arguments.automation, arguments.environment)?;
    let held = match server.ask() {
        Told::Open(held) if held.lease.scope >= arguments.scope => held,
        Told::Open(held) => return Err(Stop::DoesNotHold(too_narrow(&arguments, held.lease.scope))),
        Told::Closed { why, .. } | Told::Stale(why) => return Err(Stop::DoesNotHold(closed(&arguments, &why))),
        Told::Refused(why) | Told::Unreachable(why) | Told::Unbelievable(why) => return Err(Stop::Cannot(why)),
    };
    let report = Report::new(&arguments, &held.lease);
    let news = mpsc::channel();
    let tell = news.0.clone();
    // Before the command starts: a signal in between would end us, and leave it running without a guard.
    child::hear_signals(move |signal| drop(tell.send(Heard::Signal(signal)))).map_err(Stop::Cannot)?;
    let mut child = match Child::start(&arguments.command, &held) {
        Ok(child) => child,
        Err(why) => {
            report.cannot_start(&server, &why);
            return Err(Stop::Cannot(why));
        }
    };
    let end = guard(&server, &mut child, &arguments, held, &news);
    report.send(&server, &end);
    match end {
        End::Itself(ended) => match ended.code() {
            0 => Ok(()),
            code => Err(Stop::Guarded(code)),
        },
        End::Closed(why) => Err(Stop::DoesNotHold(format!("the command was stopped: {why}"))),
        End::Lost(why) => Err(Stop::Cannot(format!("the command was stopped: {why}"))),
        End::Signal(signal) => Err(Stop::Guarded(128_u8.saturating_add(u8::try_from(signal).unwrap_or(0)))),
    }
}

fn closed(arguments: &Arguments, why: &str) -> String {
    format!("the gate of {} is closed: {why}", arguments.automation)
}

fn too_narrow(arguments: &Arguments, scope: RunScope) -> String {
    format!("the gate of {} opens {scope} only, and the command needs {}", arguments.automation, arguments.scope)
}

/// Holds the lease while the command runs, and stops the command when it is lost.
fn guard(server: &Server, child: &mut Child, arguments: &Arguments, first: Held, news: &News) -> End {
    let (tell, heard) = news;
    let wait = Duration::from_secs(arguments.every).min(first.span / 2);
    std::thread::scope(|scope| {
        let (nudge, asking) = mpsc::channel::<Nudge>();
        let told = tell.clone();
        scope.spawn(move || ask_again_and_again(server, wait, &asking, &told));
        listen::listen(server.events(), nudge.clone());
        let end = watch(child, arguments, heard, first);
        // Whoever asks has ended already when nobody hears this.
        let _ = nudge.send(Nudge::Done);
        let grace = Duration::from_secs(arguments.grace);
        match &end {
            End::Itself(_) => child.sweep(),
            _ => child.stop(grace),
        }
        end
    })
}

fn ask_again_and_again(server: &Server, wait: Duration, asking: &mpsc::Receiver<Nudge>, tell: &mpsc::Sender<Heard>) {
    while let Ok(Nudge::Ask) | Err(mpsc::RecvTimeoutError::Timeout) = asking.recv_timeout(wait) {
        if tell.send(Heard::Told(server.ask())).is_err() {
            return;
        }
    }
}

fn watch(child: &mut Child, arguments: &Arguments, heard: &mpsc::Receiver<Heard>, first: Held) -> End {
    // None: the gate closed and lets what runs come to its end, which takes no lease.
    let (mut until, mut unreached) = (Some(first.until), String::from("the lease ended"));
    loop {
        if let Some(ended) = child.ended() {
            return End::Itself(ended);
        }
        if until.is_some_and(|until| Instant::now() >= until) {
            return End::Lost(format!("no lease any more: {unreached}"));
        }
        match heard.recv_timeout(LOOK_EVERY) {
            Ok(Heard::Told(Told::Open(held))) if held.lease.scope >= arguments.scope => until = Some(held.until),
            Ok(Heard::Told(Told::Open(held))) => return End::Closed(too_narrow(arguments, held.lease.scope)),
            // It is asked on: whoever lets it finish may say later that it stops.
            Ok(Heard::Told(Told::Closed { may_finish: true, .. })) => until = None,
            Ok(Heard::Told(Told::Closed { why, .. })) => return End::Closed(closed(arguments, &why)),
            // A token that was taken away, or an answer that is not the server's: not open, and no mere silence.
            Ok(Heard::Told(Told::Refused(why) | Told::Unbelievable(why))) => return End::Lost(why),
            // What is held is good until it ends.
            Ok(Heard::Told(Told::Unreachable(why) | Told::Stale(why))) => unreached = why,
            Ok(Heard::Signal(signal)) => return End::Signal(signal),
            // Without answers the lease ends.
            Err(_) => {}
        }
    }
}
