//! API tokens: shown once, stored hashed, scoped, expiring, revocable.

use super::register_site::refuse_secrets;
use super::sign_in::{fresh_secret, hash_of};
use super::{Answer, Desk, Failure, sight, training};
use crate::domain::ids::TokenId;
use crate::domain::incident::clean_line;
use crate::domain::moment::Moment;
use crate::domain::person::{Act, Actor, Scope};
use crate::store::automations::AutomationRow;
use crate::store::people::{GrantRow, PersonRow};
use crate::store::tokens::{self, TokenRow};
use crate::store::{Connection, Json, Verb, automations, people};
use chrono::Duration;
use serde::Serialize;

/// What every token begins with: a leaked one is recognised, by us and by others' scanners.
pub const PREFIX: &str = "allclear_";

/// Whose token.
#[derive(Clone, Debug)]
pub enum Holder {
    /// The person who asks.
    Myself,
    /// Another person, by address; needs to manage people.
    Person(String),
    /// An automation, by slug; needs to manage the registry.
    Automation(String),
}

/// A new token: the only time it is seen.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Issued {
    /// Its id, for revoking it.
    pub id: String,
    /// The token itself.
    pub token: String,
    /// What it is for.
    pub name: String,
    /// What it is limited to; empty: all of the role.
    pub scopes: Vec<Scope>,
    /// When it ends by itself.
    pub expires_at: String,
}

impl Answer for Issued {}

/// A token that no longer works.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Withdrawn {
    /// Its id.
    pub id: String,
    /// Since when.
    pub revoked_at: String,
}

impl Answer for Withdrawn {}

/// Makes a token and returns it: the only time it is seen.
pub fn add(
    desk: &Desk,
    actor: &Actor,
    holder: &Holder,
    name: &str,
    scopes: Vec<Scope>,
    days: Option<i64>,
) -> Result<String, Failure> {
    issue(&desk.in_passing(), actor, holder, name, scopes, days).map(|issued| issued.token)
}

/// Makes a token and says what was made.
pub fn issue(
    desk: &Desk,
    actor: &Actor,
    holder: &Holder,
    name: &str,
    scopes: Vec<Scope>,
    days: Option<i64>,
) -> Result<Issued, Failure> {
    desk.answered_before()?;
    // Those of an automation's token are fixed, whatever was asked for: the table of acts gives an automation no more.
    let scopes = match holder {
        Holder::Automation(_) => vec![Scope::Gate, Scope::Runs],
        Holder::Myself | Holder::Person(_) => scopes,
    };
    refuse_wider(actor, &scopes)?;
    let name = clean_line(name);
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Failure::field("name", "Say what the token is for, in at most 100 characters."));
    }
    let mut errors = Vec::new();
    refuse_secrets(desk, std::iter::once(("name", name.as_str())), &mut errors)?;
    if !errors.is_empty() {
        return Err(Failure::Invalid(errors));
    }
    let days = days.unwrap_or(desk.limits.token_days);
    if !(1..=3650).contains(&days) {
        return Err(Failure::field("days", "Use a number of days from 1 to 3650."));
    }
    let token = format!("{PREFIX}{}", fresh_secret()?);
    let (hash, holder, actor_copy) = (hash_of(&token), holder.clone(), actor.clone());
    desk.answer(actor, move |tx| {
        let (person_id, automation_id) = match holder {
            Holder::Myself => (Some(sight::person_id(&actor_copy)?), None),
            Holder::Person(email) => {
                sight::everywhere(&actor_copy, Act::ManagePeople)?;
                let person = people::by_email(tx.connection(), &email)?
                    .ok_or_else(|| Failure::field("email", "There is no person with this address."))?;
                (Some(person.id), None)
            }
            Holder::Automation(slug) => {
                let row = sight::automation(tx.connection(), &actor_copy, &slug, Act::ManageRegistry)?;
                (None, Some(row.id))
            }
        };
        let row = TokenRow {
            id: TokenId::fresh(),
            name,
            hash,
            person_id,
            automation_id,
            scopes: Json::of(scopes),
            created_at: tx.now(),
            expires_at: tx.now().plus(Duration::days(days)),
            revoked_at: None,
        };
        tx.insert(Verb::Created, &row)?;
        Ok(Issued {
            id: row.id.to_string(),
            token,
            name: row.name,
            scopes: row.scopes.into_inner(),
            expires_at: row.expires_at.rfc3339(),
        })
    })
}

