//! People and the roles they hold.

use super::record::record;
use super::schema::{grants, people};
use super::{Connection, Error};
use crate::domain::ids::{GrantId, PersonId, SiteId};
use crate::domain::moment::Moment;
use crate::domain::person::{Grant, PersonActor, Role, SYSTEM_PERSON};
use diesel::prelude::*;
use std::collections::HashMap;

/// A person who signs in.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = people, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PersonRow {
    /// Primary key.
    pub id: PersonId,
    /// Address they sign in with, in lower case.
    pub email: String,
    /// Name shown to others.
    pub name: String,
    /// Argon2id in PHC form; none until a password is set.
    pub password_hash: Option<String>,
    /// False: cannot sign in, tokens do not work, owns nothing.
    pub active: bool,
    /// When they were added.
    pub created_at: Moment,
}
record!(PersonRow, people);

/// A role held by a person.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset, serde::Serialize)]
#[diesel(table_name = grants, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct GrantRow {
    /// Primary key.
    pub id: GrantId,
    /// Who holds it.
    pub person_id: PersonId,
    /// The role.
    pub role: Role,
    /// Where; none: on every site.
    pub site_id: Option<SiteId>,
    /// Since when.
    pub granted_at: Moment,
    /// Until when; none: still.
    pub revoked_at: Option<Moment>,
}
record!(GrantRow, grants);

/// The person with this id.
pub fn find(connection: &mut Connection, id: &PersonId) -> Result<PersonRow, Error> {
    Ok(people::table.find(id).select(PersonRow::as_select()).first(connection)?)
}

/// The person with this address, in any case.
pub fn by_email(connection: &mut Connection, email: &str) -> Result<Option<PersonRow>, Error> {
    Ok(people::table
        .filter(people::email.eq(email.trim().to_lowercase()))
        .select(PersonRow::as_select())
        .first(connection)
        .optional()?)
}

/// Everybody, by name.
pub fn list(connection: &mut Connection) -> Result<Vec<PersonRow>, Error> {
    Ok(people::table
        .filter(people::id.ne(PersonId::from_text(SYSTEM_PERSON)))
        .order((people::name.asc(), people::id.asc()))
        .select(PersonRow::as_select())
        .load(connection)?)
}

/// Is there nobody yet?
pub fn is_empty(connection: &mut Connection) -> Result<bool, Error> {
    let anybody = people::table.filter(people::id.ne(PersonId::from_text(SYSTEM_PERSON))).select(people::id);
    Ok(anybody.first::<PersonId>(connection).optional()?.is_none())
}

/// The roles that a person holds now.
pub fn grants_of(connection: &mut Connection, person: &PersonId) -> Result<Vec<GrantRow>, Error> {
    Ok(grants::table
        .filter(grants::person_id.eq(person).and(grants::revoked_at.is_null()))
        .order(grants::id.asc())
        .select(GrantRow::as_select())
        .load(connection)?)
}

/// Every role that a person holds or ever held, oldest first.
pub fn grants_ever(connection: &mut Connection, person: &PersonId) -> Result<Vec<GrantRow>, Error> {
    Ok(grants::table
        .filter(grants::person_id.eq(person))
        .order(grants::id.asc())
        .select(GrantRow::as_select())
        .load(connection)?)
}

/// All roles that are held now, by anybody.
pub fn all_grants(connection: &mut Connection) -> Result<Vec<GrantRow>, Error> {
    Ok(grants::table.filter(grants::revoked_at.is_null()).select(GrantRow::as_select()).load(connection)?)
}

/// Everybody who is active, by name, as actors without limits of a token.
pub fn actors(connection: &mut Connection) -> Result<Vec<PersonActor>, Error> {
    let mut held: HashMap<PersonId, Vec<GrantRow>> = HashMap::new();
    for grant in all_grants(connection)? {
        held.entry(grant.person_id.clone()).or_default().push(grant);
    }
    let active = list(connection)?.into_iter().filter(|person| person.active);
    Ok(active.map(|person| person.with_grants(held.get(&person.id).into_iter().flatten())).collect())
}

/// The person as an actor, without limits of a token.
pub fn as_actor(connection: &mut Connection, person: &PersonRow) -> Result<PersonActor, Error> {
    Ok(person.with_grants(&grants_of(connection, &person.id)?))
}

impl PersonRow {
    /// The person as an actor who holds these roles, without limits of a token.
    pub fn with_grants<'a>(&self, grants: impl IntoIterator<Item = &'a GrantRow>) -> PersonActor {
        let grants = grants.into_iter().map(|grant| Grant { role: grant.role, site: grant.site_id.clone() });
        PersonActor {
            id: self.id.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            grants: grants.collect(),
            scopes: None,
            token: None,
            narrowed: Vec::new(),
        }
    }
}
