//! Sessions of people who signed in, and the one-time link of the first administrator. Only hashes are kept.

use super::schema::{people, sessions, setup_links};
use super::{Connection, Error, Tx};
use crate::domain::ids::PersonId;
use crate::domain::moment::Moment;
use diesel::prelude::*;

/// A session on this server.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
pub struct SessionRow {
    /// SHA-256 of the cookie's value.
    pub hash: String,
    /// Who signed in.
    pub person_id: PersonId,
    /// When.
    pub created_at: Moment,
    /// Last use, to about a minute.
    pub seen_at: Moment,
    /// End, whatever happens.
    pub expires_at: Moment,
}

/// The session and the person behind a cookie; only of active people.
pub fn find(connection: &mut Connection, hash: &str) -> Result<Option<(SessionRow, super::people::PersonRow)>, Error> {
    Ok(sessions::table
        .inner_join(people::table.on(people::id.eq(sessions::person_id)))
        .filter(sessions::hash.eq(hash).and(people::active.eq(true)))
        .select((SessionRow::as_select(), super::people::PersonRow::as_select()))
        .first(connection)
        .optional()?)
}

/// Begins a session.
pub fn begin(tx: &mut Tx, session: &SessionRow) -> Result<(), Error> {
    diesel::insert_into(sessions::table).values(session).execute(tx.connection())?;
    Ok(())
}

/// Notes that a session is in use.
pub fn touch(tx: &mut Tx, hash: &str) -> Result<(), Error> {
    let now = tx.now();
    diesel::update(sessions::table.find(hash)).set(sessions::seen_at.eq(now)).execute(tx.connection())?;
    Ok(())
}

/// The sessions of a person, those that are over among them.
pub fn of_person(connection: &mut Connection, person: &PersonId) -> Result<Vec<SessionRow>, Error> {
    Ok(sessions::table.filter(sessions::person_id.eq(person)).select(SessionRow::as_select()).load(connection)?)
}

/// Ends a session.
pub fn end(tx: &mut Tx, hash: &str) -> Result<(), Error> {
    diesel::delete(sessions::table.find(hash)).execute(tx.connection())?;
    Ok(())
}

/// Ends all sessions of a person but one.
pub fn end_all(tx: &mut Tx, person: &PersonId, but: Option<&str>) -> Result<(), Error> {
    diesel::delete(
        sessions::table.filter(sessions::person_id.eq(person).and(sessions::hash.ne(but.unwrap_or_default()))),
    )
    .execute(tx.connection())?;
    Ok(())
}

/// Forgets sessions that are long over.
pub fn forget_expired(tx: &mut Tx, before: Moment) -> Result<usize, Error> {
    Ok(diesel::delete(sessions::table.filter(sessions::expires_at.lt(before))).execute(tx.connection())?)
}

/// Keeps a one-time link in place of all earlier ones.
pub fn keep_setup_link(tx: &mut Tx, hash: &str, expires_at: Moment) -> Result<(), Error> {
    diesel::delete(setup_links::table).execute(tx.connection())?;
    diesel::insert_into(setup_links::table)
        .values((setup_links::hash.eq(hash), setup_links::expires_at.eq(expires_at)))
        .execute(tx.connection())?;
    Ok(())
}

/// Is this a link that still works?
pub fn setup_link_works(connection: &mut Connection, hash: &str, now: Moment) -> Result<bool, Error> {
    let found: Option<String> = setup_links::table
        .find(hash)
        .filter(setup_links::expires_at.gt(now))
        .select(setup_links::hash)
        .first(connection)
        .optional()?;
    Ok(found.is_some())
}

/// Uses the link up.
pub fn use_setup_link(tx: &mut Tx, hash: &str) -> Result<(), Error> {
    diesel::delete(setup_links::table.find(hash)).execute(tx.connection())?;
    Ok(())
}
