//! Talking to the server that the gate is asked of.

use super::listen::Events;
use crate::actions::check_lease::{self, PublishedKeys, Wanted};
use crate::cli::Stop;
use crate::clock::Clock;
use crate::config::ClientSettings;
use crate::domain::automation::Environment;
use crate::domain::gate;
use crate::domain::lease::{Lease, LeaseProblem};
use crate::domain::switch::{RunningFate, may_finish};
use serde_json::Value;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

/// The longest that one request may take. Shorter than the shortest lease, so that an answer still helps.
const PATIENCE: Duration = Duration::from_secs(4);
/// Largest answer that is read, bytes.
const ANSWER_MAX: u64 = 1024 * 1024;

/// The server, and the automation that it is asked about.
pub(super) struct Server {
    agent: Agent,
    base_url: String,
    token: String,
    automation: String,
    environment: Environment,
    skew: i64,
    keys: Mutex<PublishedKeys>,
}

/// A lease that was checked.
pub(super) struct Held {
    /// As it came.
    pub(super) text: String,
    /// What it says.
    pub(super) lease: Lease,
    /// For how long it was issued.
    pub(super) span: Duration,
    /// When it ends by our own clock, which ran while we waited for it: however the wall clocks differ.
    pub(super) until: Instant,
}

/// What the server said.
pub(super) enum Told {
    Open(Held),
    Closed {
        /// Every reason, in one line.
        why: String,
        /// What runs already may come to its end.
        may_finish: bool,
    },
    /// Closed only because the server cannot show that it is up to date: nothing may start, what is held stays good.
    Stale(String),
    /// Not ours to ask.
    Refused(String),
    /// No answer, or one that says to try again.
    Unreachable(String),
    /// A lease that does not hold.
    Unbelievable(String),
}

impl Server {
    pub(super) fn new(settings: &ClientSettings, automation: &str, environment: Environment) -> Result<Self, Stop> {
        // The slug goes into the address as it is.
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if automation.is_empty() || !automation.chars().all(plain) {
            return Err(Stop::Cannot(format!("{automation:?} is no slug of an automation")));
        }
        let tls = TlsConfig::builder().provider(TlsProvider::NativeTls).root_certs(RootCerts::PlatformVerifier).build();
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(PATIENCE))
            .tls_config(tls);
        if settings.is_local {
            config = config.proxy(None);
        }
        Ok(Self {
            agent: config.build().into(),
            base_url: settings.base_url.clone(),
            token: settings.token.clone(),
            automation: automation.to_owned(),
            environment,
            skew: settings.lease_skew_seconds,
            keys: Mutex::default(),
        })
    }

    /// Asks the gate and checks the lease.
    pub(super) fn ask(&self) -> Told {
        let asked = Instant::now();
        let path = format!("/api/v1/gate/{}?environment={}", self.automation, self.environment);
        let (status, answer) = match self.get(&path) {
            Ok(answer) => answer,
            Err(why) => return Told::Unreachable(why),
        };
        match status {
            200 => self.held(answer["lease"].as_str().unwrap_or_default(), asked),
            423 => closed(&answer),
            401 | 403 | 404 | 422 => Told::Refused(format!("{}: {}", self.base_url, said(status, &answer))),
            _ => Told::Unreachable(format!("{}: {}", self.base_url, said(status, &answer))),
        }
    }

    fn held(&self, text: &str, asked: Instant) -> Told {
        let checked = match self.check(text) {
            // A key that is new to us: the installation may have changed its key.
            Err(LeaseProblem::UnknownKey(_)) => match self.learn_keys() {
                Ok(()) => self.check(text),
                Err(why) => return Told::Unreachable(why),
            },
            checked => checked,
        };
        match checked {
            Ok(lease) => {
                let span = Duration::from_secs((lease.exp - lease.iat).unsigned_abs());
                Told::Open(Held { text: text.to_owned(), until: asked + span, lease, span })
            }
            Err(problem) => Told::Unbelievable(format!("{}: {problem}", self.base_url)),
        }
    }

    fn check(&self, text: &str) -> Result<Lease, LeaseProblem> {
        let wanted = Wanted { automation: &self.automation, environment: self.environment, skew: self.skew };
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        check_lease::run(&keys, text, wanted, Clock::default().now())
    }

    fn learn_keys(&self) -> Result<(), String> {
        let (status, document) = self.get("/.well-known/allclear-keys.json")?;
        let keys = PublishedKeys::parse(&document);
        if status != 200 || keys.is_empty() {
            return Err(format!("{} publishes no keys", self.base_url));
        }
        *self.keys.lock().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    /// Reports a run. The error says why it was not taken, and whether another try is worth it.
    pub(super) fn report(&self, run: &Value, run_id: &str) -> Result<(), (String, bool)> {
        let url = format!("{}/api/v1/automations/{}/runs", self.base_url, self.automation);
        let sent = self
            .agent
            .post(&url)
            .header("Authorization", format!("Bearer {}", self.token))
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", run_id)
            .send(run.to_string());
        let (status, answer) = sent.map_err(|e| e.to_string()).and_then(read).map_err(|why| (why, true))?;
        match status {
            200..=299 => Ok(()),
            status => Err((said(status, &answer), status == 429 || status >= 500)),
        }
    }

    /// Where the events of this gate come from.
    pub(super) fn events(&self) -> Events {
        let (automation, environment) = (&self.automation, self.environment);
        Events {
            agent: self.agent.clone(),
            url: format!("{}/api/v1/gate-events?automation={automation}&environment={environment}", self.base_url),
            token: self.token.clone(),
            patience: PATIENCE,
        }
    }

    fn get(&self, path: &str) -> Result<(u16, Value), String> {
        let url = format!("{}{path}", self.base_url);
        let request = self.agent.get(&url).header("Authorization", format!("Bearer {}", self.token));
        request.call().map_err(|e| e.to_string()).and_then(read).map_err(|why| format!("{}: {why}", self.base_url))
    }
}