/// A token with limits makes none that can do more than itself.
fn refuse_wider(actor: &Actor, scopes: &[Scope]) -> Result<(), Failure> {
    let Some(own) = actor.person().and_then(|person| person.scopes.as_ref()) else { return Ok(()) };
    if !scopes.is_empty() && scopes.iter().all(|scope| own.contains(scope)) {
        return Ok(());
    }
    let own: Vec<&str> = own.iter().map(|scope| scope.as_str()).collect();
    Err(Failure::field("scopes", format!("The token you use is limited itself. Choose from: {}.", own.join(", "))))
}

/// May this actor revoke the token? One's own, any as administrator of people, an automation's as its registrar.
pub fn may_revoke(connection: &mut Connection, actor: &Actor, row: &TokenRow) -> Result<bool, Failure> {
    let own = actor.person().is_some_and(|person| Some(&person.id) == row.person_id.as_ref());
    if own || actor.may_everywhere(Act::ManagePeople) {
        return Ok(true);
    }
    let Some(automation) = &row.automation_id else { return Ok(false) };
    let automation = sight::promised(automations::find(connection, automation))?;
    Ok(actor.may(Act::ManageRegistry, &automation.site_id))
}

/// Revokes a token.
pub fn revoke(desk: &Desk, actor: &Actor, id: &str) -> Result<(), Failure> {
    withdraw(&desk.in_passing(), actor, id).map(drop)
}

/// Like [`revoke`]; says since when.
pub fn withdraw(desk: &Desk, actor: &Actor, id: &str) -> Result<Withdrawn, Failure> {
    desk.answered_before()?;
    let (id, actor_copy) = (TokenId::from_text(id), actor.clone());
    desk.answer(actor, move |tx| {
        let mut row = tokens::find(tx.connection(), &id)?;
        if !may_revoke(tx.connection(), &actor_copy, &row)? {
            return Err(Failure::NotFound);
        }
        let revoked_at = match row.revoked_at {
            Some(at) => at,
            None => {
                row.revoked_at = Some(tx.now());
                tx.update(Verb::Revoked, &row)?;
                tx.now()
            }
        };
        Ok(Withdrawn { id: row.id.to_string(), revoked_at: revoked_at.rfc3339() })
    })
}

/// Who is behind a token? None when it is unknown, revoked, over, or of somebody who was shut out.
pub fn actor(connection: &mut Connection, desk: &Desk, token: &str) -> Result<Option<Actor>, Failure> {
    let Some(row) = tokens::by_hash(connection, &hash_of(token))? else { return Ok(None) };
    if !works(&row, desk.now()) {
        return Ok(None);
    }
    if let Some(person) = &row.person_id {
        let person = sight::promised(people::find(connection, person))?;
        let grants = people::grants_of(connection, &person.id)?;
        return match of_person(&row, &person, &grants) {
            Some(Actor::Person(acting)) => {
                Ok(Some(Actor::Person(training::narrowed(connection, desk, acting, &grants)?)))
            }
            other => Ok(other),
        };
    }
    let Some(automation) = &row.automation_id else { return Ok(None) };
    Ok(Some(of_automation(&row, &sight::promised(automations::find(connection, automation))?)))
}

/// Is the token neither revoked nor over?
pub(super) fn works(row: &TokenRow, now: Moment) -> bool {
    row.revoked_at.is_none() && now < row.expires_at
}

/// The person behind a token that works, with its limits; none when they were shut out.
pub(super) fn of_person<'a>(
    row: &TokenRow,
    person: &PersonRow,
    grants: impl IntoIterator<Item = &'a GrantRow>,
) -> Option<Actor> {
    person.active.then(|| {
        let mut acting = person.with_grants(grants);
        acting.scopes = (!row.scopes.is_empty()).then(|| row.scopes.to_vec());
        acting.token = Some(row.id.clone());
        Actor::Person(acting)
    })
}

/// The automation behind a token that works.
pub(super) fn of_automation(row: &TokenRow, automation: &AutomationRow) -> Actor {
    Actor::Automation { id: automation.id.clone(), site: automation.site_id.clone(), token: row.id.clone() }
}
