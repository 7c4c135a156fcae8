//! Reporting the guarded run. Arguments are not reported: they may hold what nobody else should read.

use super::server::Server;
use super::{Arguments, End};
use crate::domain::lease::Lease;
use crate::domain::moment::Moment;
use chrono::DateTime;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Tries, and the wait between two.
const TRIES: u32 = 3;
const WAIT: Duration = Duration::from_secs(1);

/// What is known of the run from its start.
pub(super) struct Report {
    run_id: String,
    environment: String,
    program: String,
    what: String,
    contact: String,
    began_at: String,
}

impl Report {
    pub(super) fn new(arguments: &Arguments, lease: &Lease) -> Self {
        let program = arguments.command.first().map(Path::new).and_then(Path::file_name);
        let program = program.map_or_else(|| "command".to_owned(), |name| name.to_string_lossy().into_owned());
        Self {
            run_id: uuid::Uuid::new_v4().simple().to_string(),
            environment: arguments.environment.to_string(),
            what: arguments.what.clone().unwrap_or_else(|| format!("ran {program}")),
            contact: arguments.contact.clone(),
            // By the server's clock: it is compared with the moment at which a pause was set there.
            began_at: Moment::from_utc(DateTime::from_timestamp(lease.iat, 0).unwrap_or_default()).rfc3339(),
            program,
        }
    }

    /// The command could not be started: a failed run.
    pub(super) fn cannot_start(&self, server: &Server, why: &str) {
        self.post(server, self.failure("cannot_start", why));
    }

    /// Sends how it ended. That this fails is told, and changes nothing of the command's own code.
    pub(super) fn send(&self, server: &Server, end: &End) {
        let body = match end {
            End::Itself(ended) if ended.code() == 0 => self.body("success", "The command ended with code 0."),
            End::Itself(ended) => {
                let word = ended.word();
                self.failure(&word, &format!("The command ended with {}.", word.replace('_', " ")))
            }
            End::Closed(why) | End::Lost(why) => self.body("stopped", why),
            End::Signal(signal) => self.body("stopped", &format!("Told to stop by signal {signal}.")),
        };
        self.post(server, body);
    }

    fn body(&self, outcome: &str, why: &str) -> Value {
        json!({
            "environment": self.environment, "outcome": outcome, "what": self.what, "why": why, "run_id": self.run_id,
            "began_at": self.began_at,
        })
    }

    fn failure(&self, code: &str, why: &str) -> Value {
        let mut body = self.body("failure", why);
        body["error"] = json!({
            "code": code, "step": self.program, "input": "the arguments of the command, which are not reported",
            "next_contact": self.contact,
        });
        body
    }

    fn post(&self, server: &Server, body: Value) {
        for attempt in 1..=TRIES {
            match server.report(&body, &self.run_id) {
                Ok(()) => return,
                Err((_, true)) if attempt < TRIES => std::thread::sleep(WAIT),
                Err((why, _)) => {
                    eprintln!("allclear: the run could not be reported: {why}");
                    return;
                }
            }
        }
    }
}
