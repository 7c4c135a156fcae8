//! The gate's memory, leases, events and clients.

mod ask;
mod events;
mod fake;
mod lease;
mod memory;
mod run;
mod wordpress;

use crate::support::App;
use allclear::store::{Database, Error, Tx};
use std::time::{Duration, Instant};

/// Waits, five seconds at most, until this holds.
#[track_caller]
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(5), "in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A lease of `order-mails` signed by the app's key, with some claims changed.
pub fn lease_json(app: &App, changes: serde_json::Value) -> String {
    let now = app.desk.now().utc().timestamp();
    let mut claims = serde_json::json!({
        "iss": "allclear", "sub": "order-mails", "scope": "read_only", "environment": "production",
        "iat": now, "exp": now + 60, "jti": "n",
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    app.desk.signer.sign_token("allclear-lease+jwt", &claims)
}

/// The same lease under a signature that is not its own.
pub fn forged(lease: &str) -> String {
    let (head, signature) = lease.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { "B" } else { "A" };
    format!("{head}.{first}{}", &signature[1..])
}

/// Another process or node on the same database.
pub struct Elsewhere(Database);

impl Elsewhere {
    pub fn of(app: &App) -> Self {
        Self(Database::open(app.address_of_database()).unwrap())
    }

    /// Writes there, and waits until this node has followed.
    pub fn write<T: Send + 'static>(
        &self,
        app: &App,
        f: impl FnOnce(&mut Tx) -> Result<T, Error> + Send + 'static,
    ) -> T {
        let actor = allclear::domain::person::Actor::System("elsewhere");
        let (outcome, written) = self.0.write_told(&actor, app.desk.now(), f).unwrap();
        wait_until("the follower reads what another node wrote", || {
            app.desk.gate.position().is_some_and(|seq| seq >= written.seq)
        });
        outcome
    }
}
