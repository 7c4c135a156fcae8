//! The guarded command, in a process group of its own.

use super::server::Held;
use rustix::process::{Pid, Signal, kill_process_group};
use std::ffi::OsString;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};

/// How often we look whether a command that was told to stop has.
const LOOK_EVERY: Duration = Duration::from_millis(20);

pub(super) struct Child {
    process: std::process::Child,
    group: Pid,
    ended: Option<Ended>,
}

/// How the command ended.
#[derive(Clone, Copy)]
pub(super) struct Ended(ExitStatus);

impl Ended {
    /// Its own code; 128 and the signal when one ended it, as shells say it.
    pub(super) fn code(self) -> u8 {
        let signal = self.0.signal().map(|signal| 128 + signal);
        u8::try_from(self.0.code().or(signal).unwrap_or(1)).unwrap_or(1)
    }

    /// A word for the report: `exit_3`, `signal_9`.
    pub(super) fn word(self) -> String {
        match (self.0.code(), self.0.signal()) {
            (Some(code), _) => format!("exit_{code}"),
            (None, Some(signal)) => format!("signal_{signal}"),
            (None, None) => "unknown".to_owned(),
        }
    }
}

impl Child {
    /// Starts the command with the lease in its environment.
    pub(super) fn start(command: &[OsString], held: &Held) -> Result<Self, String> {
        let (program, arguments) = command.split_first().ok_or("name a command after --")?;
        let process = Command::new(program)
            .args(arguments)
            .env("ALLCLEAR_LEASE", &held.text)
            .env("ALLCLEAR_SCOPE", held.lease.scope.as_str())
            .process_group(0)
            .spawn()
            .map_err(|e| format!("cannot start {}: {e}", program.to_string_lossy()))?;
        let group = Pid::from_child(&process);
        Ok(Self { process, group, ended: None })
    }

    /// Has it ended?
    pub(super) fn ended(&mut self) -> Option<Ended> {
        if self.ended.is_none() {
            self.ended = self.process.try_wait().ok().flatten().map(Ended);
        }
        self.ended
    }

    /// Asks the whole group to stop, and makes it after the grace.
    pub(super) fn stop(&mut self, grace: Duration) {
        self.tell(Signal::TERM);
        let told = Instant::now();
        while self.ended().is_none() && told.elapsed() < grace {
            std::thread::sleep(LOOK_EVERY);
        }
        self.tell(Signal::KILL);
        let _ = self.process.wait();
    }

    /// What the command left running holds no lease.
    pub(super) fn sweep(&self) {
        self.tell(Signal::TERM);
    }

    /// A group that is gone is what was wanted.
    fn tell(&self, signal: Signal) {
        let _ = kill_process_group(self.group, signal);
    }
}

/// Tells, from its return on, of the signals that ask this process to stop: the command is in another group and does not
/// get them itself.
///
/// # Errors
/// When the system does not let us hear them. A signal would end us then, and leave a command that nobody guards.
pub(super) fn hear_signals(tell: impl Fn(i32) + Send + 'static) -> Result<(), String> {
    let (begun, hears) = mpsc::channel();
    let hear = move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
            let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = kinds.map(signal) else { return };
            let _ = begun.send(());
            loop {
                let kind = tokio::select! {
                    _ = interrupt.recv() => SignalKind::interrupt(),
                    _ = terminate.recv() => SignalKind::terminate(),
                    _ = hangup.recv() => SignalKind::hangup(),
                };
                tell(kind.as_raw_value());
            }
        });
    };
    let cannot = |why: String| format!("signals cannot be passed on to the command: {why}");
    std::thread::Builder::new().name("signals".into()).spawn(hear).map_err(|error| cannot(error.to_string()))?;
    hears.recv().map_err(|_| cannot("the system does not let us hear them".to_owned()))
}
