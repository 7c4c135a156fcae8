//! Tokens as lines of a list, and the choices of the form that makes one.

use crate::actions::sight::promised;
use crate::actions::{Failure, tokens};
use crate::domain::moment::Moment;
use crate::domain::person::{Actor, Scope};
use crate::store::{self, Connection, automations, people};
use crate::web::shown::{Choice, HintedChoice, NO_SITE, Time, capital, time};
use serde::Serialize;

/// One line.
#[derive(Clone, Serialize)]
pub(in crate::web::pages) struct TokenRow {
    pub(in crate::web::pages) id: String,
    name: String,
    holder: String,
    scopes: Vec<String>,
    created_at: Time,
    expires_at: Time,
    state: &'static str,
    may_revoke: bool,
}

/// The lines; `now` tells which tokens are over.
pub(in crate::web::pages) fn rows(
    connection: &mut Connection,
    actor: &Actor,
    now: Moment,
    tokens: &[store::tokens::TokenRow],
) -> Result<Vec<TokenRow>, Failure> {
    tokens.iter().map(|token| row(connection, actor, now, token)).collect()
}

/// One line.
pub(in crate::web::pages) fn row(
    connection: &mut Connection,
    actor: &Actor,
    now: Moment,
    token: &store::tokens::TokenRow,
) -> Result<TokenRow, Failure> {
    let holder = match (&token.person_id, &token.automation_id) {
        (Some(person), _) => promised(people::find(connection, person))?.name,
        (None, Some(automation)) => promised(automations::find(connection, automation))?.name,
        (None, None) => "nobody".to_owned(),
    };
    let state = match token.revoked_at {
        Some(_) => "revoked",
        None if token.expires_at <= now => "expired",
        None => "active",
    };
    Ok(TokenRow {
        id: token.id.to_string(),
        name: token.name.clone(),
        holder,
        scopes: token.scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
        created_at: time(token.created_at, NO_SITE),
        expires_at: time(token.expires_at, NO_SITE),
        state,
        may_revoke: tokens::may_revoke(connection, actor, token)?,
    })
}

/// What a token may be limited to.
pub(in crate::web::pages) fn scopes() -> Vec<HintedChoice> {
    let hint = |scope: Scope| match scope {
        Scope::Gate => "Ask gates, pause, release manual pauses.",
        Scope::Runs => "Report runs.",
        Scope::Incidents => "File, read and change incidents.",
        Scope::Evidence => "Seal evidence and read its redacted form.",
        Scope::Bundles => "Build and fetch bundles.",
        Scope::Escalations => "Send bundles to other parties.",
        Scope::Review => "Write the post-incident review.",
        Scope::Actions => "Prevention actions.",
        Scope::Checks => "Regression checks and restart criteria.",
        Scope::Decisions => "Ask for a restart and decide one.",
        Scope::Registry => "Sites and automations.",
        Scope::Admin => "People, tokens and the audit chain.",
    };
    Scope::ALL.iter().map(|scope| HintedChoice::new(scope.as_str(), capital(&scope.label()), hint(*scope))).collect()
}

/// After how many days a token may end.
pub(in crate::web::pages) fn lifetimes() -> Vec<Choice> {
    [("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("180", "180 days"), ("365", "1 year")]
        .map(|(days, label)| Choice::new(days, label))
        .to_vec()
}

/// The lifetime that is chosen beforehand.
pub(in crate::web::pages) const USUAL_DAYS: &str = "90";
