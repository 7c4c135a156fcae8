//! API tokens: only their hashes.

use super::record::record;
use super::schema::tokens;
use super::{Connection, Error, Json};
use crate::domain::ids::{AutomationId, PersonId, TokenId};
use crate::domain::moment::Moment;
use crate::domain::person::Scope;
use diesel::prelude::*;

/// A token of a person or of an automation.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = tokens, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct TokenRow {
    /// Primary key.
    pub id: TokenId,
    /// What its owner calls it.
    pub name: String,
    /// SHA-256 of the token, hexadecimal. A token is 256 random bits: nothing is gained by a slow hash.
    pub hash: String,
    /// The person it acts for.
    pub person_id: Option<PersonId>,
    /// Or the automation.
    pub automation_id: Option<AutomationId>,
    /// Its limits; empty: all of the role.
    pub scopes: Json<Vec<Scope>>,
    /// When it was made.
    pub created_at: Moment,
    /// When it ends by itself.
    pub expires_at: Moment,
    /// When it was revoked.
    pub revoked_at: Option<Moment>,
}
record!(TokenRow, tokens);

/// The token with this hash, whether or not it still works.
pub fn by_hash(connection: &mut Connection, hash: &str) -> Result<Option<TokenRow>, Error> {
    Ok(tokens::table.filter(tokens::hash.eq(hash)).select(TokenRow::as_select()).first(connection).optional()?)
}

/// The token with this id.
pub fn find(connection: &mut Connection, id: &TokenId) -> Result<TokenRow, Error> {
    Ok(tokens::table.find(id).select(TokenRow::as_select()).first(connection)?)
}

/// The tokens of a person, newest first.
pub fn of_person(connection: &mut Connection, person: &PersonId) -> Result<Vec<TokenRow>, Error> {
    Ok(tokens::table
        .filter(tokens::person_id.eq(person))
        .order(tokens::id.desc())
        .select(TokenRow::as_select())
        .load(connection)?)
}

/// The tokens of an automation, newest first.
pub fn of_automation(connection: &mut Connection, automation: &AutomationId) -> Result<Vec<TokenRow>, Error> {
    Ok(tokens::table
        .filter(tokens::automation_id.eq(automation))
        .order(tokens::id.desc())
        .select(TokenRow::as_select())
        .load(connection)?)
}

/// All tokens, newest first.
pub fn list(connection: &mut Connection) -> Result<Vec<TokenRow>, Error> {
    Ok(tokens::table.order(tokens::id.desc()).select(TokenRow::as_select()).load(connection)?)
}
