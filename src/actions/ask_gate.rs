//! May this automation run? Gathers the facts, asks the one pure function, and signs a lease when it says open.

use super::{Desk, Failure, sight};
use crate::domain::automation::{Environment, RunScope};
use crate::domain::gate::{self, GateFacts, Verdict};
use crate::domain::ids::PersonId;
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor};
use crate::domain::problem::Reason;
use crate::store::automations::AutomationRow;
use crate::store::pauses::{self, Covers};
use crate::store::{Connection, people};
use chrono::Duration;
use serde::Serialize;
use serde_json::json;
use std::collections::HashSet;

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
        let facts = facts(connection, &automation, environment)?;
        Ok((automation, facts))
    })?;
    Ok(match gate::decide(&facts) {
        Verdict::Open(scope) => GateAnswer::Open(lease(desk, &automation, scope, environment, now)),
        Verdict::Closed(reasons) => GateAnswer::Closed(reasons),
    })
}

/// The verdict alone, for pages.
pub fn verdict(connection: &mut Connection, automation: &AutomationRow) -> Result<Verdict, Failure> {
    Ok(gate::decide(&facts(connection, automation, Environment::Production)?))
}

/// The verdicts of many automations, in their order, without asking the database for each.
pub fn verdicts(connection: &mut Connection, automations: &[AutomationRow]) -> Result<Vec<Verdict>, Failure> {
    let active: HashSet<PersonId> =
        people::list(connection)?.into_iter().filter(|person| person.active).map(|person| person.id).collect();
    let holding = pauses::all_holding(connection)?;
    Ok(automations
        .iter()
        .map(|automation| {
            let covers = covers(automation);
            let pauses = holding.iter().filter(|(pause, _)| covers.includes(pause.target_kind, &pause.target));
            gate::decide(&GateFacts {
                environment: Environment::Production,
                missing: automation.missing(),
                owner_active: automation.owner_id.as_ref().is_some_and(|owner| active.contains(owner)),
                scope: automation.scope,
                pauses: pauses.cloned().map(pauses::as_holding).collect(),
            })
        })
        .collect())
}

/// What covers an automation.
pub fn covers(automation: &AutomationRow) -> Covers<'_> {
    Covers {
        automation: automation.id.as_str(),
        category: automation.category.as_str(),
        site: automation.site_id.as_str(),
    }
}

fn facts(
    connection: &mut Connection,
    automation: &AutomationRow,
    environment: Environment,
) -> Result<GateFacts, Failure> {
    let owner_active = match &automation.owner_id {
        Some(owner) => sight::promised(people::find(connection, owner))?.active,
        None => false,
    };
    Ok(GateFacts {
        environment,
        missing: automation.missing(),
        owner_active,
        scope: automation.scope,
        pauses: pauses::holding(connection, &covers(automation))?,
    })
}

/// A lease: a JWS whose claims name automation, scope, environment, issue, end and a nonce.
fn lease(desk: &Desk, automation: &AutomationRow, scope: RunScope, environment: Environment, now: Moment) -> OpenGate {
    let expires = now.plus(Duration::seconds(desk.limits.lease_seconds));
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