fn read(mut response: ureq::http::Response<ureq::Body>) -> Result<(u16, Value), String> {
    let status = response.status().as_u16();
    let text = response.body_mut().with_config().limit(ANSWER_MAX).read_to_string().map_err(|e| e.to_string())?;
    Ok((status, serde_json::from_str(&text).unwrap_or_default()))
}

fn said(status: u16, answer: &Value) -> String {
    let words = [&answer["title"], &answer["detail"]].map(|part| part.as_str().unwrap_or_default());
    format!("{status} {}", words.join(". ")).trim_end_matches([' ', '.']).to_owned()
}

/// What a closed gate means for us.
fn closed(answer: &Value) -> Told {
    let why = reasons(answer);
    let codes = answer["reasons"].as_array().map(Vec::as_slice).unwrap_or_default();
    let codes: Vec<&str> = codes.iter().map(|reason| reason["code"].as_str().unwrap_or_default()).collect();
    let all_are_named = !codes.is_empty() && answer["more_reasons"].is_null();
    if all_are_named && codes.iter().all(|code| *code == gate::STALE) {
        return Told::Stale(why);
    }
    let running = answer["fates"]["running"].as_str().and_then(RunningFate::parse);
    Told::Closed { why, may_finish: all_are_named && may_finish(running, codes) }
}

/// The reasons of a closed gate in one line.
fn reasons(answer: &Value) -> String {
    let reasons = answer["reasons"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut lines: Vec<String> =
        reasons.iter().filter_map(|reason| reason["message"].as_str()).map(str::to_owned).collect();
    if let Some(more) = answer["more_reasons"].as_u64() {
        lines.push(format!("and {more} more reasons"));
    }
    if lines.is_empty() { "no reason was given".to_owned() } else { lines.join(" ") }
}
