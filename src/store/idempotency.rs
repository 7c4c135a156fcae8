//! First answers, kept so that a repeated request gets the same one. Keys and bodies are kept as keyed hashes only.

use super::schema::idempotency;
use super::{Connection, Error, Tx};
use crate::domain::moment::Moment;
use diesel::prelude::*;

/// A request that came with an `Idempotency-Key`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotency, treat_none_as_default_value = false)]
pub struct FirstAnswer {
    /// Keyed hash of actor, path and key.
    pub key_hash: String,
    /// Keyed hash of the body.
    pub request_hash: String,
    /// Status of the first answer.
    pub status: i32,
    /// Its `Location`.
    pub location: Option<String>,
    /// Its body, encrypted.
    pub answer: String,
    /// When it is forgotten.
    pub expires_at: Moment,
}

/// The first answer to this key.
pub fn find(connection: &mut Connection, key_hash: &str) -> Result<Option<FirstAnswer>, Error> {
    Ok(idempotency::table.find(key_hash).select(FirstAnswer::as_select()).first(connection).optional()?)
}

/// Keeps the first answer, in the transaction of the act that it answers; [`Error::Exists`] when another request
/// with the same key was faster.
pub fn keep(tx: &mut Tx, row: &FirstAnswer) -> Result<(), Error> {
    diesel::insert_into(idempotency::table).values(row).execute(tx.connection())?;
    Ok(())
}

/// Forgets answers whose time is over.
pub fn forget_expired(tx: &mut Tx) -> Result<usize, Error> {
    let now = tx.now();
    Ok(diesel::delete(idempotency::table.filter(idempotency::expires_at.lt(now))).execute(tx.connection())?)
}
