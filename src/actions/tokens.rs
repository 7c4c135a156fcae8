//! API tokens: shown once, stored hashed, scoped, expiring, revocable.

use super::sign_in::{fresh_secret, hash_of};
use super::{Desk, Failure, sight};
use crate::domain::ids::TokenId;
use crate::domain::incident::clean_line;
use crate::domain::person::{Act, Actor, Scope};
use crate::store::tokens::{self, TokenRow};
use crate::store::{Connection, Json, Verb, automations, people};
use chrono::Duration;

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

/// Makes a token and returns it: the only time it is seen.
pub fn add(
    desk: &Desk,
    actor: &Actor,
    holder: &Holder,
    name: &str,
    scopes: Vec<Scope>,
    days: Option<i64>,
) -> Result<String, Failure> {
    let name = clean_line(name);
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Failure::field("name", "Say what the token is for, in at most 100 characters."));
    }
    let days = days.unwrap_or(desk.limits.token_days);
    if !(1..=3650).contains(&days) {
        return Err(Failure::field("days", "Use a number of days from 1 to 3650."));
    }
    refuse_wider(actor, &scopes)?;
    let token = format!("{PREFIX}{}", fresh_secret()?);
    let (hash, holder, actor_copy) = (hash_of(&token), holder.clone(), actor.clone());
    desk.write(actor, move |tx| {
        let mut scopes = scopes;
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
                // Its limits are fixed, whatever was asked for: the table of acts gives an automation no more.
                scopes = vec![Scope::Gate, Scope::Runs];
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
        Ok(tx.insert(Verb::Created, &row)?)
    })?;
    Ok(token)
}

/// A token never makes one that may do more than itself.
fn refuse_wider(actor: &Actor, scopes: &[Scope]) -> Result<(), Failure> {
    let Some(limits) = actor.person().and_then(|person| person.scopes.as_ref()) else { return Ok(()) };
    if !scopes.is_empty() && scopes.iter().all(|scope| limits.contains(scope)) {
        return Ok(());
    }
    Err(Failure::Forbidden("This token is limited; it makes tokens within its own scopes only. Name them.".into()))
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
    let (id, actor_copy) = (TokenId::from_text(id), actor.clone());
    desk.write(actor, move |tx| {
        let mut row = tokens::find(tx.connection(), &id)?;
        if !may_revoke(tx.connection(), &actor_copy, &row)? {
            return Err(Failure::NotFound);
        }
        if row.revoked_at.is_none() {
            row.revoked_at = Some(tx.now());
            tx.update(Verb::Revoked, &row)?;
        }
        Ok(())
    })
}

/// Who is behind a token? None when it is unknown, revoked, over, or of somebody who was shut out.
pub fn actor(connection: &mut Connection, desk: &Desk, token: &str) -> Result<Option<Actor>, Failure> {
    let Some(row) = tokens::by_hash(connection, &hash_of(token))? else { return Ok(None) };
    if row.revoked_at.is_some() || row.expires_at <= desk.now() {
        return Ok(None);
    }
    if let Some(person) = &row.person_id {
        let person = sight::promised(people::find(connection, person))?;
        if !person.active {
            return Ok(None);
        }
        let mut acting = people::as_actor(connection, &person)?;
        acting.scopes = (!row.scopes.is_empty()).then(|| row.scopes.to_vec());
        acting.token = Some(row.id);
        return Ok(Some(Actor::Person(acting)));
    }
    let Some(automation) = &row.automation_id else { return Ok(None) };
    let automation = sight::promised(automations::find(connection, automation))?;
    Ok(Some(Actor::Automation { id: automation.id, site: automation.site_id, token: row.id }))
}
