//! May this automation run? Gathers the facts, asks the one pure function, and signs a lease when it says open.

use super::gate_facts::Ground;
use super::{Desk, Failure, sight};
use crate::domain::automation::{Environment, RunScope};
use crate::domain::gate::{self, Opening, Verdict};
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::Reason;
use crate::store::Connection;
use crate::store::automations::AutomationRow;
use chrono::Duration;
use serde::Serialize;
use serde_json::json;

/// The answer to "may it run now?".
#[derive(Debug)]
pub enum GateAnswer {
    /// It may.
    Open(OpenGate),
    /// It may not, for all of these reasons.
    Closed(Vec<Reason>),
}

/// Body of a 200.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OpenGate {
    /// Always `open`.
    pub verdict: &'static str,
    /// How far it may go.
    pub scope: RunScope,
    /// The signed permission, checkable offline.
    pub lease: String,
    /// When the lease ends.
    pub expires_at: String,
}

/// Asks the gate.
pub fn run(desk: &Desk, actor: &Actor, slug: &str, environment: Environment) -> Result<GateAnswer, Failure> {
    let now = desk.now();
    let (automation, facts) = desk.read(|connection| {
        let automation = sight::automation(connection, actor, slug, Act::AskGate)?;
        let facts = Ground::of_one(connection, &automation)?.facts(&automation, environment);
        Ok((automation, facts))
    })?;
    Ok(match gate::decide(&facts, now) {
        Verdict::Open(opening) => GateAnswer::Open(lease(desk, &automation, &opening, environment, now)),
        Verdict::Closed(reasons) => GateAnswer::Closed(reasons),
    })
}

/// The verdict alone, for pages.
pub fn verdict(connection: &mut Connection, automation: &AutomationRow, now: Moment) -> Result<Verdict, Failure> {
    let ground = Ground::of_one(connection, automation)?;
    Ok(gate::decide(&ground.facts(automation, automation.environment), now))
}

/// The verdicts of many automations, in their order, without asking the database for each.
pub fn verdicts(
    connection: &mut Connection,
    automations: &[AutomationRow],
    now: Moment,
) -> Result<Vec<Verdict>, Failure> {
    let ground = Ground::of_all(connection)?;
    let verdict = |automation: &AutomationRow| gate::decide(&ground.facts(automation, automation.environment), now);
    Ok(automations.iter().map(verdict).collect())
}

/// A lease: a JWS whose claims name automation, scope, environment, issue, end and a nonce.
fn lease(
    desk: &Desk,
    automation: &AutomationRow,
    opening: &Opening,
    environment: Environment,
    now: Moment,
) -> OpenGate {
    let expires = now.plus(Duration::seconds(desk.limits.lease_seconds));
    // A lease never outlives the override that it rests on.
    let expires = opening.override_until.map_or(expires, |until| until.min(expires));
    let scope = opening.scope;
    let claims = json!({
        "iss": "allclear",
        "sub": automation.slug,
        "scope": scope,
        "environment": environment,
        "iat": now.utc().timestamp(),
        "exp": expires.utc().timestamp(),
        "jti": uuid::Uuid::new_v4().simple().to_string(),
    });
    OpenGate {
        verdict: "open",
        scope,
        lease: desk.signer.sign_token("allclear-lease+jwt", &claims),
        expires_at: expires.rfc3339(),
    }
}
